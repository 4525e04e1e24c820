"""A group of commands that answers a name it does not have with one that is like it."""

from __future__ import annotations

import click

__all__ = ["HelpfulGroup"]


class HelpfulGroup(click.Group):
    """A click group that says "Did you mean"."""

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
