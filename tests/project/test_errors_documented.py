"""Every error code that these rooms raise stands in the documentation, and every one there is raised."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_error_codes_and_documentation_agree() -> None:
    raised: set[str] = set()
    for room in ("store", "ledger", "review", "project", "cli", "notebook"):
        for path in (ROOT / "qualcode" / room).rglob("*.py"):
            raised |= set(re.findall(r"\"(QC-[A-Z]\d{3})\"", path.read_text(encoding="utf-8")))
    told = (ROOT / "docs" / "errors-project.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| (QC-[A-Z]\d{3}) \|", told, re.MULTILINE))
    shared = {"QC-A004", "QC-C001", "QC-C023"}  # of the rooms below, where they are documented
    assert raised - shared == documented
