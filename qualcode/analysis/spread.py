"""Spread beside volume: one voluble speaker is not a theme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from qualcode.analysis.study import Study
from qualcode.analysis.tally import Count, Roster, chosen_codes, tally
from qualcode.analysis.themes import book_of
from qualcode.model.table import Cell, Column, Table

__all__ = ["spread"]

_COLUMNS = (
    Column("code", "text", "id of the code"),
    Column("label", "text", "its name"),
    Column("level", "integer", "depth in the codebook, 1 for the top"),
    Column("documents", "integer", "distinct documents it lies in"),
    Column("of_documents", "integer", "documents of the study"),
    Column("speakers", "integer", "distinct named people who say it"),
    Column("of_speakers", "integer", "named people who are counted"),
    Column("codings", "integer", "codings of the code and of codes below it"),
    Column("segments", "integer", "distinct units that these overlap: the volume"),
    Column("top_document", "text", "the document with most of the volume"),
    Column("top_document_segments", "integer", "its units"),
    Column("top_speaker", "text", "the person with most codings, with the document"),
    Column("top_speaker_codings", "integer", "that person's codings"),
    Column("dp", "share", "Gries's DP: 0 when volume follows the documents' words, near 1 when it sits in few"),
)


def spread(study: Study, *, codes: Iterable[str] | None = None) -> Table:
    """Return spread and volume of each code, the most widely spread first: by documents, then speakers, then volume.

    Raises:
        AnalysisError: QC-A003 for an unknown code.
    """
    counts = tally(study)
    left_out = frozenset(study.codebook.roles_left_out)
    people = sum(
        person.role not in left_out and bool(person.label) and person.turns > 0
        for case in study.cases
        for person in case.speakers
    )
    spoken = {speaker for count in counts.values() for speaker in count.speakers}
    people = max(people, len(spoken))
    roster = Roster(study)
    words = {case.id: case.words for case in study.cases}
    names = {case.id: case.name for case in study.cases}
    order = {case.id: number for number, case in enumerate(study.cases)}
    rows: list[tuple[Cell, ...]] = []
    for code in chosen_codes(study, codes):
        count = counts[code.id]
        volume = Counter(document_id for document_id, _ in count.segments)
        said = Counter(who for coding in count.codings for who in roster.of(coding))
        top = min(volume, key=lambda name: (-volume[name], order[name]), default=None)
        who = min(said, key=lambda key: (-said[key], order[key[0]], key[1]), default=None)
        spread_of = (len(count.documents), len(study.cases), len(count.speakers), people)
        most = (names[top], volume[top]) if top else ("", None)
        talker = (f"{who[1]} ({names[who[0]]})", said[who]) if who else ("", None)
        rows.append((code.id, code.label, study.codebook.level(code.id), *spread_of, len(count.codings),
                     len(count.segments), *most, *talker, _dp(count, words)))  # fmt: skip
    rows.sort(key=lambda row: (-_number(row[3]), -_number(row[5]), -_number(row[8]), -_number(row[7])))
    notes = (
        f"Sorted by documents, then speakers, then volume in {study.unit}s: one talker is not a theme.",
        "DP compares each document's share of the volume with its share of the words: half the sum of the differences.",
    )
    return Table("spread", "Spread and volume", _COLUMNS, tuple(rows), study.unit, notes, book_of(study))


def _dp(count: Count, words: Mapping[str, int]) -> float | None:
    """Return Gries's DP over documents; ``None`` where it is not defined: no volume, or fewer than two documents."""
    from qualcode.stats.dispersion import dispersion

    volume = Counter(document_id for document_id, _ in count.segments)
    # Sorted, so that the order of the documents does not touch the last digit of a sum of floats.
    parts = sorted((volume[name], size) for name, size in words.items())
    # A document without words is no part of the text; a code applied there alone has nothing to be compared with.
    if any(given and not size for given, size in parts):
        return None
    return dispersion([given for given, _ in parts], [size for _, size in parts]).dp


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else 0.0
