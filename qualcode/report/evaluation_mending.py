"""What to mend: mistakes with their words, codes taken for others, rules that do harm or nothing, codes that cling."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qualcode.analysis.evaluation.evaluated import Evaluation
from qualcode.analysis.evaluation.mistakes import Mistake, block_of
from qualcode.analysis.evaluation.sources import BROAD, DEAD, ELSEWHERE, NEVER_RIGHT, Source
from qualcode.analysis.evaluation.terms import NEVER_HITS, NEVER_SAID
from qualcode.analysis.quotes import evidence_spans
from qualcode.report.evaluation_words import number
from qualcode.report.model import Piece
from qualcode.report.passages import pieces, place
from qualcode.report.wording import and_list, counted

__all__ = [
    "ConfusedView",
    "DeadView",
    "MistakeGroup",
    "MistakeView",
    "RuleView",
    "TogetherView",
    "confused_views",
    "dead_views",
    "mistake_groups",
    "rule_views",
    "term_lines",
    "together_views",
]

MOST_CONFUSED, MOST_RULES, MOST_TOGETHER, MOST_TERMS = 12, 20, 10, 12
EACH = 3
"""Mistakes of a kind that are shown for one code."""
LONGEST = 70
"""Words of a passage that are shown."""


@dataclass(frozen=True, slots=True)
class MistakeView:
    """One mistake: the words, where they stand, what the other side says, and what made the machine say so."""

    pieces: tuple[Piece, ...]
    speaker: str
    place: str
    other: str
    because: str
    language: str


@dataclass(frozen=True, slots=True)
class MistakeGroup:
    """The mistakes of one code: some false, some missed, of so many; ``opened`` groups are shown at once."""

    id: str
    label: str
    told: str
    false: tuple[MistakeView, ...]
    missed: tuple[MistakeView, ...]
    opened: bool


@dataclass(frozen=True, slots=True)
class ConfusedView:
    """Two codes, one by hand and one by the machine on the same unit, with one such unit."""

    hand: str
    hand_label: str
    machine: str
    machine_label: str
    units: int
    pieces: tuple[Piece, ...]
    place: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule that does harm: what it says, where, how often it is wrong, and what F1 would be without it."""

    code: str
    id: str
    text: str
    place: str
    right: str
    share: str
    f1: str
    without: str
    verdict: str
    better: bool
    rejected: int


@dataclass(frozen=True, slots=True)
class DeadView:
    """The rules of one code that never hit here: how many of how many, and which."""

    code: str
    label: str
    told: str
    rules: str


@dataclass(frozen=True, slots=True)
class TogetherView:
    """Two codes that go together, by hand and by machine; cells are as they are shown."""

    first: str
    second: str
    hand: str
    hand_jaccard: str
    hand_lift: str
    machine: str
    machine_jaccard: str
    always: str


def mistake_groups(made: Evaluation) -> tuple[MistakeGroup, ...]:
    """Return the mistakes code by code, codes with most of them first; of each some of both kinds."""
    labels = _labels(made)
    by_code: dict[str, tuple[list[Mistake], list[Mistake]]] = {}
    for each in made.mistakes:
        by_code.setdefault(each.code, ([], []))[each.kind == "missed"].append(each)
    ranked = sorted(by_code.items(), key=lambda item: -len(item[1][0]) - len(item[1][1]))
    return tuple(
        MistakeGroup(
            code,
            labels[code],
            f"{counted(len(false), 'false passage')}, {len(missed):,} missed",
            tuple(_view(made, each) for each in _chosen(false)),
            tuple(_view(made, each) for each in _chosen(missed)),
            at < EACH,
        )
        for at, (code, (false, missed)) in enumerate(ranked)
    )


def confused_views(made: Evaluation) -> tuple[tuple[ConfusedView, ...], int]:
    """Return the pairs of codes that are taken for one another most often, and how many more there are."""
    labels, grid = _labels(made), made.grid
    views = []
    for each in made.confusions[:MOST_CONFUSED]:
        document = grid.study.documents[each.document_id]
        block, speaker = block_of(grid, each.document_id, each.span)
        words = document.quote(each.span) if grid.level != "document" else ""
        marked = evidence_spans(words, each.passage.evidence) if each.passage is not None else ()
        where = place(document.name, block, each.span, None, speaker)
        views.append(ConfusedView(each.hand_code, labels[each.hand_code], each.machine_code, labels[each.machine_code],
                                  each.units, pieces(words, marked, LONGEST), where))  # fmt: skip
    return tuple(views), max(0, len(made.confusions) - MOST_CONFUSED)


def rule_views(made: Evaluation) -> tuple[tuple[RuleView, ...], int]:
    """Return the rules and examples that do harm, the most false passages first, and how many more there are."""
    bad = [each for each in made.sources if each.mendable and (each.verdict in {NEVER_RIGHT, BROAD} or _better(each))]
    bad.sort(key=lambda each: (-each.false, each.right, each.code, each.id))
    views = [
        RuleView(
            each.code,
            each.id,
            each.text,
            each.place,
            f"{each.right:,} of {each.passages:,}",
            f"{each.false:,} of {round(each.false / each.share_of_false):,}" if each.share_of_false else "none",
            number(each.f1),
            number(each.f1_without),
            each.verdict,
            _better(each),
            each.rejected,
        )
        for each in bad[:MOST_RULES]
    ]
    return tuple(views), max(0, len(bad) - MOST_RULES)


def dead_views(made: Evaluation) -> tuple[tuple[DeadView, ...], str]:
    """Return the rules that never hit, code by code, and how many there are in all, in a sentence."""
    labels, book = _labels(made), made.grid.study.codebook
    dead: dict[str, list[Source]] = {}
    for each in made.sources:
        if each.verdict in {DEAD, ELSEWHERE}:
            dead.setdefault(each.code, []).append(each)
    every = {code.id: len(code.rules) for code in book}
    total = sum(every[code] for code in made.grid.codes)
    silent = sum(map(len, dead.values()))
    elsewhere = sum(each.verdict == ELSEWHERE for those in dead.values() for each in those)
    views = tuple(
        DeadView(code, labels[code], f"{len(those):,} of {every[code]:,}", ", ".join(each.id for each in those))
        for code, those in dead.items()
    )
    if not made.with_rules:
        return views, "Rules had no part in what is judged."
    if not silent:
        return views, "There is no rule that never hits." if total else "The codebook has no rules."
    told = f"{silent:,} of {total:,} rules never hit in what is compared"
    told += f"; {elsewhere:,} of them do in other transcripts of the study." if elsewhere else "."
    return views, told + " In so little talk that is usual, and no reason to strike a rule by itself."


def term_lines(made: Evaluation) -> tuple[str, ...]:
    """Return what is to be said of the words inside rules that hit, a sentence each."""
    inside = [each for each in made.terms if each.code]
    if not inside:
        return ()
    unsaid = sum(each.verdict == NEVER_SAID for each in inside)
    idle = sum(each.verdict == NEVER_HITS for each in inside)
    lines = [
        f"Rules that hit have {counted(len(inside), 'alternative')} (a | b | c). {unsaid:,} of them are never said "
        f"here, {idle:,} are said, but not where the rule needs them."
    ]
    wrong = [each for each in made.terms if each.verdict == NEVER_RIGHT]
    if wrong:
        told = [f"{each.text} in {each.rule} ({each.passages:,} false)" for each in wrong[:MOST_TERMS]]
        lines.append(f"Always wrong so far: {and_list(told)}.")
    entries = [each for each in made.terms if not each.code]
    if entries:
        said = sum(bool(each.said) for each in entries)
        lines.append(
            f"Of {counted(len(entries), 'entry').replace('entrys', 'entries')} of word lists, {said:,} are said."
        )
    return tuple(lines)


def together_views(made: Evaluation) -> tuple[TogetherView, ...]:
    """Return the pairs of codes that go together most, those that hardly ever come apart first."""
    ranked = sorted(made.together, key=lambda each: not each.always)
    kept = [each for each in ranked if each.always or max(each.hand_both, each.machine_both) > 1]
    return tuple(
        TogetherView(each.first, each.second, f"{each.hand_both:,}", number(each.hand_jaccard), number(each.hand_lift),
                     f"{each.machine_both:,}", number(each.machine_jaccard), each.always)
        for each in kept[:MOST_TOGETHER]
    )  # fmt: skip


def _view(made: Evaluation, each: Mistake) -> MistakeView:
    document = made.grid.study.documents[each.document_id]
    block, speaker = block_of(made.grid, each.document_id, each.span)
    words = document.quote(each.span)
    other = f"{'hand' if each.kind == 'false' else 'machine'}: {', '.join(each.other) or 'no code'}"
    because = each.rules
    if each.kind == "missed" and each.score is not None:
        because = f"came as near as {number(each.score)}"
    elif because and each.score is not None:
        because = f"{because}, score {number(each.score)}"
    return MistakeView(pieces(words, evidence_spans(words, each.evidence), LONGEST), speaker,
                       place(document.name, block, each.span, None, speaker), other, because,
                       document.language or "")  # fmt: skip


def _chosen(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Return the first mistakes, from different documents where there are such."""
    left = list(mistakes)
    chosen: list[Mistake] = []
    seen: set[str] = set()
    for each in left:
        if each.document_id not in seen and len(chosen) < EACH:
            chosen.append(each)
            seen.add(each.document_id)
    chosen += [each for each in left if each not in chosen][: EACH - len(chosen)]
    return chosen


def _better(each: Source) -> bool:
    """Return whether F1 would be higher without a source, by as much as two places show."""
    return each.f1 is not None and each.f1_without is not None and round(each.f1_without, 2) > round(each.f1, 2)


def _labels(made: Evaluation) -> dict[str, str]:
    return {code.id: code.label for code in made.grid.study.codebook}
