"""What the coder learns from: the bank's examples, the codebook's own and its definitions, in one list."""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.codebook.bank import ExampleBank
from qualcode.model.codes import Codebook

__all__ = ["ASKED", "OWN", "Exemplar", "exemplars_of"]

ASKED = "interviewer"
"""The sort of plain talk that is an interviewer's."""
OWN = "codebook"
"""Hand of the examples and definitions that stand in the codebook itself."""


@dataclass(frozen=True, slots=True)
class Exemplar:
    """One text that shows what a code is, or is not.

    Attributes:
        id: of the bank's example, or for the codebook's own ``CODE:typical-1``, ``CODE:definition``.
        codes: what it is an example of; empty for a near miss of nothing else, and for talk without a code.
        hand: who wrote it.
        denial: it tells of the practice's absence.
        known: ``codes`` is all that it carries, so that it can be used to try the coder out: true in a bank.
        question: it is what an interviewer asks.
    """

    id: str
    text: str
    codes: tuple[str, ...]
    hand: str
    denial: bool = False
    known: bool = True
    question: bool = False


def exemplars_of(codebook: Codebook, bank: ExampleBank | None) -> tuple[Exemplar, ...]:
    """Return the bank's examples, its talk without a code, then the codebook's own examples and definitions."""
    found: list[Exemplar] = []
    if bank is not None:
        for each in bank.examples:
            codes = each.also if each.kind == "near_miss" else (each.code, *each.also)
            found.append(Exemplar(each.id, each.text, codes, each.hand, each.denial))
        found += [Exemplar(each.id, each.text, (), each.hand, question=each.sort == ASKED) for each in bank.none]
    for code in codebook:
        if not code.codable or code.status == "retired":
            continue
        for kind, codes in (("typical", (code.id,)), ("atypical", (code.id,)), ("near_miss", ())):
            for number, example in enumerate(getattr(code.examples, kind), 1):
                found.append(Exemplar(f"{code.id}:{kind}-{number}", example.text, codes, OWN, known=False))
        words = (code.label, code.brief, code.definition, *(line.text for line in code.include))
        found.append(Exemplar(f"{code.id}:definition", " ".join(filter(None, words)), (code.id,), OWN, known=False))
    return tuple(found)
