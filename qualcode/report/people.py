"""What people decided, in the words of a work-list."""

from __future__ import annotations

from collections.abc import Iterable

from qualcode.model.codes import Code, Codebook, Guidance
from qualcode.model.ledger import SETTLED, Judgement, Memo
from qualcode.report.wording import british_date
from qualcode.report.worklists import Definition

__all__ = ["decided", "defined", "facets_told", "label_of", "notes_on", "origin_told"]

_VERBS = {"coded": "Coded by hand", "accepted": "Accepted", "rejected": "Rejected"}
_SETTLED = {"coded": "Settled as right", "accepted": "Settled as right", "rejected": "Settled as not right"}


def decided(judgement: Judgement) -> str:
    """Return what was decided, by whom and on which day: ``Accepted by Maya, 22 November 2026``."""
    verbs = _SETTLED if judgement.layer == SETTLED else _VERBS
    return f"{verbs[judgement.verdict]} by {judgement.person}, {british_date(judgement.at[:10])}"


def origin_told(judgement: Judgement) -> str:
    """Return which coder proposed it and by which rules; empty when a person did."""
    origin = judgement.origin
    if origin.coder == "person":
        return ""
    rules = f" ({', '.join(origin.rules)})" if origin.rules else ""
    return f"suggested by {origin.coder}{rules}"


def facets_told(facets: Iterable[tuple[str, str]]) -> str:
    """Return the values of facets: ``stance: absent, time: past``."""
    return ", ".join(f"{name}: {value}" for name, value in facets if value)


def notes_on(judgement: Judgement, memos: Iterable[Memo]) -> tuple[str, ...]:
    """Return the memos on a coding, each with who wrote it."""
    return tuple(
        f"{each.text} ({each.person})" for each in memos if each.about == "coding" and each.ref == judgement.id
    )


def label_of(book: Codebook, code: str) -> str:
    """Return a code's label; empty when the codebook does not have it."""
    return book[code].label if code in book else ""


def defined(code: Code) -> Definition:
    """Return a code's meaning in short, and its lines of use when and not when."""
    return Definition(code.id, code.label, " ".join((code.brief or code.definition).split()), _lines(code.include),
                      _lines(code.exclude))  # fmt: skip


def _lines(guidance: Iterable[Guidance]) -> tuple[str, ...]:
    return tuple(
        " ".join(each.text.split()).rstrip(".") + (f" (see {each.see})" if each.see else "") for each in guidance
    )
