"""A small study to report on: three made-up interviews, a small codebook, codings as rules would make them."""

from __future__ import annotations

from dataclasses import replace

from qualcode.analysis.study import Study, study_of
from qualcode.model.codes import AttributeDefinition, Code, Codebook, Facet, Guidance, Rule
from qualcode.model.coding import Coding
from qualcode.model.document import Document, IngestWarning
from qualcode.report import Provenance, Report, build_report
from tests.analysis.studies import coding_at, units_of
from tests.builders import document

__all__ = ["BOOK", "DOCUMENTS", "MADE_WITH", "codings", "report_of", "small_study"]

BOOK = Codebook(
    "small",
    "1.2",
    "A small codebook",
    (
        Code("A", "Direction", codable=False, definition="Where the school is going."),
        Code(
            "A1", "Shared purpose", parent="A", definition="People agree what the school is for.",
            include=(Guidance("a purpose put into words"),), exclude=(Guidance("a single dated aim", "A2"),),
            rules=(Rule("A1-1", "purpose"), Rule("A1-2", "vision")),
        ),
        Code("A2", "Goals", parent="A", definition="A few concrete aims.", rules=(Rule("A2-1", "goal"),)),
        Code("B", "People", codable=False, definition="How people are with each other."),
        Code(
            "B1", "Trust", parent="B", definition="Words are kept.",
            rules=(Rule("B1-1", "trust"), Rule("B1-2", "word")),
        ),
        Code("X0", "Nothing to code", definition="Small talk."),
    ),
    description="Two ideas, for tests.",
    facets=(Facet("stance", ("present", "absent", "mixed"), "present"),),
    attributes=(AttributeDefinition("grade", allowed=("good", "RI")),),
    sha256="c0de" * 16,
)  # fmt: skip

_ONE = document(
    "01-hill.txt",
    [
        ("Interviewer", "interviewer", "Tell me about trust in the school."),
        ("Head", "participant", "We trust each other now. It took a year, mind. The rain came in through the roof."),
        ("Interviewer", "interviewer", "And what is it all for?"),
        ("Head", "participant", "Our purpose is plain. Every child reads. That is the purpose, and they all know it."),
    ],
    attributes={"grade": "good"},
)
_TWO = document(
    "02-vale.txt",
    [
        ("Interviewer", "interviewer", "Do people trust each other?"),
        (
            "Deputy",
            "participant",
            "Trust? There is none. He gave his word and broke it. I keep my word, for what it's worth.",
        ),
    ],
    attributes={"grade": "RI"},
)
_THREE = document(
    "03-quay.txt",
    [
        ("Interviewer", "interviewer", "How was your journey?"),
        (
            "Teacher",
            "participant",
            "Long. The bus was late again and I stood there in the rain for half an hour [laughter].",
        ),
    ],
    attributes={"grade": "RI"},
)
DOCUMENTS: tuple[Document, ...] = (
    _ONE,
    replace(
        _TWO,
        encoding="cp1252",
        blocks=(_TWO.blocks[0], replace(_TWO.blocks[1], start_ms=3_723_000, time_source="file")),
        warnings=(
            IngestWarning("guessed-encoding", "warn", "the encoding was guessed: cp1252"),
            IngestWarning("odd-stamp", "warn", "a time goes back"),
            IngestWarning("odd-stamp", "warn", "a time goes back again"),
        ),
    ),
    _THREE,
)
MADE_WITH = Provenance("0.0", "qualcode run --codebook small", {"rules": "threshold 0.5"}, {"spacy": "3.8"})


def codings() -> tuple[Coding, ...]:
    """Return the codings: two of A1, three of B1 in two interviews, one of them absent and one mixed."""
    one, two, _ = DOCUMENTS

    def found(made: Document, quote: str, code: str, evidence: str, rule: str, stance: str = "present") -> Coding:
        from qualcode.model.document import Span

        start = made.text.index(quote)
        span = Span(start, start + len(quote))
        return coding_at(made, span, code, stance, "suggested", evidence, 0.6, rule, book=BOOK)

    return (
        found(one, "Tell me about trust in the school.", "B1", "trust", "B1-1"),
        found(one, "We trust each other now.", "B1", "trust", "B1-1"),
        found(one, "Our purpose is plain.", "A1", "purpose", "A1-1"),
        found(one, "That is the purpose, and they all know it.", "A1", "purpose", "A1-1"),
        found(
            two,
            "Trust? There is none. He gave his word and broke it.",
            "B1",
            "Trust … gave his word",
            "B1-1; B1-2",
            "absent",
        ),
        found(two, "I keep my word, for what it's worth.", "B1", "word", "B1-2", "mixed"),
    )


def small_study() -> Study:
    """Return the study; its units are sentences."""
    units = {each.id: units_of(each) for each in DOCUMENTS}
    return study_of(DOCUMENTS, BOOK, codings(), units=units, title="Three schools")


def report_of(study: Study) -> Report:
    """Return the report of a study over its own documents."""
    return build_report(study, documents=list(study.documents.values()), made_with=MADE_WITH, date="2026-11-22")
