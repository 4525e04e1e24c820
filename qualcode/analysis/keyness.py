"""Keyness: words that one group of transcripts, or the passages with a code, use more than the rest."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.analysis.groups import NOT_GIVEN, groups_by
from qualcode.analysis.levels import counted_units, left_out_note, text_of
from qualcode.analysis.study import Study
from qualcode.analysis.tally import chosen_codes, tally
from qualcode.analysis.themes import book_of
from qualcode.errors import AnalysisError
from qualcode.model.table import Cell, Column, Table

__all__ = ["WordCounts", "code_keyness", "keyness"]

_COLUMNS = (
    Column("group", "text", "the group that uses the word more"),
    Column("word", "text", "the word (lemma), as counted"),
    Column("g2", "number", "log-likelihood: evidence of a difference; it grows with the amount of text"),
    Column("log_ratio", "number", "size of the difference: 1 is twice as frequent here, 2 four times"),
    Column("low", "number", "lower end of its interval over transcripts"),
    Column("high", "number", "upper end"),
    Column("count", "integer", "how often the group says it"),
    Column("of_words", "integer", "words of the group"),
    Column("per_10000", "number", "count in 10,000 words of the group"),
    Column("documents", "integer", "documents of the group with the word"),
    Column("of_documents", "integer", "documents of the group"),
    Column(
        "dp", "share", "Gries's DP in the group: 0 when spread like its words, near 1 when it sits in few documents"
    ),
    Column("rest_count", "integer", "how often the others say it"),
    Column("rest_of_words", "integer", "words of the others"),
    Column("rest_per_10000", "number", "count in 10,000 words of the others"),
    Column("rest_documents", "integer", "documents of the others with the word"),
    Column("rest_of_documents", "integer", "documents of the others"),
)
_LOW = [column.name for column in _COLUMNS].index("low")


@dataclass(frozen=True, slots=True, eq=False)
class WordCounts:
    """How often each word occurs, row by row; for instance of ``TokenIndex.document_term_matrix()``.

    Attributes:
        documents: the document id of each row.
        words: the word (or lemma) of each column.
        counts: rows × words, numpy or scipy sparse; speech of the people who are counted only, every word of it.
        speakers: the speaker's label of each row, to compare speakers; empty when a row is a whole document.
    """

    documents: tuple[str, ...]
    words: tuple[str, ...]
    counts: Any
    speakers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    form: str
    limit: int
    minimum: int
    replicates: int
    seed: int
    confidence: float

    def notes(self) -> tuple[str, ...]:
        return (
            f"G2 is the {self.form} form. It takes words as independent, which they are not: judge by log ratio, "
            "interval and documents, and read the passages.",
            f"Only words that the group says more often than the others, {self.minimum} times or more in all; at most "
            f"{self.limit} a group, the highest G2 first. A count of 0 stands as 0.5 in the log ratio.",
            f"Intervals ({self.confidence:.0%}) are bootstrap percentiles over transcripts drawn within each group, "
            f"{self.replicates} samples, seed {self.seed}.",
        )


def keyness(
    study: Study,
    counts: WordCounts,
    *,
    by: str,
    groups: Sequence[str] | None = None,
    form: str = "four-cell",
    limit: int = 50,
    minimum: int = 5,
    replicates: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Table:
    """Return the words that each group uses more than the others, group by group, the highest G² first.

    Args:
        study: whose documents or speakers have the attribute.
        counts: words by document, or by document and speaker.
        by: an attribute of documents or, where ``counts`` has speakers, of speakers. What has no value takes no part.
        groups: values to compare with each other; one value is compared with all others. All values unless given, each
            with the rest.
        form: ``four-cell`` (Dunning 1993) or ``two-cell`` (Rayson & Garside 2000).
        limit: rows for each group.
        minimum: words said less often than this, in all groups that are compared, have no row.
        replicates, seed, confidence: of the bootstrap over transcripts.

    Raises:
        AnalysisError: QC-A004 for an unknown attribute, QC-A036 for counts that do not fit, QC-A038 for groups that are
            not there.
        StatisticsError: QC-N063, QC-N064 and QC-N065 for counts, forms, replicates and confidence out of range.
    """
    from scipy.sparse import csr_array

    asked = _Asked(form, limit, minimum, replicates, seed, confidence)
    value_of = _values(study, counts, by)
    known = [group.value for group in groups_by(study, by) if group.value != NOT_GIVEN]
    chosen = _chosen(known, groups, by)
    compared = known if len(chosen) == 1 else chosen
    matrix = csr_array(counts.counts)
    body: list[tuple[Cell, ...]] = []
    notes = list(asked.notes())
    alone: list[str] = []
    for value in chosen:
        here = _by_document(matrix, counts.documents, [given == value for given in value_of])
        there = _by_document(matrix, counts.documents, [given in compared and given != value for given in value_of])
        rows = _compared(value, here, there, counts.words, asked)
        body += rows
        if not rows:
            notes.append(f"{value}: no word, or nothing to compare with.")
        elif rows[0][_LOW] is None:
            alone.append(value)
    if alone:
        notes.append(f"No intervals for {', '.join(alone)}: one side has fewer than two transcripts.")
    unknown = len({name for name, given in zip(counts.documents, value_of, strict=True) if not given})
    if unknown:
        notes.append(f"{unknown} documents hold words without a value of {by}; these took no part.")
    made_with = {**book_of(study), "unit": "word", "by": by, "form": form, "seed": str(seed)}
    return Table("keyness", f"Words by {by}", _COLUMNS, tuple(body), "word", tuple(notes), made_with)


def code_keyness(
    study: Study,
    code: str,
    *,
    form: str = "four-cell",
    limit: int = 50,
    minimum: int = 5,
    replicates: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Table:
    """Return the words that units with a code (or one below it) use more than all other units.

    Words are as written, in small letters, without the punctuation around them. A coder that looks for words finds its
    own rules here first; what else is there may be worth a rule.

    Raises:
        AnalysisError: QC-A003 for an unknown code, QC-A030 when the study was made without its documents.
    """
    (row,) = chosen_codes(study, [code])
    asked = _Asked(form, limit, minimum, replicates, seed, confidence)
    units = counted_units(study, study.unit)
    coded = tally(study)[row.id].segments
    numbers = {name: {unit: at for at, unit in enumerate(study.units.get(name, ()))} for name in units}
    inside: list[Counter[str]] = []
    outside: list[Counter[str]] = []
    for name, words in counted_units(study, "token").items():
        document, starts = text_of(study, name), [unit.start for unit in units[name]]
        here, there = Counter[str](), Counter[str]()
        for word in words:
            at = bisect_right(starts, word.start) - 1
            own = at >= 0 and word.start < units[name][at].end
            found = own and (name, numbers[name][units[name][at]]) in coded
            (here if found else there)[_folded(document.quote(word))] += 1
        inside.append(here)
        outside.append(there)
    column = {word: at for at, word in enumerate(sorted(set().union(*inside, *outside)))}
    body = _compared(row.label, _matrix(inside, column), _matrix(outside, column), tuple(column), asked)
    notes = [f"Words of {study.unit}s with {row.id} against all other words. Most transcripts stand on both sides.",
             left_out_note(study), *asked.notes()]  # fmt: skip
    if not body:
        notes.append("No word is typical: there are no such units, no others, or too few words.")
    made_with = {**book_of(study), "unit": "word", "code": row.id, "form": form, "seed": str(seed)}
    return Table("code_keyness", f"Words of {row.label}", _COLUMNS, tuple(body), "word", tuple(filter(None, notes)),
                 made_with)  # fmt: skip


def _compared(group: str, here: Any, there: Any, words: Sequence[str], asked: _Asked) -> list[tuple[Cell, ...]]:
    """Return the rows of one group, from two matrices documents × words."""
    import numpy as np

    from qualcode.stats import keyness as stats

    sizes, rest_sizes = (np.asarray(table.sum(axis=1), dtype=np.int64).ravel() for table in (here, there))
    a, b = (np.asarray(table.sum(axis=0), dtype=np.int64).ravel() for table in (here, there))
    n, m = int(sizes.sum()), int(rest_sizes.sum())
    score = stats.g2(a, b, n, m, form=asked.form)
    if not (n and m):
        return []
    more = a * m > b * n
    at = np.flatnonzero(more & (a + b >= asked.minimum))
    # Ties in G² go by the alphabet, so that the order of the columns does not matter.
    kept = sorted(at.tolist(), key=lambda column: (-float(score[column]), words[column]))[: max(asked.limit, 0)]
    result = stats.keyness(here[:, kept], there[:, kept], types=[words[column] for column in kept], target_sizes=sizes,
                           reference_sizes=rest_sizes, form=asked.form, replicates=asked.replicates, seed=asked.seed,
                           confidence=asked.confidence)  # fmt: skip
    documents, rest_documents = int((sizes > 0).sum()), int((rest_sizes > 0).sum())
    return [
        (group, words[column], float(result.g2[row]), float(result.log_ratio[row]), _given(result.low[row]),
         _given(result.high[row]), int(a[column]), n, float(a[column]) * 10_000 / n, int(result.target_documents[row]),
         documents, _share(result.target_dp[row]), int(b[column]), m, float(b[column]) * 10_000 / m,
         int(result.reference_documents[row]), rest_documents)
        for row, column in enumerate(kept)
    ]  # fmt: skip


def _values(study: Study, counts: WordCounts, by: str) -> list[str]:
    """Return the attribute's value for each row of the counts, ``""`` where there is none."""
    import numpy as np

    shape = np.shape(counts.counts)
    if (len(counts.documents), len(counts.words)) != shape or len(counts.speakers) not in {0, len(counts.documents)}:
        named = f"{len(counts.documents)} documents, {len(counts.words)} words and {len(counts.speakers)} speakers"
        raise AnalysisError("QC-A036", f"the counts are {' × '.join(map(str, shape))}, but name {named}",
                            hint="Give a document for each row and a word for each column.")  # fmt: skip
    groups_by(study, by)  # refuses an attribute that is not there
    of_case = {case.id: case.attributes.get(by, "") for case in study.cases}
    if any(of_case.values()):
        return [of_case.get(name, "") for name in counts.documents]
    if not counts.speakers:
        raise AnalysisError("QC-A036", f"{by!r} is an attribute of speakers, and the words are counted by document",
                            hint="Give counts with a row for each document and speaker.")  # fmt: skip
    of_person: Mapping[tuple[str, str], str] = {
        (case.id, person.label): person.attributes.get(by, "") for case in study.cases for person in case.speakers
    }
    return [of_person.get(key, "") for key in zip(counts.documents, counts.speakers, strict=True)]


def _chosen(known: Sequence[str], groups: Sequence[str] | None, by: str) -> list[str]:
    chosen = list(known) if groups is None else list(dict.fromkeys([groups] if isinstance(groups, str) else groups))
    strange = next((name for name in chosen if name not in known), None)
    if strange is not None or not chosen:
        what = f"no group of {by!r} is named {strange!r}" if chosen else f"no group of {by!r} is named"
        raise AnalysisError("QC-A038", what, hint=f"There are: {', '.join(known)}.")
    if len(known) < 2:
        raise AnalysisError("QC-A038", f"all have the same value of {by!r} ({known[0]}), so nothing can be compared",
                            hint="Choose an attribute with two values or more.")  # fmt: skip
    return chosen


def _by_document(matrix: Any, documents: Sequence[str], kept: Sequence[bool]) -> Any:
    """Return the rows that are kept, those of one document added up: transcripts are what is resampled."""
    from scipy.sparse import csr_array

    rows = [at for at, keep in enumerate(kept) if keep]
    number = {name: at for at, name in enumerate(dict.fromkeys(documents[row] for row in rows))}
    places = ([number[documents[row]] for row in rows], rows)
    return csr_array(([1] * len(rows), places), shape=(len(number), matrix.shape[0]), dtype=int) @ matrix


def _matrix(counts: Sequence[Counter[str]], column: Mapping[str, int]) -> Any:
    from scipy.sparse import csr_array

    cells = [(row, column[word], number) for row, found in enumerate(counts) for word, number in found.items()]
    rows, columns, numbers = ([cell[part] for cell in cells] for part in range(3))
    return csr_array((numbers, (rows, columns)), shape=(len(counts), len(column)), dtype=int)


def _folded(word: str) -> str:
    first, last = 0, len(word)
    while first < last and not word[first].isalnum():
        first += 1
    while last > first and not word[last - 1].isalnum():
        last -= 1
    return word[first:last].replace("’", "'").casefold()


def _given(value: float) -> float | None:
    return None if value != value else float(value)


def _share(value: float) -> float | None:
    return None if value != value else min(max(float(value), 0.0), 1.0)
