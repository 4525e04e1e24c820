"""Every case of tests/cases/ingest/*.yaml: a text as a transcriber might write it, and what must be read in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from qualcode.ingest import IngestOptions, read_bytes
from qualcode.model.document import CODEABLE_KINDS, Block, Document, Span

FOLDER = Path(__file__).parents[1] / "cases" / "ingest"
CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
]


def test_there_are_cases() -> None:
    assert CASES


@pytest.mark.parametrize("case", CASES)
def test_the_case_is_read_as_it_says(case: dict[str, Any]) -> None:
    options = IngestOptions(**case.get("options", {}))
    (document,) = read_bytes(case["text"].encode(), case.get("file", "interview.txt"), options=options)
    assert {each.label: each.role for each in document.speakers} == case.get("speakers", {})
    assert turns_of(document) == case.get("turns", [])
    assert apart_of(document) == case.get("apart", [])
    assert sorted({each.code for each in document.warnings}) == sorted(case.get("warnings", []))
    if "starts" in case:
        starts = [None if each.start_ms is None else each.start_ms / 1000 for each in document.blocks
                  if each.kind in CODEABLE_KINDS]  # fmt: skip
        assert starts == case["starts"]
    if "marks" in case:
        assert [{document.quote(each.span): each.kind} for each in document.marks] == case["marks"]


def turns_of(document: Document) -> list[dict[str, str]]:
    """Return what each speaker says, blanks made one; ``nobody`` where nobody is named."""
    return [
        {names_of(document, block): speech(document, block, spans)}
        for block, spans in document.speech()
        if block.kind in CODEABLE_KINDS
    ]


def names_of(document: Document, block: Block) -> str:
    return " & ".join(document.speaker(each).label for each in block.speaker_ids) or "nobody"


def apart_of(document: Document) -> list[dict[str, str]]:
    """Return the blocks that are not coded, by kind."""
    return [
        {block.kind: " ".join(document.quote(block.span).split())}
        for block in document.blocks
        if block.kind not in CODEABLE_KINDS
    ]


def speech(document: Document, block: Block, spans: tuple[Span, ...]) -> str:
    return " ".join(" ".join(document.quote(span) for span in spans).split())
