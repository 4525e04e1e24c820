"""Passages on which coders differ, to the work-list of a meeting: both readings, the definitions, how to settle it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from qualcode.analysis.agreement import agreement
from qualcode.analysis.disagreements import confusions
from qualcode.analysis.layers import Layer
from qualcode.analysis.levels import Level
from qualcode.analysis.study import Study
from qualcode.model.ledger import SETTLED, Judgement, Memo
from qualcode.report.commands import Commands
from qualcode.report.differing import Difference, differences
from qualcode.report.front import noun_of
from qualcode.report.people import defined, label_of
from qualcode.report.readings import Material, readings_of, settling_of
from qualcode.report.scenes import scene_of
from qualcode.report.wording import and_list, british_date, counted, plural
from qualcode.report.worklists import CodeRow, ConfusedRow, DisagreementsPage, DisputedCode, Passage
from qualcode.review.conflicts import Conflict

__all__ = ["disagreements_page"]

MOST_PAIRS = 12
PARTNERS = 3
"""Definitions that stand beside that of the code in dispute."""
UNDEFINED = "–"


def disagreements_page(
    study: Study,
    layers: Sequence[Layer],
    judgements: Sequence[Judgement],
    conflicts: Sequence[Conflict],
    *,
    level: Level,
    commands: Commands,
    date: str,
    memos: Sequence[Memo] = (),
) -> DisagreementsPage:
    """Return the page. Neighbouring units on which the same codes are in dispute in the same way are one passage.

    A passage stands once, under the code of its that is most in dispute; what adjudication settled is left out.

    Args:
        study: texts, units and codebook; its codings are not looked at.
        layers: what each coder did; the layer of what is settled is not one.
        judgements: all of the codebook, settled ones among them.
        conflicts: those that are not settled.
        level: what is compared.
        commands: of the project.
        date: the day to print, ``YYYY-MM-DD``.
        memos: all of the project.

    Raises:
        AnalysisError: QC-A030 and QC-A032 as :func:`~qualcode.analysis.disagreements.disagreements`.
    """
    coders = tuple(layer.coder for layer in layers)
    passages, units, settled = differences(study, layers, judgements, conflicts, level)
    often = Counter(code for each in passages for code in each.codes)
    material = Material(study, tuple(layers), _by_document(judgements), tuple(conflicts), tuple(memos), commands)
    groups = _groups(material, passages, often)
    confused, more = _confused(study, layers, level) if len(layers) > 1 else ((), 0)
    noun, both = noun_of(study), sum(sum(case.id in layer.documents for layer in layers) > 1 for case in study.cases)
    anchors = {each.id: each.anchor for each in groups}
    return DisagreementsPage(
        title=study.title or f"Codings of {counted(len(study.cases), noun)}",
        language=study.codebook.language or "en-GB",
        facts=(
            ("Study", study.title),
            ("Date", british_date(date)),
            ("Codebook", f"{study.codebook.title} ({study.codebook.id}, version {study.codebook.version})"),
            ("Coders", _who(layers, noun)),
            *([("Compared", f"{counted(both, noun)} that at least two of them worked through, {level} by {level}")]
              if len(layers) > 1 else []),
            ("To settle", counted(len(passages), "passage")
             + (f"; {settled:,} {plural('difference', settled)} settled already" if settled else "")),
        ),
        unit=level,
        coders=coders,
        total=len(passages),
        nothing=_nothing(coders, both, settled, noun) if not passages else "",
        notes=_notes(study, layers, units, level, noun),
        confused=confused,
        confused_more=more,
        rows=_rows(study, layers, often, anchors, level),
        groups=groups,
    )  # fmt: skip


def _by_document(judgements: Sequence[Judgement]) -> dict[str, tuple[Judgement, ...]]:
    """Return what people hold by document id; without orphans, and without what was settled between them."""
    held: dict[str, list[Judgement]] = {}
    for each in judgements:
        if not each.orphan and each.layer != SETTLED:
            held.setdefault(each.passage.document_id, []).append(each)
    return {name: tuple(those) for name, those in held.items()}


def _groups(material: Material, passages: Sequence[Difference], often: Mapping[str, int]) -> tuple[DisputedCode, ...]:
    """Return the passages under their most disputed code, codes with most of them first."""
    book = material.study.codebook
    place = {code.id: number for number, code in enumerate(book.tree())}
    held: dict[str, list[Difference]] = {}
    for each in passages:
        held.setdefault(min(each.codes, key=lambda code: (-often[code], place[code])), []).append(each)
    made: list[DisputedCode] = []
    number = 1
    for code in sorted(held, key=lambda code: (-often[code], place[code])):
        partners = Counter(other for each in held[code] for other in _taken_for(each, code))
        ranked = [other for other, _ in partners.most_common()]
        views = [_view(material, each, at) for at, each in enumerate(_in_order(held[code], code, ranked), number)]
        number += len(views)
        beside = tuple(defined(book[each]) for each in [code, *ranked[:PARTNERS]])
        anchor, more = f"code-{len(made) + 1}", often[code] - len(views)
        made.append(DisputedCode(anchor, code, label_of(book, code), more, beside, tuple(views)))
    return tuple(made)


def _in_order(held: Sequence[Difference], code: str, ranked: Sequence[str]) -> list[Difference]:
    """Return passages of one code: those where it is most often taken for another first, then as they stand."""
    rank = {other: at for at, other in enumerate(ranked)}
    return sorted(held, key=lambda each: min((rank[other] for other in _taken_for(each, code)), default=len(rank)))


def _view(material: Material, each: Difference, number: int) -> Passage:
    document = material.study.documents[each.document_id]
    return Passage(f"passage-{number}", number, document.name, scene_of(document, each.span),
                   readings_of(material, each), settling_of(material, each), each.outside)  # fmt: skip


def _taken_for(each: Difference, code: str) -> tuple[str, ...]:
    """Return the codes that one coder gave in the place of ``code``, which another gave."""
    own = each.codes[code]
    return tuple(
        other
        for other, answers in each.codes.items()
        if other != code and {("yes", "no"), ("no", "yes")} <= set(zip(own, answers, strict=True))
    )


def _confused(study: Study, layers: Sequence[Layer], level: Level) -> tuple[tuple[ConfusedRow, ...], int]:
    """Return the pairs of codes taken for one another, most often first, and how many pairs more there are."""
    place = {code.id: number for number, code in enumerate(study.codebook.tree())}
    units: Counter[tuple[str, str]] = Counter()
    who: dict[tuple[str, str], list[str]] = {}
    for row in confusions(study, layers, level=level):
        one, other, n = str(row["first_code"]), str(row["second_code"]), int(row["units"] or 0)
        pair = (one, other) if place[one] < place[other] else (other, one)
        units[pair] += n
        who.setdefault(pair, []).append(f"{row['first']} {one}, {row['second']} {other}: {n}")
    pairs = sorted(units, key=lambda pair: (-units[pair], place[pair[0]], place[pair[1]]))
    rows = tuple(
        ConfusedRow(one, label_of(study.codebook, one), other, label_of(study.codebook, other), units[one, other],
                    "; ".join(who[one, other]))
        for one, other in pairs[:MOST_PAIRS]
    )  # fmt: skip
    return rows, max(0, len(pairs) - MOST_PAIRS)


def _rows(
    study: Study, layers: Sequence[Layer], often: Mapping[str, int], anchors: Mapping[str, str], level: Level
) -> tuple[CodeRow, ...]:
    """Return a row for each code in dispute, most passages first, with how far the coders agree on it."""
    if not often or len(layers) < 2:  # agreement is between two
        return ()
    place = {code.id: number for number, code in enumerate(study.codebook.tree())}
    codes = sorted(often, key=lambda code: (-often[code], place[code]))
    table = agreement(study, layers, level=level, codes=codes, measures=("percent", "krippendorff"), replicates=0)
    lines = {str(line["code"]): line for line in table if line["code"]}
    return tuple(
        CodeRow(code, label_of(study.codebook, code), anchors.get(code, ""), often[code],
                tuple(str(lines[code][f"{layer.coder}: coded"]) for layer in layers),
                _number(lines[code]["percent"], percent=True), _number(lines[code]["alpha"]))
        for code in codes
    )  # fmt: skip


def _number(value: object, *, percent: bool = False) -> str:
    if not isinstance(value, int | float):
        return UNDEFINED
    if percent:
        # Rounded down: where coders differ, however seldom, they do not agree in 100 %.
        return f"{int(value * 1000 + 1e-9) / 10:.1f}%"
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def _who(layers: Sequence[Layer], noun: str) -> str:
    return "; ".join(f"{each.coder} ({counted(len(each.documents), noun)})" for each in layers) or "nobody"


def _notes(study: Study, layers: Sequence[Layer], units: int, level: Level, noun: str) -> tuple[str, ...]:
    found = []
    if units:
        found.append(f"The table “disagreements” has {counted(units, 'row')}, one for each {level} and code; here "
                     "neighbours with the same dispute are one passage with all its codes.")  # fmt: skip
    for layer in layers:
        absent = sum(case.id not in layer.documents for case in study.cases)
        if absent:
            found.append(f"{layer.coder} did not work through {absent} of {counted(len(study.cases), noun)}; there, "
                         "having no code is not an answer.")  # fmt: skip
    return tuple(found)


def _nothing(coders: Sequence[str], both: int, settled: int, noun: str) -> str:
    if not coders:
        return "Nobody has decided anything yet."
    if len(coders) == 1:
        return f"Only {coders[0]} has decided anything so far. Merge the others' projects first."
    if not both:
        return (f"{and_list(coders)} have not worked through any {noun} in common. Who has worked through one notes it "
                "with: qualcode done DIR DOCUMENT")  # fmt: skip
    return (f"Everything on which {and_list(coders)} differed is settled." if settled
            else f"{and_list(coders)} agree on every passage that they both worked through.")  # fmt: skip
