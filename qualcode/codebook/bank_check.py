"""What is wrong or doubtful in the example bank beside a codebook: for ``codebook check``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from qualcode.codebook.bank import BankExample, ExampleBank, NoneExample, fitted, parse_bank, wrong_book
from qualcode.codebook.findings import as_sentence, did_you_mean
from qualcode.codebook.load import read_bytes
from qualcode.errors import CodebookError, Place, Problem
from qualcode.model.codes import Codebook

__all__ = ["ALIKE", "FEWEST", "REPEATED", "SHARED", "check_bank"]

REPEATED = 7
"""So many words running in an example of the codebook and in one of the bank are one example, written down twice."""
FEWEST = 8
"""Shorter items are not compared: a stock phrase (*it is what it is*) comes back by itself."""
SHARED = 4
"""Two items of a bank are compared when they share so many words running."""
ALIKE = 0.75
"""The share of words that two items have in common, in the same order, from which they are nearly the same."""


def check_bank(path: Path, codebook: Codebook | None) -> tuple[ExampleBank | None, tuple[Problem, ...]]:
    """Return a bank and everything wrong or doubtful in it, in the order of the file.

    Args:
        path: the bank's file.
        codebook: the codebook that it stands beside, ``None`` when that cannot be used; then the bank is only read.

    Returns:
        The bank, ``None`` when it is refused; and problems, whose ``severity`` says ``error`` or ``warning``.
    """
    try:
        bank = parse_bank(read_bytes(path), file=str(path))
    except CodebookError as error:
        return None, error.problems or (Problem(error.code, error.message, error.where, error.hint),)
    if codebook is None:
        return bank, ()
    if bank.codebook != codebook.id:
        return None, (wrong_book(bank, codebook),)
    found = [*fitted(bank, codebook).warnings, *_unknown(bank, codebook), *_repeated(bank, codebook), *_alike(bank)]
    return bank, tuple(sorted(found, key=_position))


def _unknown(bank: ExampleBank, codebook: Codebook) -> Iterator[Problem]:
    known = {code.id for code in codebook}
    for each in bank.examples:
        for name in each.also:
            if name not in known:
                message = f"{each.id!r} is said to be {name!r} also, a code that the codebook does not have"
                yield _doubt(
                    "QC-C139", message, bank, each, did_you_mean(name, known) or "Mend 'also', or leave it out."
                )


def _repeated(bank: ExampleBank, codebook: Codebook) -> Iterator[Problem]:
    own = {
        run: code.id
        for code in codebook
        for kind in (code.examples.typical, code.examples.atypical, code.examples.near_miss)
        for example in kind
        for run in _runs(_words(example.text), REPEATED)
    }
    for each in _items(bank):
        code = next((own[run] for run in _runs(_words(each.text), REPEATED) if run in own), None)
        if code is not None:
            message = f"{each.id!r} repeats {REPEATED} words running of an example of {code!r} in the codebook"
            hint = "The coder learns from both: write another one here, or it counts twice."
            yield _doubt("QC-C138", message, bank, each, hint)


def _alike(bank: ExampleBank) -> Iterator[Problem]:
    items = list(_items(bank))
    words = [_words(each.text) for each in items]
    first_with: dict[tuple[str, ...], list[int]] = {}
    for number, own in enumerate(words):
        if len(own) < FEWEST:
            continue
        near = {other for run in _runs(own, SHARED) for other in first_with.get(run, ())}
        for other in sorted(near):
            if SequenceMatcher(None, words[other], own, autojunk=False).ratio() >= ALIKE:
                message = f"{items[number].id!r} is nearly the same as {items[other].id!r} (line {items[other].line})"
                hint = "An example that is there twice makes the coder look better than it is: change or remove one."
                yield _doubt("QC-C137", message, bank, items[number], hint)
                break
        for run in set(_runs(own, SHARED)):
            first_with.setdefault(run, []).append(number)


def _items(bank: ExampleBank) -> Iterator[BankExample | NoneExample]:
    yield from bank.examples
    yield from bank.none


def _words(text: str) -> list[str]:
    plain = text.casefold().replace("’", "'")
    return "".join(letter if letter.isalnum() or letter == "'" else " " for letter in plain).split()


def _runs(words: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    for at in range(len(words) - length + 1):
        yield tuple(words[at : at + length])


def _doubt(code: str, message: str, bank: ExampleBank, item: BankExample | NoneExample, hint: str) -> Problem:
    return Problem(code, as_sentence(message, hint), Place(bank.path or "", item.line, item.column), hint, "warning")


def _position(problem: Problem) -> tuple[int, int]:
    place = problem.place
    return (0, 0) if place is None else (place.line or 0, place.column or 0)
