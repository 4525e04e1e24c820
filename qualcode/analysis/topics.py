"""Topics as tables: a row each, their shares in groups of cases, and how well people made sense of them."""

from __future__ import annotations

from collections.abc import Sequence

from qualcode.analysis.groups import NOT_GIVEN, groups_by
from qualcode.analysis.study import Study
from qualcode.coding.topics.matching import REPRODUCIBLE
from qualcode.coding.topics.model import Pooled, TopicModel
from qualcode.coding.topics.prevalence import GroupShare, topic_prevalence
from qualcode.coding.topics.quiz import QuizResult
from qualcode.coding.topics.sheet import TopicEntry, TopicSheet
from qualcode.model.table import Column, Table

__all__ = ["code_told", "topic_quiz", "topics", "topics_by"]

FEW_CASES = 5
"""A group of fewer cases is said to be small."""

_TOPIC = Column("topic", "integer", "number of the topic, from 1")


def topics(study: Study, sheet: TopicSheet) -> Table:
    """Return a row for each topic: its words, its share of the talk, how far it spreads, the codes it goes with."""
    rows = tuple(
        (
            entry.number + 1,
            _words(entry),
            entry.seeded,
            entry.share,
            entry.segments,
            sheet.segments,
            entry.speakers,
            sheet.speakers,
            entry.documents,
            sheet.documents,
            "; ".join(code_told(study, each.code, each.correlation) for each in entry.codes),
            {None: "", True: "no", False: "yes"}[entry.uncovered],
            entry.reproduced,
        )
        for entry in sheet.entries
    )
    columns = (
        _TOPIC,
        Column("words", "text", "its words by relevance, best first"),
        Column("seeded", "text", "id of the code whose words seeded it; empty for a free topic"),
        Column("share", "share", "its share of the talk, by words"),
        Column("segments", "integer", "segments of which it takes the greatest part"),
        Column("of_segments", "integer", "segments of the pooled talk"),
        Column("speakers", "integer", "distinct named people who say these"),
        Column("of_speakers", "integer", "named people with a segment"),
        Column("documents", "integer", "distinct documents they lie in"),
        Column("of_documents", "integer", "documents with a segment"),
        Column("codes", "text", "codes that it goes with, strongest first, with the correlation of share and code"),
        Column("covered", "text", "yes when a code goes with it, no when none does; empty when nothing is coded"),
        Column("reproduced", "number", "likeness (cosine) of its words in fits with other seeds, on average"),
    )
    return Table("topics", _title(study, sheet), columns, rows, unit="segment", notes=_notes(sheet),
                 provenance=_provenance(study, sheet.model))  # fmt: skip


def topics_by(
    study: Study,
    sheet: TopicSheet,
    pooled: Pooled,
    by: str,
    *,
    others: Sequence[TopicModel] = (),
    confidence: float = 0.95,
) -> Table:
    """Return each topic's share of what each group says, with an interval over cases and the range over other fits.

    Args:
        study: the cases with their attributes; codings are not needed.
        sheet: of the fitted model.
        pooled: the talk it was fitted on.
        by: an attribute of documents or, where no document has it, of speakers.
        others: fits of the same talk with other seeds.
        confidence: of the intervals.

    Raises:
        AnalysisError: QC-A004 when nobody has the attribute.
    """
    values = [group.value for group in groups_by(study, by)]
    group, case, what = _grouped(pooled, by, values)
    found = topic_prevalence(sheet.model, pooled, group, case, others=others, confidence=confidence)
    rows = tuple(
        (
            each.topic + 1, sheet.entries[each.topic].label, values[each.group], each.cases, each.words, each.share,
            each.low, each.high, each.rest, each.difference, each.difference_low, each.difference_high,
            each.fits, each.fit_low, each.fit_high,
        )
        for each in found
    )  # fmt: skip
    columns = (
        _TOPIC,
        Column("label", "text", "its three most relevant words"),
        Column(by if by not in _TAKEN else f"{by} (attribute)", "text", "group of cases"),
        Column("cases", "integer", f"cases of the group with talk: {what}"),
        Column("said", "integer", "words that they say"),
        Column("share", "share", "the topic's share of these"),
        Column("share_low", "share", "lower end of its interval; empty with fewer than two cases"),
        Column("share_high", "share", "upper end"),
        Column("rest", "share", "the topic's share of what all other groups say"),
        Column("difference", "number", "share less rest"),
        Column("difference_low", "number", "lower end of its interval"),
        Column("difference_high", "number", "upper end"),
        Column("fits", "integer", "fits in which the topic was found again, this one among them"),
        Column("fit_low", "share", "the least share over these fits"),
        Column("fit_high", "share", "the greatest"),
    )
    notes = (*_interval_notes(found, what, len(others) + 1, confidence, lda=sheet.model.kind != "nmf"), *sheet.notes)
    return Table("topics_by", f"{_title(study, sheet)} by {by}", columns, rows, unit="word", notes=notes,
                 provenance=_provenance(study, sheet.model))  # fmt: skip


def topic_quiz(results: Sequence[QuizResult], *, notes: Sequence[str] = ()) -> Table:
    """Return how often people found the intruder: over all, by person, by topic."""
    rows = tuple(
        (
            {"word": "word intrusion", "topic": "topic intrusion"}[each.task],
            None if each.topic is None else each.topic + 1, each.person or "all", each.right, each.answers,
            each.precision, each.low, each.high, each.chance, each.log_odds,
        )
        for each in results
    )  # fmt: skip
    columns = (
        Column("test", "text", "word intrusion, or topic intrusion"),
        Column("topic", "integer", "the topic asked about (of topic intrusion: the intruder); empty for all"),
        Column("person", "text", "who answered, or all"),
        Column("right", "integer", "answers that named the intruder"),
        Column("answers", "integer", "answers"),
        Column("precision", "share", "right / answers"),
        Column("precision_low", "share", "lower end of its exact binomial interval (95 %)"),
        Column("precision_high", "share", "upper end"),
        Column("chance", "share", "what guessing finds"),
        Column("log_odds", "number", "mean topic log odds: 0 is best; only of topic intrusion"),
    )
    people = {each.person for each in results if each.person}
    said = ["Where the interval holds what guessing finds, the answers do not show that the topic means anything."]
    if people:
        said.append(
            "Intervals take answers as independent; answers of several people about one topic are not quite, so those "
            "of all together are too narrow."
        )
    return Table("topic_quiz", "What people made of the topics", columns, rows, unit="answer", notes=(*said, *notes))


def code_told(study: Study, code: str, correlation: float | None) -> str:
    """Return ``C3 Making time (.45)``."""
    label = study.codebook[code].label if code in study.codebook else ""
    strength = "" if correlation is None else f" ({correlation:.2f})".replace("0.", ".")
    return f"{code} {label}".rstrip() + strength


_TAKEN = {"topic", "label", "cases", "said", "share", "rest", "difference", "fits"}


def _words(entry: TopicEntry) -> str:
    return ", ".join(word.word for word in entry.words)


def _title(study: Study, sheet: TopicSheet) -> str:
    kinds = {"nmf": "NMF", "lda": "LDA", "tomotopy": "LDA"}
    return f"{sheet.model.k} topics ({kinds[sheet.model.kind]}) of {study.title or 'the talk'}"


def _notes(sheet: TopicSheet) -> tuple[str, ...]:
    told = {
        "people": f"Codes are those that people decided on, in {sheet.coded_segments} segments.",
        "machine": f"Codes are those that the machine suggests, in {sheet.coded_segments} segments: nobody has decided "
        "enough yet. A topic and a rule can agree and both be wrong.",
        "": "Nothing is coded yet, so the topics were compared with no codes.",
    }[sheet.coded_by]
    more = []
    if sheet.coded_by and any(entry.uncovered is None for entry in sheet.entries):
        more.append("Too little is coded to tell which topics go with no code.")
    elif any(entry.uncovered for entry in sheet.entries):
        more.append(
            "Where no code goes with a topic for sure, that may be because there is too little talk to tell: read its "
            "passages, and the code that is named as the nearest, before you make a code of it."
        )
    if sheet.fits:
        weak = [
            str(each.number + 1)
            for each in sheet.entries
            if each.reproduced is not None and each.reproduced < REPRODUCIBLE
        ]
        if weak:
            more.append(
                f"Not found again by {sheet.fits} other fits (likeness below {REPRODUCIBLE}): topic {', '.join(weak)}."
            )
    return (told, *more, *sheet.notes)


def _interval_notes(
    found: Sequence[GroupShare], what: str, fits: int, confidence: float, *, lda: bool
) -> tuple[str, ...]:  # fmt: skip
    covers = f"Intervals ({confidence:.0%}) cover which cases ({what}) happened to be in the group"
    covers += ", and how uncertain a segment's shares are given the topics" if lda else ""
    first = f"{covers}. They do not cover the choice of the number of topics, nor other fits"
    notes = [f"{first}: for these, fit_low and fit_high are the least and greatest share over {fits} fits."
             if fits > 1 else f"{first}."]  # fmt: skip
    small = sorted({each.group for each in found if each.cases < FEW_CASES})
    if small:
        notes.append(f"Groups of fewer than {FEW_CASES} cases have wide intervals, and those of one case none.")
    compared = sum(each.difference_low is not None for each in found)
    if compared > 1:
        notes.append(f"{compared} differences stand here; one in twenty would seem real by chance alone.")
    return tuple(notes)


def _grouped(pooled: Pooled, by: str, values: Sequence[str]) -> tuple[list[int], list[int], str]:
    """Return the group and the case of each segment, and what a case is."""
    documents = pooled.units.documents
    place = {value: number for number, value in enumerate(values)}
    if any(document.attributes.get(by) for document in documents):
        own = [place.get(document.attributes.get(by) or NOT_GIVEN, -1) for document in documents]
        rows = [int(each) for each in pooled.document]
        return [own[row] for row in rows], rows, "documents"
    by_id = {document.id: document for document in documents}
    of_person = [
        place.get(by_id[at].speaker(who).attributes.get(by) or NOT_GIVEN, -1) for at, who in pooled.units.people
    ]
    unnamed = place.get(NOT_GIVEN, -1)
    people = [int(each) for each in pooled.speaker]
    # Talk under no name is one case in each document.
    cases = [who if who >= 0 else -1 - int(at) for who, at in zip(people, pooled.document, strict=True)]
    return [of_person[who] if who >= 0 else unnamed for who in people], cases, "people in a document"


def _provenance(study: Study, model: TopicModel) -> dict[str, str]:
    told = {"codebook": f"{study.codebook.id} {study.codebook.version}"}
    return told | {name: str(value) for name, value in model.settings.items()}
