"""The passages on which coders differ: units in dispute joined, what is settled left out, open conflicts added."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qualcode.analysis.disagreements import ABSENT, disagreements
from qualcode.analysis.layers import Layer, under_code
from qualcode.analysis.levels import Level, block_at, counted_units
from qualcode.analysis.study import Study
from qualcode.model.document import Span
from qualcode.model.ledger import SETTLED, Judgement
from qualcode.review.conflicts import Conflict

__all__ = ["Difference", "differences"]

Answers = tuple[str, ...]
"""For each coder ``yes``, ``no``, or a dash when the document was not worked through."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A stretch on which the same codes are in dispute in the same way. ``outside``: tables do not count it."""

    document_id: str
    span: Span
    codes: Mapping[str, Answers]
    outside: bool = False


def differences(
    study: Study,
    layers: Sequence[Layer],
    judgements: Sequence[Judgement],
    conflicts: Iterable[Conflict],
    level: Level,
) -> tuple[tuple[Difference, ...], int, int]:
    """Return the passages on which coders differ, in the order of the documents and the text.

    Neighbouring units of one turn on which the same codes are in dispute in the same way are one passage. Beside the
    passages stand two numbers: the rows of the table of disagreements, and how many of these are settled.

    Raises:
        AnalysisError: as :func:`~qualcode.analysis.disagreements.disagreements`.
    """
    units, rows, settled = _differing(study, layers, judgements, level) if layers else ([], 0, 0)
    coders = [layer.coder for layer in layers]
    return (*_joined(study, units, level), *_outside(study, units, conflicts, coders)), rows, settled


def _differing(
    study: Study, layers: Sequence[Layer], judgements: Sequence[Judgement], level: Level
) -> tuple[list[Difference], int, int]:
    """Return the units in dispute, how many rows the table of disagreements has, and how many of these are settled."""
    table = disagreements(study, layers, level=level)
    ids = {case.name: case.id for case in study.cases}
    names = [column.name for column in table.columns]
    first = names.index("text") + 1
    at = {name: names.index(name) for name in ("code", "document", "start", "end")}
    held: dict[tuple[str, Span], dict[str, Answers]] = {}
    decided = [each for each in judgements if each.layer == SETTLED and not each.orphan]
    settled = 0
    for row in table.rows:
        code, document_id = str(row[at["code"]]), ids[str(row[at["document"]])]
        span = Span(int(row[at["start"]] or 0), int(row[at["end"]] or 0))
        if _is_settled(decided, document_id, span, under_code(study, code)):
            settled += 1
            continue
        answers = tuple(str(cell) for cell in row[first : first + len(layers)])
        held.setdefault((document_id, span), {})[code] = answers
    found = [Difference(document_id, span, codes) for (document_id, span), codes in held.items()]
    return found, len(table.rows), settled


def _is_settled(settled: Iterable[Judgement], document_id: str, span: Span, codes: Collection[str]) -> bool:
    return any(
        each.code in codes and each.passage.document_id == document_id and each.passage.span.overlaps(span)
        for each in settled
    )


def _joined(study: Study, found: Sequence[Difference], level: Level) -> list[Difference]:
    """Return the units as passages, in the order of the documents and the text."""
    units = counted_units(study, level)
    order = {case.id: number for number, case in enumerate(study.cases)}
    number = {(name, unit): at for name, every in units.items() for at, unit in enumerate(every)}
    joined: list[Difference] = []
    last = -1
    for each in sorted(found, key=lambda each: (order[each.document_id], each.span)):
        before, at = joined[-1] if joined else None, number[each.document_id, each.span]
        if (
            before is not None
            and at == last + 1
            and (before.document_id, before.codes) == (each.document_id, each.codes)
            and _block(study, before) == _block(study, each)
        ):
            joined[-1] = Difference(each.document_id, Span(before.span.start, each.span.end), each.codes)
        else:
            joined.append(each)
        last = at
    return joined


def _block(study: Study, each: Difference) -> int:
    return block_at(study.documents[each.document_id], each.span.start)


def _outside(
    study: Study, found: Sequence[Difference], conflicts: Iterable[Conflict], coders: Sequence[str]
) -> Iterator[Difference]:
    """Yield the conflicts that no unit shows: in words that are not counted, or a document not worked through."""
    for each in conflicts:
        yes = {one.layer for one in each.for_it} & set(coders)
        no = {one.layer for one in each.against} & set(coders)
        known = each.code in study.codebook and each.document_id in study.documents
        if known and yes and no and not any(_shows(study, unit, each) for unit in found):
            answers = tuple("yes" if who in yes else "no" if who in no else ABSENT for who in coders)
            yield Difference(each.document_id, each.span, {each.code: answers}, outside=True)


def _shows(study: Study, unit: Difference, conflict: Conflict) -> bool:
    return (
        unit.document_id == conflict.document_id
        and unit.span.overlaps(conflict.span)
        and any(conflict.code in under_code(study, code) for code in unit.codes)
    )
