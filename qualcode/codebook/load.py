"""Reading a codebook, a file or a shipped book by its name: a :class:`Codebook`, or one error with all problems."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.codebook.findings import Findings, did_you_mean
from qualcode.errors import CodebookError, Place, Problem
from qualcode.model.codes import Codebook

if TYPE_CHECKING:
    from qualcode.codebook.reading import Sheet
    from qualcode.codebook.schema import BookEntry

__all__ = [
    "ALL_VARIANTS",
    "Examined",
    "LoadResult",
    "build",
    "examine",
    "find_codebook",
    "load_codebook",
    "load_with_warnings",
    "parse_codebook",
    "read_bytes",
]

_SCHEMA = "qualcode-codebook/1"

ALL_VARIANTS = "all"
"""Asked for instead of a variant: the codes of every variant together, each with its first definition."""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """A codebook that can be used, and what is doubtful about it."""

    codebook: Codebook
    warnings: tuple[Problem, ...]


def load_codebook(name_or_path: str | Path, *, variant: str | None = None, queries: bool = True) -> Codebook:
    """Return a codebook that is sound: ids unique, parents known, rules that parse.

    Args:
        name_or_path: a file, or the name of a shipped book; ``name@variant`` asks for a variant.
        variant: the dated edition, if not in the name; without either the book's ``default_variant``.
            ``"all"`` gives the codes of every variant together.
        queries: whether rules are parsed; without, a book is there much sooner for whoever only needs its codes, and
            what is wrong with a rule is told when it is run.

    Raises:
        CodebookError: QC-C001 to QC-C003 when there is no such book or it cannot be read; else with
            ``problems``, everything that is wrong with the file, each with its line and column.
    """
    return load_with_warnings(name_or_path, variant=variant, queries=queries).codebook


def load_with_warnings(name_or_path: str | Path, *, variant: str | None = None, queries: bool = True) -> LoadResult:
    """Return what :func:`load_codebook` returns, with the warnings that ``codebook check`` prints."""
    path, named = find_codebook(name_or_path)
    if named is not None and variant is not None and named != variant:
        message = f"two variants are asked for: {named!r} in the name and {variant!r} beside it."
        raise CodebookError("QC-C025", message, where=str(name_or_path), hint="Ask for one.")
    data = read_bytes(path)
    return parse_codebook(data, file=str(path), variant=variant if variant is not None else named, queries=queries)


def find_codebook(name_or_path: str | Path) -> tuple[Path, str | None]:
    """Return the file that a name or path stands for, and the variant that it names after ``@``, if any.

    A string is a shipped book's name if there is one, and a path otherwise.
    """
    from qualcode.codebook.catalogue import shipped_names, shipped_path

    text = str(name_or_path)
    if not text:
        raise CodebookError("QC-C001", "the name of the codebook is empty", hint="See: qualcode codebook list")
    head, at, tail = text.rpartition("@")
    candidates: list[tuple[str, str | None]] = [(text, None)]
    if at and head and tail:
        candidates.append((head, tail))
    for name, variant in candidates:
        if isinstance(name_or_path, str):
            shipped = shipped_path(name)
            if shipped is not None:
                return shipped, variant
        if Path(name).is_file():
            return Path(name), variant
    if Path(text).is_dir():
        files = sorted(each for pattern in ("*.yaml", "codebooks/*.yaml") for each in Path(text).glob(pattern))
        books = [str(each) for each in files if each.name != "qualcode.yaml"]
        raise CodebookError("QC-C001", "this is a folder, not a codebook file", where=text,
                            hint=f"Name a file in it: {', '.join(books[:5])}" if books else None)  # fmt: skip
    if "/" in text or "\\" in text or text.endswith((".yaml", ".yml")):
        raise CodebookError("QC-C001", "there is no such file", where=text)
    known = shipped_names()
    hint = did_you_mean(candidates[-1][0], known) or f"Shipped codebooks: {', '.join(known) or 'none'}."
    raise CodebookError("QC-C001", f"there is no codebook called {text!r}, and no such file.", hint=hint)


@dataclass(frozen=True, slots=True)
class Examined:
    """A codebook file after all checks: ``book`` is only to be used when ``findings`` has no problems."""

    book: BookEntry | None
    sheet: Sheet
    findings: Findings


def examine(data: bytes, *, file: str, queries: bool = True) -> Examined:
    """Return what is in the bytes of a codebook file, with everything that is wrong or doubtful about it.

    Rules are looked at only with ``queries``.

    Raises:
        CodebookError: QC-C002 to QC-C005, QC-C007 and QC-C008, for a file in which nothing more can be looked for.
    """
    from qualcode.codebook.nodes import Mapping, compose
    from qualcode.codebook.reading import read_sheet

    text = _decode(data, file)
    root = compose(text, file)
    if root is None:
        hint = "qualcode codebook new writes a first one."
        raise CodebookError("QC-C003", "this file is empty.", where=file, hint=hint)
    findings = Findings(file)
    sheet = read_sheet(root, text, file, findings)
    if not isinstance(root, Mapping) or not {"schema", "codes"} & set(sheet.root.keys):
        hint = f"A codebook begins with schema: {_SCHEMA} and has a list codes:."
        raise CodebookError("QC-C005", "this is YAML, but not a codebook.", where=Place(file, 1, 1), hint=hint)
    written = sheet.data.get("schema")
    if isinstance(written, str) and written != _SCHEMA and written.startswith("qualcode-codebook/"):
        message = f"this codebook has the form {written!r}; this qualcode reads {_SCHEMA}."
        raise CodebookError("QC-C008", message, where=sheet.place(("schema",)), hint="Use a newer qualcode.")
    from qualcode.codebook.border import read_book
    from qualcode.codebook.queries import check_queries
    from qualcode.codebook.references import check_references

    book = read_book(sheet, findings)
    if book is not None:
        check_references(book, sheet, findings)
        if queries:
            check_queries(book, sheet, findings)
    return Examined(book, sheet, findings)


@lru_cache(maxsize=8)  # a project asks for its books at every step, and they seldom change between two
def parse_codebook(data: bytes, *, file: str, variant: str | None = None, queries: bool = True) -> LoadResult:
    """Return the codebook in the bytes of a file; ``file`` is its name in messages and in ``Codebook.path``."""
    examined = examine(data, file=file, queries=queries)
    examined.findings.raise_if_any()
    return LoadResult(build(examined, data, variant=variant), examined.findings.warnings)


def build(examined: Examined, data: bytes, *, variant: str | None) -> Codebook:
    """Return one variant of a book without problems; raises QC-C025 when it has no such variant."""
    from qualcode.codebook.build import build_codebook

    book, file = examined.book, examined.sheet.file
    if book is None:
        raise AssertionError("a codebook without problems has no entries")
    chosen = _variant(variant, book.default_variant, [each.id for each in book.variants], file)
    sha256 = hashlib.sha256(data).hexdigest()
    return build_codebook(book, examined.sheet, variant=chosen, path=file, sha256=sha256)


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file; raises :class:`CodebookError` QC-C001 when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CodebookError("QC-C001", f"this file cannot be read: {reason}", where=str(path)) from error


def _decode(data: bytes, file: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        place = Place(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        message = f"this file is not UTF-8 text (byte 0x{data[error.start]:02X})."
        hint = "Save it as UTF-8 in your editor."
        raise CodebookError("QC-C002", message, where=place, hint=hint) from None
    return text


def _variant(asked: str | None, default: str | None, known: list[str], file: str) -> str | None:
    if asked == ALL_VARIANTS:
        return None
    if asked is None:
        return default
    if asked not in known:
        listed = f"Variants: {', '.join(known)}." if known else "The book has no variants."
        hint = did_you_mean(asked, known) or listed
        raise CodebookError("QC-C025", f"the codebook has no variant {asked!r}.", where=file, hint=hint)
    return asked
