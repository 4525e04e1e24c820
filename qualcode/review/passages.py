"""Suggestions and judgements brought together: one list of passages, each with its code and how it stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from qualcode.model.coding import Status, Suggestion
from qualcode.model.document import Span
from qualcode.model.ledger import SETTLED, Judgement, Origin, Passage

__all__ = ["Standing", "bring_together", "origin_of", "passage_of", "suggestion_id", "without_place"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One passage under one code, and how it stands.

    Attributes:
        id: of the judgement; of a passage that waits, ``s`` and 11 hex digits made from what it is.
        status: ``suggested`` while it waits; ``coded`` by hand, ``accepted`` or ``rejected`` when it is decided.
        contested: one person marks and another rejects this passage or one that overlaps it, and nobody has settled it.
        judgements: those behind it, of several people when they mark the very same words.
        suggestion: what waits; ``None`` when it is decided.
    """

    id: str
    status: Status
    passage: Passage
    codebook: str
    code: str
    origin: Origin
    judgements: tuple[Judgement, ...] = ()
    suggestion: Suggestion | None = None
    contested: bool = False

    @property
    def people(self) -> tuple[str, ...]:
        """Who decided it so, each once, in the order in which they did; empty while it waits.

        Who rejects a passage that others mark is not among them.
        """
        mine = [each for each in self.judgements if (each.verdict == "rejected") == (self.status == "rejected")]
        return tuple(dict.fromkeys(each.person for each in mine))

    @property
    def settled(self) -> bool:
        """Whether adjudication decided."""
        return any(each.layer == SETTLED for each in self.judgements)


Place = tuple[str, str, str]
"""Document id, codebook, code."""


def bring_together(
    suggestions: Iterable[Suggestion], judgements: Iterable[Judgement], *, known: dict[int, Standing] | None = None
) -> tuple[Standing, ...]:
    """Return all passages that are decided or wait, in order of document id, place and code.

    A suggestion that overlaps a decided passage of the same code has inherited the decision and does not wait. What was
    settled takes the place of what it settles. The very same words decided by several people are one passage. Orphans
    have no place and are left out. ``known`` keeps, by ``id``, what suggestions come to while they wait, for the next
    time that the same ones are brought together.
    """
    made = known if known is not None else {}
    placed = [each for each in judgements if not each.orphan]
    settled: dict[Place, list[Judgement]] = {}
    for each in placed:
        if each.layer == SETTLED:
            settled.setdefault(_place(each), []).append(each)
    overruled = {key for each in placed for key in each.settles}
    decided: dict[Place, list[Judgement]] = {}
    marked: dict[Place, list[Span]] = {}
    for each in placed:
        place = _place(each)
        marked.setdefault(place, []).append(each.passage.span)
        if each.layer == SETTLED or (each.id not in overruled and not _overlaps(each, settled.get(place, ()))):
            decided.setdefault(place, []).append(each)
    found = [standing for held in decided.values() for standing in _decided(held)]
    covers = covers_of((place, span) for place, spans in marked.items() for span in spans)
    seen: set[str] = set()
    for suggestion in suggestions:
        cover = covers.get((suggestion.document_id, suggestion.codebook, suggestion.code))
        if cover is None or not cover.touches(suggestion.span):
            waiting = made.get(id(suggestion))
            if waiting is None:
                # It holds the suggestion, so that no other object gets this one's number while it is known.
                waiting = made[id(suggestion)] = _waiting(suggestion)
            if waiting.id not in seen:  # two codes that were merged may have suggested the very same words
                seen.add(waiting.id)
                found.append(waiting)
    return tuple(sorted(found, key=_order))


class Cover:
    """Spans of one text joined where they touch, to ask whether another overlaps any."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for each in sorted(spans):
            if self._ends and each.start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], each.end)
            else:
                self._starts.append(each.start)
                self._ends.append(each.end)

    def touches(self, span: Span) -> bool:
        """Return whether a span shares at least one character with any of these."""
        at = bisect_right(self._starts, span.start) - 1
        if at >= 0 and self._ends[at] > span.start:
            return len(span) > 0
        return at + 1 < len(self._starts) and self._starts[at + 1] < span.end


def _order(each: Standing) -> tuple[str, int, int, str, str]:
    passage = each.passage
    return (passage.document_id, passage.span.start, passage.span.end, each.code, each.id)


def covers_of(pairs: Iterable[tuple[Place, Span]]) -> dict[Place, Cover]:
    """Return for each place what spans cover there."""
    found: dict[Place, list[Span]] = {}
    for place, span in pairs:
        found.setdefault(place, []).append(span)
    return {place: Cover(spans) for place, spans in found.items()}


def _place(each: Judgement) -> Place:
    return (each.passage.document_id, each.codebook, each.code)


def _overlaps(one: Judgement, others: Iterable[Judgement]) -> bool:
    return any(one.passage.span.overlaps(each.passage.span) for each in others)


def _decided(held: Sequence[Judgement]) -> Iterable[Standing]:
    """Yield the passages of one document and code that are decided."""
    ordered = sorted(held, key=lambda each: (each.passage.span, each.at, each.id))
    same: dict[Span, list[Judgement]] = {}
    for each in ordered:
        same.setdefault(each.passage.span, []).append(each)
    verdicts = {each.verdict for each in ordered}
    mixed = "rejected" in verdicts and len(verdicts) > 1
    for those in same.values():
        # A passage that is marked and rejected stands until somebody settles it: nothing is lost silently.
        first = next((each for each in those if each.verdict != "rejected"), those[0])
        accepted = next((each for each in those if each.verdict == "accepted"), first)
        yield Standing(
            id=first.id,
            status=accepted.verdict if first.verdict != "rejected" else "rejected",
            passage=first.passage,
            codebook=first.codebook,
            code=first.code,
            origin=accepted.origin,
            judgements=tuple(those),
            contested=mixed and any(differ(one, other) for one in those for other in ordered),
        )


def without_place(orphans: Iterable[Judgement]) -> tuple[Standing, ...]:
    """Return judgements that have no place in the present text as passages, each by itself, where they stood last."""
    return tuple(
        Standing(each.id, each.verdict, each.passage, each.codebook, each.code, each.origin, (each,))
        for each in orphans
    )


def differ(one: Judgement, other: Judgement) -> bool:
    """Return whether two people differ: one marks and the other rejects passages that overlap.

    Somebody who rejects one passage and marks another that overlaps it does not contradict anybody: the first
    was not the right stretch of words. Who accepts a suggestion in one copy of the project and rejects the same in
    another has to say which holds.
    """
    return (
        (one.verdict == "rejected") != (other.verdict == "rejected")
        and (one.person != other.person or _of_one_suggestion(one, other))
        and one.passage.span.overlaps(other.passage.span)
    )


def _of_one_suggestion(one: Judgement, other: Judgement) -> bool:
    return one.passage.span == other.passage.span and one.origin.rules == other.origin.rules != ()


def _waiting(suggestion: Suggestion) -> Standing:
    return Standing(
        id=suggestion_id(suggestion),
        status="suggested",
        passage=passage_of(suggestion),
        codebook=suggestion.codebook,
        code=suggestion.code,
        origin=origin_of(suggestion),
        suggestion=suggestion,
    )


def suggestion_id(suggestion: Suggestion) -> str:
    """Return the id that a suggestion has as long as it suggests the same words for the same code."""
    what = (suggestion.document_sha256, suggestion.document_id, str(suggestion.span.start), str(suggestion.span.end),
            suggestion.codebook, suggestion.code, suggestion.coder)  # fmt: skip
    return "s" + sha256("\0".join(what).encode()).hexdigest()[:11]


def passage_of(suggestion: Suggestion) -> Passage:
    """Return the passage that a suggestion is for."""
    return Passage(suggestion.document_id, suggestion.document_sha256, suggestion.span, suggestion.quote,
                   suggestion.prefix, suggestion.suffix)  # fmt: skip


def origin_of(suggestion: Suggestion) -> Origin:
    """Return what made a suggestion, as a judgement of it keeps it."""
    return Origin(
        suggestion.coder,
        suggestion.rules,
        suggestion.evidence,
        tuple(
            suggestion.quote[each.start - suggestion.span.start : each.end - suggestion.span.start]
            for each in suggestion.evidence
            if suggestion.span.contains(each)
        ),
        suggestion.score,
        dict(suggestion.facets),
        suggestion.flags,
        suggestion.codebook_version,
        suggestion.codebook_sha256,
    )


def seen_by(judgements: Iterable[Judgement], person: str, *, blind: bool) -> tuple[Judgement, ...]:
    """Return the judgements that a person may see: while people code blind, their own."""
    return tuple(each for each in judgements if not blind or each.layer == person)
