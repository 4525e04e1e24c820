"""A group of commands that answers a name it does not have with one that is like it, and lists them under headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

__all__ = ["HelpfulGroup"]


class HelpfulGroup(click.Group):
    """A click group that says "Did you mean", and lists its commands under ``headings`` (heading → names)."""

    def __init__(self, *arguments: Any, headings: Mapping[str, Sequence[str]] | None = None, **others: Any) -> None:
        super().__init__(*arguments, **others)
        self.headings: Mapping[str, Sequence[str]] = headings or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the headings when there are any."""
        return [name for names in self.headings.values() for name in names] or super().list_commands(ctx)

    def told(self, ctx: click.Context, name: str) -> str:
        """Return what the list of commands says of one."""
        command = self.get_command(ctx, name)
        return command.get_short_help_str(100) if command is not None else ""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, heading by heading."""
        parts = self.headings or {"Commands": self.list_commands(ctx)}
        wide = max(len(name) for names in parts.values() for name in names)
        for heading, names in parts.items():
            with formatter.section(heading):
                formatter.write_dl([(f"{name:<{wide}}", self.told(ctx, name)) for name in names])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called; raises click's usage error for a name that is not there."""
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, known, n=1)
            meant = f"Did you mean {near[0]!r}?" if near else f"Commands: {', '.join(known)}."
            ctx.fail(f"There is no command {name!r}. {meant}")
        return super().resolve_command(ctx, args)
