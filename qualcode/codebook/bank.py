"""Example banks: many utterances for each code, in a file beside the codebook, for coders that learn from examples.

A codebook keeps the few examples that teach a person; a bank keeps the many that teach a machine. The file is called
``NAME.examples.yaml`` beside ``NAME.yaml``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from qualcode.codebook.bank_reading import read_bank
from qualcode.codebook.catalogue import BANK_SUFFIX, shipped_names, shipped_path
from qualcode.codebook.findings import Findings
from qualcode.errors import CodebookError, Place, Problem
from qualcode.model.codes import Codebook

__all__ = [
    "BANK_SCHEMA",
    "BankExample",
    "ExampleBank",
    "Hand",
    "Kind",
    "NoneExample",
    "bank_beside",
    "bank_path",
    "fitted",
    "load_bank",
    "parse_bank",
    "wrong_book",
]

BANK_SCHEMA = "qualcode-examples/1"

Kind = Literal["typical", "atypical", "near_miss"]


@dataclass(frozen=True, slots=True)
class Hand:
    """Who wrote examples, and in a line what they were asked to write."""

    id: str
    brief: str


@dataclass(frozen=True, slots=True)
class BankExample:
    """One utterance for a code.

    Attributes:
        kind: ``typical`` and ``atypical`` ones are the code; a ``near_miss`` only sounds like it.
        also: ids of the other codes that it is.
        denial: it tells of the practice's absence or failure; it is about the code all the same.
        plain: it uses the code's obvious words.
        hand: id of who wrote it.
        line, column: where it stands in the file (from 1).
    """

    id: str
    code: str
    kind: Kind
    text: str
    also: tuple[str, ...] = ()
    denial: bool = False
    plain: bool = False
    hand: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class NoneExample:
    """One utterance that carries no code at all; ``sort`` says what it is instead: small talk, a trap, a hedge …"""

    id: str
    sort: str
    text: str
    hand: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class ExampleBank:
    """The examples of one codebook, in the file's order.

    Attributes:
        codebook: id of the codebook that they were written for.
        warnings: what was passed over because the codebook does not have it any longer.
        sha256: of the file as read.
    """

    codebook: str
    hands: tuple[Hand, ...]
    examples: tuple[BankExample, ...]
    none: tuple[NoneExample, ...]
    warnings: tuple[Problem, ...] = ()
    path: str | None = None
    sha256: str = ""

    def of(self, code_id: str) -> tuple[BankExample, ...]:
        """Return the examples that were written for a code."""
        return tuple(each for each in self.examples if each.code == code_id)


def bank_beside(book: Path) -> Path | None:
    """Return the bank's file beside a codebook's file, ``None`` when there is none."""
    beside = book.with_name(f"{book.stem}{BANK_SUFFIX}.yaml")
    return beside if beside.is_file() else None


def bank_path(codebook: Codebook) -> Path | None:
    """Return the bank's file beside the codebook's, else that of the shipped book with the same id, else ``None``."""
    books = (None if codebook.path is None else Path(codebook.path), shipped_path(codebook.id))
    return next((bank for book in books if book is not None and (bank := bank_beside(book)) is not None), None)


def load_bank(codebook: Codebook) -> ExampleBank | None:
    """Return the examples for a codebook, ``None`` when there are none.

    They are in the file beside it; for a project's copy of a shipped book, in the shipped bank of the same id; for a
    shipped book without a bank, in that of a book with a crosswalk to it. Examples of a code that was replaced are
    its successor's; those of a code that is gone are passed over with a warning.

    Raises:
        CodebookError: with everything that is wrong with the file, each with its line.
    """
    path = bank_path(codebook)
    if path is None:
        return _by_crosswalk(codebook)
    bank = _read(path)
    if bank.codebook != codebook.id:
        problem = wrong_book(bank, codebook)
        raise CodebookError("QC-C000", "this example bank has a problem:", where=str(path), problems=[problem])
    return fitted(bank, codebook)


@lru_cache(maxsize=4)  # reading takes longer than all else that a coder does with a bank
def parse_bank(data: bytes, *, file: str) -> ExampleBank:
    """Return the bank in the bytes of a file, as it is written; ``file`` is its name in messages.

    Raises:
        CodebookError: with everything that is wrong with it.
    """
    findings = Findings(file)
    content = read_bank(data, file, findings)
    findings.raise_if_any()
    return ExampleBank(
        codebook=content.codebook,
        hands=tuple(Hand(each.text("id"), each.text("brief")) for each in content.hands),
        examples=tuple(
            BankExample(
                each.text("id"), each.text("code"), each.kind, each.text("text"), each.names("also"),
                each.flag("denial"), each.flag("plain"), each.text("hand"), each.line,
                each.column,
            )
            for each in content.examples
        ),
        none=tuple(
            NoneExample(
                each.text("id"), each.text("sort"), each.text("text"), each.text("hand"), each.line, each.column,
            )
            for each in content.none
        ),
        path=file,
        sha256=hashlib.sha256(data).hexdigest(),
    )  # fmt: skip


def wrong_book(bank: ExampleBank, codebook: Codebook) -> Problem:
    """Return what is wrong with a bank beside a codebook that it was not written for."""
    return Problem(
        "QC-C130",
        f"this bank is for the codebook {bank.codebook!r}, and the codebook beside it is {codebook.id!r}.",
        Place(bank.path or ""),
        "Rename one of the files, or mend 'codebook:'.",
    )


def _read(path: Path) -> ExampleBank:
    from qualcode.codebook.load import read_bytes

    return parse_bank(read_bytes(path), file=str(path))


def fitted(bank: ExampleBank, codebook: Codebook) -> ExampleBank:
    """Return the bank with the codes that the codebook has now; its ``warnings`` tell what is passed over."""
    successors = {code.id: code.replaced_by for code in codebook if code.replaced_by is not None}
    codable = {code.id for code in codebook if code.codable and code.status != "retired"}

    def now(code: str) -> str | None:
        met: set[str] = set()
        while code not in codable and code in successors and code not in met:
            met.add(code)
            code = successors[code]
        return code if code in codable else None

    kept: list[BankExample] = []
    gone: dict[str, list[BankExample]] = {}
    for each in bank.examples:
        code = now(each.code)
        if code is None:
            gone.setdefault(each.code, []).append(each)
            continue
        also = tuple(dict.fromkeys(found for name in each.also if (found := now(name)) not in {None, code}))
        kept.append(replace(each, code=code, also=tuple(name for name in also if name is not None)))
    warnings = tuple(
        Problem(
            "QC-C136",
            f"the codebook has no code {code!r} to apply; {len(lost)} of its examples are passed over.",
            Place(bank.path or "", lost[0].line, lost[0].column),
            "Say in the codebook which code replaced it, or remove them.",
            "warning",
        )
        for code, lost in gone.items()
    )
    return replace(bank, examples=tuple(kept), warnings=warnings)


def _by_crosswalk(codebook: Codebook) -> ExampleBank | None:
    """Return a shipped bank with its codes translated into those of another shipped book.

    Only where every passage of the one code is one of the other (exact, or the other is broader); a near miss only
    where the codes are the same.
    """
    from qualcode.codebook.load import load_codebook

    for name in shipped_names():
        path = shipped_path(name)
        if path is None or name == codebook.id or not path.with_name(f"{name}{BANK_SUFFIX}.yaml").is_file():
            continue
        source = load_codebook(name, queries=False)
        links = [link for walk in source.crosswalks if walk.to == codebook.id for link in walk.links]
        if links:
            bank = load_bank(source)
            same = {link.source: link.target for link in links if link.relation == "exact"}
            within = same | {link.source: link.target for link in links if link.relation == "broad"}
            return None if bank is None else fitted(_translated(bank, codebook.id, same, within), codebook)
    return None


def _translated(bank: ExampleBank, to: str, same: MappingOf[str, str], within: MappingOf[str, str]) -> ExampleBank:
    kept: list[BankExample] = []
    for each in bank.examples:
        code = (same if each.kind == "near_miss" else within).get(each.code)
        also: SequenceOf[str] = [within[name] for name in each.also if name in within]
        if code is not None:
            others = tuple(dict.fromkeys(name for name in also if name != code))
            kept.append(replace(each, code=code, also=others))
    return replace(bank, codebook=to, examples=tuple(kept))
