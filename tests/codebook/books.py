"""Small codebooks for the tests."""

from __future__ import annotations

from pathlib import Path

from qualcode.codebook.load import parse_codebook
from qualcode.errors import CodebookError, Problem
from qualcode.model.codes import Codebook

HEAD = """\
schema: qualcode-codebook/1
id: plc
version: "1.0"
title: A test book
"""


def book(body: str) -> str:
    """Return a book's text with a head that says nothing wrong."""
    return HEAD + body


def codes(*rules: str, lexicons: str = "", more: str = "") -> str:
    """Return a book with one code A1 that has these rules, each written as it stands after the dash."""
    listed = "".join(f"      - {rule}\n" for rule in rules)
    return book(f"{lexicons}codes:\n  - id: A1\n    label: Trust\n{more}    rules:\n{listed}")


def load(text: str, *, variant: str | None = None) -> Codebook:
    """Return the codebook in a text."""
    return parse_codebook(text.encode(), file="book.yaml", variant=variant).codebook


def warnings(text: str) -> list[str]:
    """Return the codes of the warnings about a text, with their lines."""
    found = parse_codebook(text.encode(), file="book.yaml").warnings
    return [f"{each.code}:{each.place.line}" for each in found if each.place is not None]


def problems(text: str | bytes) -> tuple[Problem, ...]:
    """Return everything that is wrong with a text."""
    data = text if isinstance(text, bytes) else text.encode()
    try:
        parse_codebook(data, file="book.yaml")
    except CodebookError as error:
        return error.problems or (Problem(error.code, error.message, error.where, error.hint),)
    return ()


def told(text: str | bytes) -> list[str]:
    """Return the problems of a text as they are printed."""
    return [str(problem) for problem in problems(text)]


def write(folder: Path, text: str, name: str = "book.yaml") -> Path:
    """Return a file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
