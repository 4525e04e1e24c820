"""What ``codebook check`` says about a file: everything wrong and everything doubtful, in the order of the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.codebook.bank import ExampleBank, bank_beside
from qualcode.codebook.bank_check import check_bank
from qualcode.codebook.catalogue import code_ids, shipped_path
from qualcode.codebook.findings import Findings, did_you_mean
from qualcode.codebook.load import ALL_VARIANTS, build, examine, find_codebook, read_bytes
from qualcode.errors import CodebookError, Problem
from qualcode.model.codes import Codebook

if TYPE_CHECKING:
    from qualcode.codebook.reading import Sheet
    from qualcode.codebook.schema import BookEntry

__all__ = ["CheckResult", "check_codebook"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of a check.

    Attributes:
        problems, warnings: of the codebook, then of the example bank beside it.
        codebook: with the codes of all variants; ``None`` when there are problems in it.
        bank_path: the file of the bank beside it, ``None`` when there is none; ``bank`` is ``None`` also when it is
            refused.
    """

    path: str
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    codebook: Codebook | None
    bank_path: str | None = None
    bank: ExampleBank | None = None

    @property
    def ok(self) -> bool:
        """Return whether the codebook, and the bank beside it, can be used; warnings do not matter."""
        return not self.problems

    @property
    def return_code(self) -> int:
        """Return 0 for a codebook that can be used and 1 for one with problems."""
        return 0 if self.ok else 1

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems]
        lines += [f"{warning} (warning)" for warning in self.warnings]
        if self.codebook is not None:
            rules = sum(len(code.rules) for code in self.codebook.codes)
            what = f"{_count(len(self.codebook), 'code')} and {_count(rules, 'rule')}"
            lines.append(f"{self.path}: a sound codebook with {what}")
        else:
            own = sum(not self._of_bank(each) for each in self.problems)
            lines.append(f"{self.path}: {_count(own, 'problem')}, the codebook cannot be used")
        doubts = sum(self._of_bank(each) for each in self.warnings)
        lines[-1] += _and_warnings(len(self.warnings) - doubts)
        if self.bank is not None:
            what = f"{_count(len(self.bank.examples), 'example')} and {len(self.bank.none):,} that carry no code"
            lines.append(f"{self.bank_path}: a sound example bank with {what}{_and_warnings(doubts)}")
        elif self.bank_path is not None:
            own = sum(self._of_bank(each) for each in self.problems)
            lines.append(f"{self.bank_path}: {_count(own, 'problem')}, the example bank cannot be used")
        return "\n".join(lines) + "\n"

    def _of_bank(self, problem: Problem) -> bool:
        return self.bank_path is not None and problem.place is not None and problem.place.file == self.bank_path


def check_codebook(path: str | Path) -> CheckResult:
    """Return the problems and warnings of a codebook (a file or a shipped book's name); raises nothing for them.

    The codes of all variants are checked, and crosswalks also against the shipped books that they lead to; and the
    example bank in the file beside it, if there is one.
    """
    try:
        file, _ = find_codebook(path)
        data = read_bytes(file)
        examined = examine(data, file=str(file))
    except CodebookError as error:
        alone = (Problem(error.code, error.message, error.where, error.hint),)
        return CheckResult(str(path), error.problems or alone, (), None)
    findings = examined.findings
    if examined.book is not None:
        _crosswalk_targets(examined.book, examined.sheet, findings)
    codebook = None if findings.problems else build(examined, data, variant=ALL_VARIANTS)
    beside = bank_beside(file)
    if beside is None:
        return CheckResult(str(path), findings.problems, findings.warnings, codebook)
    bank, found = check_bank(beside, codebook)
    errors = tuple(each for each in found if each.severity == "error")
    doubts = tuple(each for each in found if each.severity == "warning")
    return CheckResult(
        str(path), findings.problems + errors, findings.warnings + doubts, codebook, str(beside), bank
    )  # fmt: skip


def _crosswalk_targets(book: BookEntry, sheet: Sheet, findings: Findings) -> None:
    for n, crosswalk in enumerate(book.crosswalks):
        target = shipped_path(crosswalk.to)
        if target is None:
            continue
        known = code_ids(target)
        for m, link in enumerate(crosswalk.links):
            if link.to not in known:
                message = f"the crosswalk leads to code {link.to!r}, which {crosswalk.to!r} does not have."
                place = sheet.place(("crosswalks", n, "links", m, "to"))
                findings.warn("QC-C112", message, place, did_you_mean(link.to, known))


def _and_warnings(number: int) -> str:
    return f"; {_count(number, 'warning')}" if number else ""


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
