"""The quality report: what it says, as values, and the page. How it looks is the template's matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qualcode.analysis.evaluation.evaluated import Evaluation
from qualcode.report.evaluation_mending import (
    ConfusedView,
    DeadView,
    MistakeGroup,
    RuleView,
    TogetherView,
    confused_views,
    dead_views,
    mistake_groups,
    rule_views,
    term_lines,
    together_views,
)
from qualcode.report.evaluation_words import (
    caution_of,
    cell,
    how_told,
    number,
    said_in_short,
    share,
)
from qualcode.report.front import noun_of
from qualcode.report.model import FigureView, Provenance
from qualcode.report.render import rendered
from qualcode.report.wording import and_list, british_date, counted

__all__ = ["EVALUATION_MARK", "EvaluationPage", "evaluation_html", "evaluation_page"]

EVALUATION_MARK = ": quality of the machine's coding</title>"
"""What the page has near its beginning and other files do not."""


@dataclass(frozen=True, slots=True)
class OverallRow:
    """One way of counting over all codes; cells are as they are shown."""

    name: str
    precision: str
    recall: str
    f1: str
    average: str
    kappa: str
    alpha: str


@dataclass(frozen=True, slots=True)
class PeopleRow:
    """Two layers held against each other, over all codes; ``people`` is true of two people."""

    name: str
    people: bool
    documents: int
    f1: str
    macro: str
    kappa: str
    alpha: str


@dataclass(frozen=True, slots=True)
class CodeView:
    """One line of the table of codes; ``domain`` lines are branches, ``few`` says that the hand gave it seldom."""

    id: str
    label: str
    level: int
    domain: bool
    few: bool
    right: str
    found: str
    precision: str
    recall: str
    units: str
    f1: str
    average: str
    kappa: str
    alpha: str
    people: str


@dataclass(frozen=True, slots=True)
class EvaluationPage:
    """Everything the page says."""

    title: str
    language: str
    noun: str
    unit: str
    facts: tuple[tuple[str, str], ...]
    notices: tuple[tuple[str, str], ...]
    short: tuple[str, ...]
    overall: tuple[OverallRow, ...]
    people: tuple[PeopleRow, ...]
    people_told: str
    figure: FigureView | None
    codes: tuple[CodeView, ...]
    with_people: bool
    confused: tuple[ConfusedView, ...]
    confused_more: int
    mistakes: tuple[MistakeGroup, ...]
    rules: tuple[RuleView, ...]
    rules_more: int
    dead: tuple[DeadView, ...]
    dead_told: str
    terms: tuple[str, ...]
    together: tuple[TogetherView, ...]
    how: tuple[str, ...]
    made: tuple[tuple[str, str], ...]


FEW = 5
"""Passages by hand below which nothing can be said of a code."""


def evaluation_page(made: Evaluation, *, title: str, date: str, made_with: Provenance) -> EvaluationPage:
    """Return what the page says. The same evaluation, date and provenance give the same page.

    Args:
        made: the evaluation.
        title: of the study.
        date: the day to print, ``YYYY-MM-DD``.
        made_with: the command and the versions that made it.
    """
    grid = made.grid
    study, book = grid.study, grid.study.codebook
    noun = noun_of(study)
    hand = grid.kept(grid.reference)
    who = f"{made.told.against} ({counted(len(hand), 'coding')} in {counted(len(grid.documents), noun)})"
    who += f"; {made.told.origin}" if made.told.origin else ""
    mended, more = rule_views(made)
    confused, confused_more = confused_views(made)
    dead, dead_told = dead_views(made)
    return EvaluationPage(
        title=title or "A study",
        language=book.language or "en-GB",
        noun=noun,
        unit=grid.level,
        facts=(
            ("Judged", made.told.machine),
            ("Held against", who),
            ("Compared", f"{counted(len(grid.document), grid.level)} of {counted(len(grid.documents), noun)}: "
             f"{_names(made)}"),
            ("Codebook", f"{book.title} ({book.id}, version {book.version})"),
            ("Date", british_date(date)),
        ),
        notices=caution_of(made, noun),
        short=said_in_short(made),
        overall=_overall(made),
        people=_people(made),
        people_told=_people_told(made),
        figure=_figure(made),
        codes=_codes(made),
        with_people=bool(_of_people(made)),
        confused=confused,
        confused_more=confused_more,
        mistakes=mistake_groups(made),
        rules=mended,
        rules_more=more,
        dead=dead,
        dead_told=dead_told,
        terms=term_lines(made),
        together=together_views(made),
        how=how_told(made),
        made=_made(made_with),
    )  # fmt: skip


def evaluation_html(page: EvaluationPage) -> str:
    """Return the page. Text from transcripts, files and people is shown as text, whatever it holds."""
    return rendered("evaluation.html.j2", page=page)


def _names(made: Evaluation) -> str:
    names = [case.name for case in made.grid.study.cases]
    return and_list(names) if len(names) <= 8 else f"{', '.join(names[:7])} and {len(names) - 7} more"


def _overall(made: Evaluation) -> tuple[OverallRow, ...]:
    level = made.grid.level
    whole, mean = made.whole, next(each for each in made.passages if each.kind == "macro")
    rows = [
        OverallRow("Passages, all codes pooled", share(whole.right, whole.machine, whole.measures["precision"]),
                   share(whole.found, whole.hand, whole.measures["recall"]), cell(whole.measures["f1"]), "", "", ""),
        OverallRow("Passages, mean of the codes", cell(mean.measures["precision"]), cell(mean.measures["recall"]),
                   cell(mean.measures["f1"]), "", "", ""),
    ]  # fmt: skip
    for name, score in ((f"{level.capitalize()}s, all codes pooled (micro)", made.micro),
                        (f"{level.capitalize()}s, mean of the codes (macro)", made.macro)):  # fmt: skip
        each = score.measures
        pooled = score.kind == "micro"
        rows.append(OverallRow(
            name,
            share(score.both, score.machine, each["precision"]) if pooled else cell(each["precision"]),
            share(score.both, score.hand, each["recall"]) if pooled else cell(each["recall"]),
            cell(each["f1"]), cell(each["average_precision"]), cell(each["kappa"]), cell(each["alpha"]),
        ))  # fmt: skip
    return tuple(rows)


def _people(made: Evaluation) -> tuple[PeopleRow, ...]:
    rows = []
    for pair in made.pairs:
        micro, macro = (next(each for each in pair.scores if each.kind == kind) for kind in ("micro", "macro"))
        people = pair.kind == "two people"
        name = f"{pair.first} and {pair.second}" if people else f"machine and {pair.first}"
        rows.append(PeopleRow(name, people, pair.documents, cell(micro.measures["f1"]), cell(macro.measures["f1"]),
                              cell(micro.measures["kappa"]), cell(micro.measures["alpha"])))  # fmt: skip
    return tuple(rows)


def _people_told(made: Evaluation) -> str:
    if not made.pairs:
        return (
            "Only one person's codings were given, so nobody knows how far two people would agree on this talk. Let a "
            "second person code some of it: no program can be expected to agree with a person better than another "
            "person does."
        )
    return (
        "How far people agree with each other on the same talk is the measure of what can be asked of a program. F1, "
        "kappa and alpha do not depend on who is taken as right."
    )


def _of_people(made: Evaluation) -> Mapping[str, str]:
    """Return the kappa of the first two people for each code."""
    for pair in made.pairs:
        if pair.kind == "two people":
            return {each.code: number(each.measures["kappa"].value) for each in pair.scores if each.kind == "code"}
    return {}


def _figure(made: Evaluation) -> FigureView | None:
    if not any(each.hand or each.machine for each in made.passages if each.kind == "code"):
        return None
    from qualcode.viz.evaluation import precision_recall, precision_recall_alt
    from qualcode.viz.svg import to_data_uri

    return FigureView(
        to_data_uri(precision_recall(made)),
        precision_recall_alt(made),
        "Passages, code by code. Hollow: what share of the machine's passages is right. Filled: what share of the "
        f"hand's passages is found. Lines: {made.confidence:.0%} intervals over {made.sampled}s; a mark without a line "
        "has none: its passages are all alike, or too few.",
    )


def _codes(made: Evaluation) -> tuple[CodeView, ...]:
    book = made.grid.study.codebook
    of_passages = {each.code: each for each in made.passages if each.kind == "code"}
    people = _of_people(made)
    by_code = {(each.kind, each.code): each for each in made.scores}
    views = []
    for code in book.tree():
        branch, own = by_code.get(("branch", code.id)), by_code.get(("code", code.id))
        for score in (each for each in (branch, own) if each is not None):
            domain = score.kind == "branch"
            if not (score.hand or score.machine):
                continue
            passage = None if domain else of_passages[code.id]
            each = score.measures
            views.append(CodeView(
                id=code.id,
                label=code.label if not domain or own is None else f"{code.label} and below",
                level=min(book.level(code.id), 4),
                domain=domain,
                few=passage is not None and passage.hand < FEW,
                right=_of(passage.right, passage.machine) if passage else "",
                found=_of(passage.found, passage.hand) if passage else "",
                precision=_ends(passage.measures["precision"].low, passage.measures["precision"].high)
                if passage else "",
                recall=_ends(passage.measures["recall"].low, passage.measures["recall"].high) if passage else "",
                units=f"{score.both:,} · {score.machine:,} · {score.hand:,}",
                f1=number(each["f1"].value),
                average=number(each["average_precision"].value),
                kappa=number(each["kappa"].value),
                alpha=number(each["alpha"].value),
                people=people.get(code.id, "") if not domain else "",
            ))  # fmt: skip
    return tuple(views)


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}" if whole else "none"


def _ends(low: float | None, high: float | None) -> str:
    return f"{number(low)} to {number(high)}" if low is not None and high is not None else ""


def _made(made_with: Provenance) -> tuple[tuple[str, str], ...]:
    libraries: Iterable[str] = (f"{name} {version}" for name, version in made_with.libraries.items())
    rows: Sequence[tuple[str, str]] = (
        ("Command", made_with.command),
        ("Program", f"qualcode {made_with.version}"),
        ("Versions", ", ".join(libraries)),
    )
    return tuple((name, value) for name, value in rows if value)
