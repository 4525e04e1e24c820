"""What an evaluation comes to, in sentences: the verdict, the cautions, how it was reckoned."""

from __future__ import annotations

from qualcode.analysis.evaluation.evaluated import Evaluation, from_suggestion
from qualcode.analysis.evaluation.grid import FEWEST_TRANSCRIPTS
from qualcode.analysis.evaluation.measures import Measure
from qualcode.analysis.levels import left_out_note
from qualcode.report.wording import and_list, counted, plural, share_words

__all__ = ["NOTES", "caution_of", "cell", "first_sentence", "how_told", "number", "said_in_short", "share"]

UNDEFINED = "–"
NOTES = "To know."
_LOW, _HIGH = 0.5, 0.8
_FEW = 5
"""Codes up to which they are named with their labels."""


def first_sentence(told: str) -> str:
    """Return the first of some sentences."""
    return told.split(". ", 1)[0].rstrip(".") + "."


def number(value: float | None) -> str:
    """Return a measure with two places; a dash where it cannot be told."""
    return UNDEFINED if value is None else f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def cell(measure: Measure) -> str:
    """Return a measure with its interval: ``0.61 [0.40, 0.78]``."""
    if measure.low is None or measure.high is None:
        return number(measure.value)
    return f"{number(measure.value)} [{number(measure.low)}, {number(measure.high)}]"


def share(part: int, whole: int, measure: Measure) -> str:
    """Return a share with what it is of on a line below: ``0.90 [0.85, 0.94]``, ``175 of 195``."""
    return f"{cell(measure)}\n{part:,} of {whole:,}" if whole else "none"


def said_in_short(made: Evaluation) -> tuple[str, ...]:
    """Return what a reader in a hurry should take away, in a few sentences."""
    whole, level = made.whole, made.grid.level
    found = []
    if whole.machine:
        found.append(
            f"Of {counted(whole.machine, 'passage')} that the machine suggests, {whole.right:,} "
            f"{plural('is', whole.right)} right: a passage coded so by hand overlaps "
            f"{'it' if whole.right == 1 else 'them'} (precision {cell(whole.measures['precision'])})."
        )
    else:
        found.append("The machine suggests nothing here.")
    if whole.hand:
        found.append(
            f"Of {counted(whole.hand, 'passage')} coded by hand, it finds {whole.found:,} "
            f"(recall {cell(whole.measures['recall'])})."
        )
    found.append(_advice(made))
    people = [pair for pair in made.pairs if pair.kind == "two people"]
    if people:
        values = [next(each for each in pair.scores if each.kind == "micro").measures["f1"].value for pair in people]
        told = [number(value) for value in values if value is not None]
        machine = number(made.micro.measures["f1"].value)
        if told:
            reach = told[0] if len(told) == 1 else f"{min(told)} to {max(told)}"
            who = f"{people[0].first} and {people[0].second}" if len(people) == 1 else "Two people"
            found.append(f"{who} reach F1 {reach} with each other on {level}s; the machine reaches {machine} with "
                         f"{made.told.against}.")  # fmt: skip
    if made.clean:
        found.append(f"Of {counted(made.clean, level)} without any code by hand, it codes {made.coded_clean:,}.")
    if made.with_stance:
        found.append(
            f"Its stance is the hand's in {share_words(made.same_stance, made.with_stance, 'right passages')}."
        )
    lost = [each.code for each in made.passages if each.kind == "code" and each.hand and not each.found]
    if lost:
        if len(lost) <= _FEW:
            lost = [f"{code} {made.grid.study.codebook[code].label}" for code in lost]
        shown = and_list(lost) if len(lost) <= 10 else f"{', '.join(lost[:10])} and {len(lost) - 10} more"
        found.append(f"Codes of which it finds nothing: {shown}.")
    return tuple(each for each in found if each)


def caution_of(made: Evaluation, noun: str) -> tuple[tuple[str, str], ...]:
    """Return what must be read before any number: (head, sentences)."""
    grid = made.grid
    hand = len(grid.kept(grid.reference))
    found = []
    if made.from_suggestions:
        told = (
            f"{made.from_suggestions:,} of {counted(hand, 'coding')} by hand began as suggestions that somebody "
            "accepted. Who sees a suggestion is drawn to it, and what was accepted was found by a machine by "
            "definition: precision and recall are too high, nobody knows by how much. Have some transcripts coded by "
            "somebody who has not seen the suggestions."
        )
        found.append(("Not an independent test.", told))
    elif made.turned_down:
        told = (
            f"{counted(made.turned_down, 'suggestion')} in these {noun}s {plural('was', made.turned_down)} rejected in "
            "the project. If whoever coded by hand had seen the suggestions by then, precision and recall are too high."
        )
        found.append(("Perhaps not an independent test.", told))
    for layer in grid.layers[2:]:
        kept = grid.kept(layer)
        accepted = sum(from_suggestion(each) for each in kept)
        if accepted:
            told = (
                f"{accepted:,} of {counted(len(kept), 'coding')} of {layer.coder} began as suggestions that somebody "
                "accepted, so agreement with the machine, and with others who accepted the same, is too high."
            )
            found.append(("Not independent people.", told))
    if made.told.learnt:
        found.append(("Learnt and judged apart.", made.told.learnt))
    if made.sampled == "turn" and made.replicates:
        told = (
            f"With fewer than {FEWEST_TRANSCRIPTS}, intervals are drawn over turns, and are too narrow to say what "
            f"another {noun} would show. They tell how much the talk that is compared varies in itself."
        )
        found.append((f"Only {counted(len(grid.documents), noun)}.", told))
    if made.told.notes:
        found.append((NOTES, " ".join(made.told.notes)))
    return tuple(found)


def how_told(made: Evaluation) -> tuple[str, ...]:
    """Return how the numbers were reckoned, a sentence or two each."""
    grid, level = made.grid, made.grid.level
    ranking = {
        "all units": f"The machine gives every {level} a score for every code, and all are ranked.",
        "suggestions": f"Only what is suggested has a score; all other {level}s stand last, as one.",
        "": "The machine gives no scores, so there is none.",
    }[made.ranking]
    lines = [
        "Passages. A passage of the machine is right when it overlaps, by a character, a passage of the hand with the "
        "same code; a passage of the hand is found when one of the machine with the code overlaps it. Codings of one "
        "code that overlap are one passage.",
        f"{level.capitalize()}s. A {level} has a code when a coding of this very code overlaps it; in lines for a "
        "branch of the codebook, a coding of any code in it."
        + (f" This is stricter: a long passage is many {level}s." if level == "sentence" else ""),
        "Precision is the share of the machine's that is right, recall the share of the hand's that is found, F1 their "
        "harmonic mean. Pooled (micro): every passage, or pair of unit and code, counts alike, so frequent codes weigh "
        "more. Mean of the codes (macro): every code counts alike, where the measure is defined.",
        f"Average precision tells how far up in the machine's ranking the hand's {level}s stand; a ranking by chance "
        f"has the share of {level}s with the code. {ranking}",
        "Kappa (Cohen) and alpha (Krippendorff) are agreement put right for chance: 1 is perfect, 0 is chance.",
        left_out_note(grid.study),
        _intervals(made),
        "“–” stands for what cannot be told.",
        "Whether rules, words or examples were written with these transcripts in view cannot be seen from here. Where "
        "they were, the figures say nothing about other talk.",
        "The hand is not the truth: two careful people differ too, and some false passages are codings that the hand "
        "missed. Read the quotes.",
    ]
    if grid.outside:
        lines.append(f"{grid.outside:,} codings touch no {level} that is counted, and take no part.")
    return tuple(line for line in lines if line)


def _advice(made: Evaluation) -> str:
    whole = made.whole
    precision, recall = whole.measures["precision"].value, whole.measures["recall"].value
    if not whole.hand or precision is None or recall is None:
        return ""
    parts = []
    if recall < _LOW:
        parts.append(
            "It misses more than half: where it finds nothing, there may be something, and its counts are too low."
        )
    if precision < _LOW:
        parts.append("More than half of what it suggests needs a person's no.")
    if not parts and precision >= _HIGH and recall >= _HIGH:
        parts.append("Both are high on this material; another study's talk may be otherwise.")
    if not parts:
        parts.append("A person has to read what it suggests, and some of what it does not.")
    return " ".join(parts)


def _intervals(made: Evaluation) -> str:
    if not made.replicates:
        return "No intervals were asked for."
    return (
        f"Intervals in brackets ({made.confidence:.0%}) are percentiles of {made.replicates:,} bootstrap samples of "
        f"whole {made.sampled}s (seed {made.seed}). Where all passages of a code are alike there is none. A rare code "
        "is absent from some samples, and their mean is then over the other codes: intervals of means lean upwards."
    )
