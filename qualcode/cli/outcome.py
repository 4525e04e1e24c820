"""What ``run`` and ``demo`` print when they are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qualcode.cli.output import document_notes, notes, path_text, show, show_error, show_json, show_table

if TYPE_CHECKING:
    from qualcode.project import RunResult

__all__ = ["show_run"]


def show_run(ctx: click.Context, result: RunResult, *, as_json: bool, quiet: bool, dry_run: bool = False) -> None:
    """Print refused files, warnings (a line each), the theme table and where the report is.

    Ends with 1 when a file was refused.
    """
    for failure in result.failures:
        show_error(failure)
    notes(result.warnings, quiet=quiet)
    document_notes(result.coded.documents, quiet=quiet)
    if as_json:
        show_json({
            "documents": [each.name for each in result.coded.documents],
            "codings": len(result.coded),
            "themes": list(result.themes),
            "files": [str(each) for each in result.files],
            "failures": [str(each) for each in result.failures],
        })  # fmt: skip
    else:
        show_table(result.themes, "text")
        if dry_run:
            show(f"\nNothing was written. It would be: {', '.join(path_text(each) for each in result.files)}")
        else:
            show(f"\nReport: {path_text(result.report)}")
    if result.failures:
        ctx.exit(1)
