"""What tables are made from: the cases, the codebook, the codings and the units that are counted, as one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qualcode.analysis.words import speech_words
from qualcode.errors import AnalysisError
from qualcode.model.codes import Codebook, Unit
from qualcode.model.coding import Coding
from qualcode.model.document import Document, Span

__all__ = ["Case", "Person", "Study", "study_of"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who speaks in one case. ``words`` and ``turns`` are what they say there, whatever their role."""

    label: str
    role: str
    words: int = 0
    turns: int = 0
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One document as tables see it; ``words`` counts the speech of the roles that are counted."""

    id: str
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    words: int = 0
    speakers: tuple[Person, ...] = ()
    warnings: int = 0


@dataclass(frozen=True, slots=True)
class Study:
    """All that a table may count.

    Attributes:
        codings: as stored; tables leave out the rejected ones and those of ``codebook.roles_left_out``.
        units: for each document id the spans of its counting units, in order and disjoint
            (:meth:`qualcode.text.TokenIndex.unit_spans`).
        unit: what the units are.
        documents: the texts by id, for places, times, and what was not coded; tables of counts do without.
    """

    title: str
    cases: tuple[Case, ...]
    codebook: Codebook
    codings: tuple[Coding, ...] = ()
    units: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    unit: Unit = "sentence"
    documents: Mapping[str, Document] = field(default_factory=dict)

    def case(self, document_id: str) -> Case:
        """Return the case of a document; raises ``KeyError`` when there is none."""
        for case in self.cases:
            if case.id == document_id:
                return case
        raise KeyError(document_id)


def study_of(
    documents: Sequence[Document],
    codebook: Codebook,
    codings: Sequence[Coding],
    *,
    units: Mapping[str, tuple[Span, ...]],
    unit: Unit | None = None,
    title: str = "",
) -> Study:
    """Return the study of these documents; the unit is the codebook's unless given.

    Raises:
        AnalysisError: QC-A001 when a coding names a code that the codebook does not have, QC-A002 when it lies in a
            document that is not among these.
    """
    known = {document.id for document in documents}
    codes = {code.id for code in codebook}
    for coding in codings:
        if coding.code not in codes:
            raise AnalysisError("QC-A001", f"a coding in {coding.document} names the code {coding.code!r}, which "
                                f"{codebook.id} {codebook.version} does not have",
                                hint="Code the documents again with this codebook.")  # fmt: skip
        if coding.document_id not in known:
            raise AnalysisError("QC-A002", f"a coding lies in {coding.document!r}, which is not in the study",
                                hint="Give all documents that were coded, or only their codings.")  # fmt: skip
    cases = tuple(_case(document, frozenset(codebook.roles_left_out)) for document in documents)
    return Study(title, cases, codebook, tuple(codings), dict(units), unit or codebook.unit,
                 {document.id: document for document in documents})  # fmt: skip


def _case(document: Document, left_out: frozenset[str]) -> Case:
    said: dict[str, list[int]] = {speaker.id: [0, 0] for speaker in document.speakers}
    counted = 0
    for block, words in speech_words(document):
        if document.role_of(block) not in left_out:
            counted += len(words)
        for speaker_id in block.speaker_ids:
            said[speaker_id][0] += len(words)
            said[speaker_id][1] += 1
    people = tuple(
        Person(each.label, each.role, said[each.id][0], said[each.id][1], dict(each.attributes))
        for each in document.speakers
    )
    return Case(document.id, document.name, dict(document.attributes), counted, people, len(document.warnings))
