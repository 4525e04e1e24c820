"""Small studies for tests, literal and random; everything in them is made up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from qualcode.analysis.study import Study, study_of
from qualcode.model.codes import AttributeDefinition, Code, Codebook, Facet
from qualcode.model.coding import Coding, Status
from qualcode.model.document import Document, Span
from tests.builders import Turn, document

__all__ = ["BOOK", "coding", "studies", "study", "units_of"]

BOOK = Codebook(
    "tiny",
    "1.0",
    "A tiny codebook",
    (
        Code("A", "Direction", codable=False, definition="Where to go."),
        Code("A1", "Vision", parent="A", definition="Where we want to be."),
        Code("A2", "Goals", parent="A", definition="What we do first."),
        Code("B", "People", definition="Who does it."),
        Code("B1", "Trust", parent="B", definition="Who can be relied upon."),
        Code("B11", "Broken promises", parent="B1", definition="Promises that were not kept."),
        Code("C", "Weather", definition="Rain."),
    ),
    facets=(Facet("stance", ("present", "absent", "mixed"), "present"), Facet("time", ("past", "now"))),
    attributes=(AttributeDefinition("grade", allowed=("good", "RI")),),
    sha256="0" * 64,
)

_SENTENCE = re.compile(r"[^.?!\s][^.?!]*[.?!]?")


def units_of(made: Document) -> tuple[Span, ...]:
    """Return a document's sentences, the plain way: speech up to a stop."""
    return tuple(
        Span(found.start(), found.start() + len(found.group().rstrip()))
        for block, spans in made.speech()
        for span in spans
        if block.kind == "turn"
        for found in _SENTENCE.finditer(made.text, span.start, span.end)
    )


def coding(
    made: Document,
    quote: str,
    code: str,
    *,
    stance: str = "present",
    status: Status = "suggested",
    evidence: str = "",
    score: float | None = 0.6,
    rule: str = "",
    facets: Mapping[str, str] | None = None,
) -> Coding:
    """Return a coding of the first place where ``quote`` stands."""
    start = made.text.index(quote)
    return coding_at(made, Span(start, start + len(quote)), code, stance, status, evidence, score, rule, facets)


def coding_at(
    made: Document,
    span: Span,
    code: str,
    stance: str = "present",
    status: Status = "suggested",
    evidence: str = "",
    score: float | None = 0.6,
    rule: str = "",
    facets: Mapping[str, str] | None = None,
    book: Codebook = BOOK,
) -> Coding:
    """Return a coding of a span, with the speaker of the block it lies in."""
    block = next(each for each in made.blocks if each.span.contains(span))
    speaker = made.speaker(block.speaker_ids[0]) if block.speaker_ids else None
    return Coding(
        made.id, made.name, block.index, speaker.label if speaker else "", made.role_of(block), span, made.quote(span),
        code, book[code].label, "rules", rule or f"{code}-1", evidence, score, stance, status, "", book.id,
        book.version, {"stance": stance, **(facets or {})},
    )  # fmt: skip


def study(documents: Sequence[Document], codings: Sequence[Coding], book: Codebook = BOOK) -> Study:
    """Return the study, its units being sentences."""
    return study_of(documents, book, codings, units={each.id: units_of(each) for each in documents}, title="A study")


_WORDS = st.sampled_from(["rain", "we", "trust", "nobody", "plan", "wait", "yes", "school"])
_SENTENCES = st.lists(_WORDS, min_size=1, max_size=5).map(lambda words: " ".join(words) + ".")
_SPEECH = st.lists(_SENTENCES, min_size=1, max_size=4)
_PEOPLE = [("INT", "interviewer"), ("P1", "participant"), ("P2", "participant"), ("P3", "participant")]


@st.composite
def _documents(draw: st.DrawFn) -> tuple[Document, ...]:
    made = []
    for number in range(draw(st.integers(1, 4))):
        turns: list[Turn] = []
        for _ in range(draw(st.integers(1, 5))):
            label, role = draw(st.sampled_from(_PEOPLE))
            turns.append((label, role, " ".join(draw(_SPEECH))))
        grade = draw(st.sampled_from(["good", "RI", ""]))
        speakers = {"P1": {"age": "young"}, "P2": {"age": "old"}}
        attributes = {"grade": grade} if grade else {}
        made.append(document(f"d{number}", turns, attributes=attributes, speakers=speakers))
    return tuple(made)


@st.composite
def studies(draw: st.DrawFn) -> Study:
    """Return a random study: up to four interviews, up to twenty codings of any stretch inside one turn."""
    documents = draw(_documents())
    codings = []
    for _ in range(draw(st.integers(0, 20))):
        made = draw(st.sampled_from(documents))
        block = draw(st.sampled_from(made.blocks))
        low = block.label_span.end if block.label_span else block.span.start
        start = draw(st.integers(low, block.span.end - 1))
        end = draw(st.integers(start + 1, block.span.end))
        statuses: list[Status] = ["suggested", "accepted", "rejected", "coded"]
        code = draw(st.sampled_from([each.id for each in BOOK]))
        stance, status = draw(st.sampled_from(["present", "absent", "mixed"])), draw(st.sampled_from(statuses))
        score = draw(st.sampled_from([0.5, 0.9, None]))
        codings.append(coding_at(made, Span(start, end), code, stance, status, score=score))
    return study(documents, codings)
