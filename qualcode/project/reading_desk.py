"""A project laid out for reading: its passages, how each stands, and how it is put before a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from qualcode.model.codes import Codebook
from qualcode.model.document import Document, Span
from qualcode.model.ledger import Passage, ReadPassage
from qualcode.project.standing import Held
from qualcode.review.passages import Standing, bring_together

if TYPE_CHECKING:
    from qualcode.coding import Corpus
    from qualcode.coding.features.units import Units
    from qualcode.review.reading.before import Examples
    from qualcode.review.reading.orders import Pick, Ranked
    from qualcode.review.reading.progress import Progress
    from qualcode.review.reading.sofar import SoFar

__all__ = ["Desk", "Shown", "waiting_over"]

LEAST_ALIKE = 0.2
"""A passage found before is told as the reason for another when they are at least so alike."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage as it is put before a person.

    Attributes:
        id: that ``accept`` and ``reject`` take; ``code`` for which code.
        document, block, speaker: name of the document, number of the turn, who speaks.
        span: the passage in the document's text; ``passage`` the same with its words.
        question: what was asked before the turn; empty when nobody asked.
        before, after: the rest of the turn around the passage.
        order: by which order it comes; ``score`` that the machine gives it.
        why: what speaks for it: the words of a rule, the example or the found passage that is most like it.
        suggested: whether a coder suggests it.
    """

    id: str
    code: str
    document: str
    block: int
    speaker: str
    passage: Passage
    question: str
    before: str
    after: str
    order: str
    score: float
    why: str
    suggested: bool

    @property
    def span(self) -> Span:
        """Where it stands in the document's text."""
        return self.passage.span


class Desk:
    """A project laid out for reading: its passages, and how each stands."""

    def __init__(
        self, held: Held, corpus: Corpus, readings: tuple[ReadPassage, ...], through: frozenset[str],
        with_vectors: Callable[[], Corpus],
    ) -> None:  # fmt: skip
        self.held = held
        self.corpus = corpus
        self.readings = readings
        self.through = through
        self._with_vectors = with_vectors
        self.book: Codebook = held.book
        self._before: dict[str, Any] = {}

    @cached_property
    def units(self) -> Units:
        from qualcode.review.reading.passages import passages_of

        return passages_of(self.corpus, self.book)

    @cached_property
    def mark(self) -> str:
        from qualcode.review.reading.passages import mark_of

        return mark_of(self.units)

    @cached_property
    def vectors(self) -> Any:
        from qualcode.review.reading.learning import vectors_of

        return vectors_of(self.units)

    @cached_property
    def decided(self) -> tuple[Standing, ...]:
        return tuple(bring_together((), (each for each in self.held.judgements if not each.orphan)))

    @cached_property
    def documents(self) -> dict[str, Document]:
        return {each.id: each for each in self.units.documents}

    def so_far(self, code: str) -> SoFar:
        """Return what was read for a code."""
        from qualcode.review.reading.sofar import so_far

        below = {each.id for each in self.book.descendants(code)}
        return so_far(self.units, self.decided, self.readings, code, below=below, through=self.through, mark=self.mark,
                      judgements=self.held.judgements)  # fmt: skip

    def progress(self, code: str, done: SoFar, target: float = 0.95, confidence: float = 0.95) -> Progress:
        from qualcode.review.reading.progress import progress_of

        return progress_of(done, code, self.book[code].label, target=target, confidence=confidence)

    @cached_property
    def examples(self) -> Examples | None:
        """How like the codes' examples the passages are; ``None`` while suggestions are hidden."""
        from qualcode.coding import ExemplarsCoder
        from qualcode.review.reading.before import Examples

        if self.held.state.hidden:
            return None
        return Examples.of(ExemplarsCoder(self.book), self._with_vectors(), self.units)

    def before(self, codes: Sequence[str]) -> Any:
        """Return what is known of passages before anything is decided (passages × codes): suggestions and examples."""
        import numpy as np

        from qualcode.review.reading.before import suggested_scores

        for code in codes:
            if code not in self._before:
                others = [each for each in self.held.suggestions if each.coder != "exemplars"]
                found = suggested_scores(self.units, others, code)
                if self.examples is not None:
                    found = 1 - (1 - found) * (1 - self.examples.of_code(code))
                self._before[code] = found
        return np.column_stack([self._before[code] for code in codes])

    def spare(self, code: str, ranked: Ranked) -> Any:
        """Return which passages another stands for: of those under one suggestion that waits, all but the best."""
        import numpy as np

        found = np.zeros(len(self.units), bool)
        for each in self.held.standings:
            if each.status == "suggested" and each.code == code:
                rows = list(self.rows_under(each.passage))
                best = max(rows, key=lambda row: (ranked.values[row], -row), default=None)
                found[[row for row in rows if row != best]] = True
        return found

    def rows_under(self, passage: Passage) -> tuple[int, ...]:
        """Return the passages that share a character with a place."""
        ordinal = {document.id: number for number, document in enumerate(self.units.documents)}
        return tuple(self.units.rows_over(ordinal[passage.document_id], [passage.span]).tolist())

    def shown(self, pick: Pick, code: str, ranked: Ranked, done: SoFar, *, listed: bool = False) -> Shown:
        """Return a passage as it is put before a person; ``listed`` that its random draw is not one for the code."""
        from qualcode.review.reading.passages import passage_id, place_of

        place = place_of(self.units, pick.row)
        waiting = waiting_over(self.held, place, code)
        passage = waiting.passage if waiting is not None else place
        drawn = pick.random and not listed
        key = passage_id(self.units, pick.row, self.book.id, code, random=drawn)
        if waiting is not None and not drawn:
            key = waiting.id
        document = self.documents[passage.document_id]
        block = document.blocks[int(self.units.block[pick.row])]
        speakers = [document.speaker(each).label for each in block.speaker_ids]
        first = block.label_span.end if block.label_span is not None else block.span.start
        asked = int(self.units.question[pick.row])
        question = ""
        if asked >= 0:
            whole = document.blocks[asked]
            begin = whole.label_span.end if whole.label_span is not None else whole.span.start
            question = " ".join(document.text[begin : whole.span.end].split())
        return Shown(
            key, code, document.name, block.index, " & ".join(speakers), passage, question,
            document.text[min(first, passage.span.start) : passage.span.start],
            document.text[passage.span.end : max(block.span.end, passage.span.end)],
            pick.order, pick.score, self._why(pick, code, ranked, done, waiting), waiting is not None,
        )  # fmt: skip

    def _why(self, pick: Pick, code: str, ranked: Ranked, done: SoFar, waiting: Standing | None) -> str:
        """Return what speaks for a passage: a rule's words, else what it is most like."""
        if waiting is not None and waiting.origin.words:
            words = ", ".join(f"“{' '.join(each.split())}”" for each in waiting.origin.words[:4])
            return f"{waiting.origin.coder}: {words}"
        if pick.random or ranked.vectors is None:
            return ""
        if len(done.found):
            alike = (ranked.vectors[[pick.row]] @ ranked.vectors[done.found].T).toarray().ravel()
            best = int(alike.argmax())
            if alike[best] >= LEAST_ALIKE:
                return f"like “{' '.join(self.units.text(int(done.found[best])).split())}”"
        nearest = self.examples.nearest(pick.row, code) if self.examples is not None else ""
        return f"like the example “{nearest}”" if nearest else ""


def waiting_over(held: Held, place: Passage, code: str) -> Standing | None:
    """Return what is suggested for a code over a place and waits: the one with the highest score."""
    over = [
        each
        for each in held.standings
        if each.status == "suggested"
        and each.code == code
        and each.passage.document_id == place.document_id
        and each.passage.span.overlaps(place.span)
    ]
    return max(over, key=lambda each: (each.origin.score or 0, each.id), default=None)
