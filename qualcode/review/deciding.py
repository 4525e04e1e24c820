"""Decisions as entries of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from qualcode.model.coding import Suggestion
from qualcode.model.ledger import SETTLED, Judgement, NewEntry, Origin, Passage
from qualcode.review.passages import Standing, covers_of

__all__ = ["adjudication", "hand_coding", "moves", "removals", "verdicts"]


def verdicts(
    chosen: Iterable[Standing],
    judgements: Sequence[Judgement],
    *,
    kind: Literal["accept", "reject"],
    person: str,
    reason: str = "",
) -> Iterator[NewEntry]:
    """Yield an entry for each chosen passage; what the person decided about these very words before gives way.

    A passage that the person already decided so (and not otherwise in another copy of the project) is passed over. What
    the person decided about other words that overlap them stands, but for a rejection: who accepts a passage no longer
    rejects a part of it.
    """
    own = _own(judgements, person)
    for each in chosen:
        near = _overlapping(own, each)
        same = [held for held in near if held.passage.span == each.passage.span]
        if same and all(_agrees(held, kind) for held in same):
            continue
        mine = [
            held
            for held in near
            if held.passage.span == each.passage.span or (kind == "accept" and held.verdict == "rejected")
        ]
        yield NewEntry(kind, each.passage, each.codebook, each.code, each.origin, tuple(held.id for held in mine),
                       reason)  # fmt: skip


def _agrees(held: Judgement, kind: str) -> bool:
    return (held.verdict == "rejected") == (kind == "reject")


def hand_coding(
    places: Iterable[Passage],
    judgements: Sequence[Judgement],
    *,
    codebook: str,
    code: str,
    origin: Origin,
    person: str,
    reason: str = "",
) -> Iterator[NewEntry]:
    """Yield an entry for each passage that a person codes; a rejection of theirs that overlaps it gives way.

    Words that the person has coded so already are passed over.
    """
    own = [each for each in _own(judgements, person) if each.codebook == codebook and each.code == code]
    for passage in places:
        mine = [each for each in own if _same_place(each.passage, passage)]
        marked = [each for each in mine if each.verdict != "rejected" and each.passage.span == passage.span]
        rejected = [each for each in mine if each.verdict == "rejected"]
        if marked and not any(each.passage.span == passage.span for each in rejected):
            continue
        away = tuple(each.id for each in (*marked, *rejected))
        yield NewEntry("code", passage, codebook, code, origin, away, reason)


def removals(chosen: Iterable[Standing], *, person: str, reason: str = "") -> Iterator[NewEntry]:
    """Yield an entry that takes back what the person decided about each chosen passage."""
    for each in chosen:
        mine = tuple(held.id for held in each.judgements if held.layer == person)
        if mine:
            yield NewEntry("uncode", each.passage, each.codebook, each.code, None, mine, reason)


def moves(
    chosen: Iterable[Standing],
    judgements: Sequence[Judgement],
    *,
    to: str,
    person: str,
    reason: str = "",
    suggested: Iterable[Suggestion] = (),
) -> Iterator[NewEntry]:
    """Yield entries that put the chosen passages under another code.

    What a machine proposed, what it ``suggested`` at the same place, and what somebody else marked is rejected under
    its old code, so that it neither waits again nor stays there unseen. Under the new code, what the person decided
    about these very words gives way; a passage that the person marks there already is not marked twice.
    """
    own = _own(judgements, person)
    covers = covers_of(((each.document_id, each.codebook, each.code), each.span) for each in suggested)
    for each in chosen:
        if each.code == to:
            continue
        mine = tuple(held.id for held in each.judgements if held.layer == person)
        cover = covers.get((each.passage.document_id, each.codebook, each.code))
        proposed = each.origin.coder != "person" or (cover is not None and cover.touches(each.passage.span))
        if proposed or len(mine) < len(each.judgements):
            told = reason or f"moved to {to}"
            yield NewEntry("reject", each.passage, each.codebook, each.code, each.origin, mine, told)
            mine = ()
        there = [
            held
            for held in own
            if (held.codebook, held.code) == (each.codebook, to) and _same_words(held.passage, each.passage)
        ]
        if any(held.verdict != "rejected" for held in there):
            if mine:
                yield NewEntry("uncode", each.passage, each.codebook, each.code, None, mine, reason)
            continue
        mine += tuple(held.id for held in there)
        yield NewEntry("move", each.passage, each.codebook, to, each.origin, mine, reason, {"from": each.code})


def adjudication(
    settles: Sequence[Judgement],
    *,
    passage: Passage,
    codebook: str,
    code: str,
    origin: Origin,
    verdict: Literal["accepted", "rejected"],
    earlier: Iterable[Judgement] = (),
    reason: str = "",
) -> NewEntry:
    """Return the entry that settles between judgements; all stay in their layers. ``earlier`` settlements give way."""
    content: Mapping[str, object] = {
        "settles": [each.id for each in settles if each.layer != SETTLED],
        "verdict": verdict,
    }
    return NewEntry("adjudicate", passage, codebook, code, origin,
                    tuple(each.id for each in earlier if each.layer == SETTLED), reason, content)  # fmt: skip


def _own(judgements: Iterable[Judgement], person: str) -> list[Judgement]:
    return [each for each in judgements if each.layer == person and not each.orphan]


def _overlapping(own: Iterable[Judgement], standing: Standing) -> list[Judgement]:
    return [
        each
        for each in own
        if each.codebook == standing.codebook
        and each.code == standing.code
        and _same_place(each.passage, standing.passage)
    ]


def _same_place(one: Passage, other: Passage) -> bool:
    return one.document_id == other.document_id and one.span.overlaps(other.span)


def _same_words(one: Passage, other: Passage) -> bool:
    return one.document_id == other.document_id and one.span == other.span
