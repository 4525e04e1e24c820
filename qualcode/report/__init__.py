"""One report model, written as a single HTML page that needs nothing else to be read."""

from __future__ import annotations

from qualcode.report.build import build_report
from qualcode.report.model import Provenance, Report
from qualcode.report.provenance import provenance
from qualcode.report.render import render_html, write_html

__all__ = ["Provenance", "Report", "build_report", "provenance", "render_html", "write_html"]
