"""The report as one HTML page: no script, nothing loaded from anywhere, readable on screen and on paper."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from qualcode.errors import ExportError
from qualcode.model.textgrid import plain
from qualcode.report.model import Report

__all__ = ["render_html", "rendered", "write_html"]


def render_html(report: Report) -> str:
    """Return the whole page. Text from transcripts, codebooks and file names is shown as text, whatever it holds."""
    return rendered("report.html.j2", report=report)


def rendered(template: str, **values: object) -> str:
    """Return a template of this package filled in; all values are shown as text, never taken for markup."""
    return str(_environment().get_template(template).render(**values))


def write_html(report: Report, path: Path | str) -> None:
    """Write the page, replacing a file there in one step.

    Raises:
        ExportError: QC-E001 when it cannot be written; what was there stays.
    """
    path = Path(path)
    page = render_html(report).encode("utf-8")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(page)
        draft.replace(path)
    except OSError as problem:
        draft.unlink(missing_ok=True)
        raise ExportError("QC-E001", f"the report cannot be written: {problem.strerror or problem}", where=path.name,
                          hint="Close it in other programs, or write to another folder.") from problem  # fmt: skip


def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _shown(value: object) -> object:
    """Make a value fit to be shown: thousands in numbers, no character that commands the page."""
    from markupsafe import Markup

    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return value
