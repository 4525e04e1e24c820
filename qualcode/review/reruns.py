"""What a new run of the coders changes: what is new, what is gone, and that decisions stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qualcode.model.coding import Suggestion
from qualcode.model.document import Span
from qualcode.model.ledger import Judgement
from qualcode.review.passages import Cover, Place, covers_of

__all__ = ["Rerun", "compare_runs"]


@dataclass(frozen=True, slots=True)
class Rerun:
    """The difference between two runs, over passages and codes.

    Attributes:
        new: suggestions that wait and that overlap none of the run before (same code, same text).
        gone: suggestions of the run before, undecided, that overlap none now.
        kept: how many suggestions inherit a decision.
        waiting: how many wait in all.
        unsupported: judgements of suggestions that no coder makes any more; they stand.
        reshaped: suggestions that inherit a decision about other words than they now span.
    """

    new: tuple[Suggestion, ...] = ()
    gone: tuple[Suggestion, ...] = ()
    kept: int = 0
    waiting: int = 0
    unsupported: tuple[Judgement, ...] = ()
    reshaped: tuple[Suggestion, ...] = ()


def compare_runs(before: Iterable[Suggestion], after: Iterable[Suggestion], judgements: Iterable[Judgement]) -> Rerun:
    """Return what a run changed against the one before, in the light of what people decided."""
    earlier, later = list(before), list(after)
    placed = [each for each in judgements if not each.orphan]
    decided = covers_of((_judged(each), each.passage.span) for each in placed)
    exact = {(_judged(each), each.passage.span) for each in placed}
    old = covers_of((_key(each), each.span) for each in earlier)
    now = covers_of((_key(each), each.span) for each in later)
    inherited = [each for each in later if _touch(decided, _key(each), each.span)]
    waiting = [each for each in later if not _touch(decided, _key(each), each.span)]
    return Rerun(
        new=tuple(each for each in waiting if not _touch(old, _key(each), each.span)),
        gone=tuple(
            each
            for each in earlier
            if not _touch(now, _key(each), each.span) and not _touch(decided, _key(each), each.span)
        ),
        kept=len(inherited),
        waiting=len(waiting),
        unsupported=tuple(
            each
            for each in placed
            if each.origin.coder != "person"
            and each.verdict != "coded"
            and not _touch(now, _judged(each), each.passage.span)
        ),
        reshaped=tuple(each for each in inherited if (_key(each), each.span) not in exact),
    )


def _key(each: Suggestion) -> Place:
    return (each.document_id, each.codebook, each.code)


def _judged(each: Judgement) -> Place:
    return (each.passage.document_id, each.codebook, each.code)


def _touch(covers: dict[Place, Cover], key: Place, span: Span) -> bool:
    return key in covers and covers[key].touches(span)
