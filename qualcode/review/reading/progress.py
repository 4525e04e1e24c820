"""How far reading is: how much of the code was found, with an interval, and whether one may stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qualcode.model.table import Column, Table
from qualcode.review.reading.sofar import Check, SoFar
from qualcode.stats.recall import Recall, recall_interval
from qualcode.stats.stopping import Stopping, missed_at_least, sample_needed, stopping

__all__ = ["TELLING", "Progress", "Verdict", "methods_sentence", "progress_of", "progress_table"]

TELLING = 3
"""The likeliest recall is told once so many passages that were drawn at random had the code."""

Verdict = Literal["stop", "check", "read on", "all read"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading for one code is.

    Attributes:
        code, label: the code.
        passages: all; ``read``: those read; ``found``: those that have the code; ``undecided``: left so.
        drawn: read passages that were drawn at random, and ``drawn_found`` those of them that have the code.
        recall: the share found, with an interval that may be looked at after every passage.
        ranked: the test on the passages read last (quasi-sampling; optimistic).
        check: the test on the last random sample of a size fixed beforehand (exact); ``None`` without one.
        check_confidence: at which the test was held: each further sample has half the error of the one before.
        needed: passages that such a sample must have now; ``None`` before anything is found.
        attempt: the how manieth such sample the next is.
        elsewhere: random passages that were drawn from another set of passages, and do not count.
        proposed: read passages that came one by one in an order that the program proposed.
    """

    code: str
    label: str
    passages: int
    read: int
    found: int
    undecided: int
    drawn: int
    drawn_found: int
    recall: Recall
    ranked: Stopping
    check: Stopping | None
    check_confidence: float
    needed: int | None
    attempt: int
    target: float
    confidence: float
    elsewhere: int = 0
    proposed: int = 0

    @property
    def open(self) -> int:
        """How many passages are unread or undecided."""
        return self.passages - self.read + self.undecided

    @property
    def certain(self) -> bool:
        """Whether the target is reached even if all that is unread or undecided had the code."""
        return self.found > 0 and missed_at_least(self.found, self.found, self.target) > self.open

    @property
    def verdict(self) -> Verdict:
        """``stop``: it is certain, or a test with a bound says so; ``check``: only the optimistic one does."""
        if self.read >= self.passages and not self.undecided:
            return "all read"
        held = self.recall.low is not None and self.recall.low >= self.target
        if self.certain or held or (self.check is not None and self.check.stop):
            return "stop"
        return "check" if self.ranked.stop else "read on"


def progress_of(done: SoFar, code: str, label: str = "", *, target: float = 0.95, confidence: float = 0.95) -> Progress:
    """Return how far the reading is.

    Args:
        done: what was read.
        code, label: for which code.
        target: the recall to be reached.
        confidence: of the interval and the tests.

    Raises:
        StatisticsError: QC-N063 for a target or a confidence that is no share.
    """
    total = len(done.labels)
    answers = done.answers
    recall = recall_interval(
        answers, done.random.tolist(), total,
        among=[max(1, left) for left in done.among.tolist()], before=done.before.tolist(), confidence=confidence,
    )  # fmt: skip
    # What is undecided counts as read, and not as found.
    flags = [1 if answer else 0 for answer in answers]
    ranked = stopping(flags, total, target=target, confidence=confidence)
    last = next((each for each in reversed(done.checks) if not each.left), None)
    check = _check(done, last, target, confidence) if last is not None else None
    found = sum(flags)
    attempt = max((each.attempt for each in done.checks), default=0) + 1
    needed = None
    if found:
        needed = sample_needed(found, total - len(flags), target=target, confidence=_spent(confidence, attempt))
    return Progress(
        code, label, total, len(flags), found, int(done.undecided.sum()), int(done.random.sum()),
        sum(flag for flag, random in zip(flags, done.random.tolist(), strict=True) if random),
        recall, ranked, check, _spent(confidence, last.attempt if last is not None else 1), needed, attempt, target,
        confidence, done.elsewhere, done.proposed,
    )  # fmt: skip


def _spent(confidence: float, attempt: int) -> float:
    """Return the confidence of the k-th sample: half of what error is left, so that all together keep to the whole."""
    return 1 - (1 - confidence) * 0.5**attempt


def _check(done: SoFar, check: Check, target: float, confidence: float) -> Stopping | None:
    """Return the test on a sample: what else was read by its end counts as read before it.

    ``None`` while a passage of the sample is undecided: taken for one without the code it would speak for stopping.
    """
    rows = done.order.tolist()
    end = max(rows.index(each) for each in check.rows) + 1
    sample = set(check.rows)
    read = [*(each for each in rows[:end] if each not in sample), *check.rows]
    flags = [int(done.labels[each] == 1) for each in read]
    if not any(flags) or done.undecided[list(check.rows)].any():
        return None
    return stopping(flags, len(done.labels), target=target, confidence=_spent(confidence, check.attempt),
                    sample=len(check.rows))  # fmt: skip


def progress_table(found: Sequence[Progress]) -> Table:
    """Return a row for each code that was read for: what was read and found, the recall, the tests, the verdict."""
    columns = (
        Column("code", "text", "id of the code"),
        Column("label", "text", "its name"),
        Column("of_read", "integer", "passages that there are to read"),
        Column("read", "integer", "passages that were read for the code"),
        Column("random", "integer", "those of them that were drawn at random"),
        Column("random_found", "integer", "those of the random ones that have the code"),
        Column("undecided", "integer", "passages that were read and left undecided"),
        Column("found", "integer", "passages that have the code"),
        Column("recall", "number", "share of the passages with the code that was found, the likeliest"),
        Column("recall_low", "number", "low end of its interval, which may be looked at at any time"),
        Column("recall_high", "number", "its high end"),
        Column("ranked_p", "number", "p of the test on the passages read last: somewhat optimistic"),
        Column("check_p", "number", "p of the test on the last random sample of a fixed size"),
        Column("sample_needed", "integer", "passages to read at random now so that one may stop if none has the code"),
        Column("verdict", "text", "stop, check (draw that sample), read on, or all read"),
    )
    rows = tuple(
        (each.code, each.label, each.passages, each.read, each.drawn, each.drawn_found, each.undecided, each.found,
         each.recall.estimate, each.recall.low, each.recall.high, each.ranked.p_value,
         each.check.p_value if each.check is not None else None, each.needed, each.verdict)
        for each in found
    )  # fmt: skip
    notes = () if not found else (
        f"Aim: {found[0].target:.0%} of the passages with a code, confidence {found[0].confidence:.0%}. For the "
        "methods chapter: qualcode stopping DIR --code CODE",
    )  # fmt: skip
    return Table("reading", "How far the reading is", columns, rows, unit="passage", notes=notes)


def methods_sentence(progress: Progress) -> str:
    """Return what to write in the methods chapter: what was read, what was found, by which test, with its source."""
    each = progress
    name = f"{each.code} ({each.label})" if each.label else each.code
    if not each.read:
        return f"For {name}, none of {each.passages:,} passages was read yet, so how many have it is not known."
    told = f"For {name}, {each.read:,} of {each.passages:,} passages were read, {_how(each)}; "
    told += f"{each.found:,} had the code"
    told += f" and {each.undecided:,} were left undecided." if each.undecided else "."
    if each.read >= each.passages:
        return f"{told} Nothing is left unread."
    recall = each.recall
    if recall.status == "ok" and recall.low is not None and recall.high is not None and recall.estimate is not None:
        put = f"put at {_percent(recall.estimate)}" if recall.relevant >= TELLING else "not known well"
        told += (
            f" From the random passages ({recall.relevant} of {recall.drawn} had the code) the share found is {put} "
            f"({_percent(each.confidence)} interval {_percent(recall.low, down=True)} to {_percent(recall.high)}; a "
            "confidence sequence after Waudby-Smith and Ramdas 2020, which holds however often one looks)."
        )
    elif not each.certain:
        told += f" How much is left is not known: {recall.reason}."
    goal = _percent(each.target)
    if each.check is not None and each.check.stop and each.check.p_value is not None:
        told += (f" Reading ended after a random sample of {each.check.over} unread passages, of a size fixed before: "
                 f"had less than {goal} been found, so few with the code among them would have had a probability of "
                 f"{_chance(each.check.p_value)} (Callaghan and Müller-Hansen 2020, tested at "
                 f"{_chance(1 - each.check_confidence)}).")  # fmt: skip
    elif each.certain:
        told += f" Even if all {each.open:,} passages that are left had the code, {goal} or more would have been found."
    elif each.verdict == "stop":
        told += f" The low end of that interval is not below the aim of {goal}."
    elif each.ranked.p_value is not None:
        verdict = "speaks for" if each.ranked.stop else "does not speak for"
        told += (f" The test on the passages read last (Callaghan and Müller-Hansen 2020, quasi-sampling; "
                 f"p = {_chance(each.ranked.p_value)}) {verdict} {goal} having been found; it looks many times and is "
                 "somewhat optimistic.")  # fmt: skip
    if each.undecided and not each.certain:
        told += " The test takes the undecided passages for such without the code; the interval holds either way."
    return told


def _how(each: Progress) -> str:
    """Return how the passages that were read had come."""
    others = each.read - each.drawn - each.proposed
    parts = [
        f"{n:,} {told}"
        for n, told in (
            (each.drawn, "of them drawn at random"),
            (each.proposed, "in an order that the program proposed"),
            (others, "otherwise (whole transcripts or passages coded by hand)"),
        )
        if n or told.startswith("of")
    ]
    if each.drawn == each.read:
        return "all of them drawn at random"
    return ", ".join(parts[:-1]) + " and " + parts[-1]


def _percent(share: float, *, down: bool = False) -> str:
    """Return a share in whole percent, never rounded up to all, and ``down`` not at all."""
    return f"{int(share * 100 + 1e-9)} %" if down or share > 0.99 else f"{share * 100:.0f} %"


def _chance(p: float) -> str:
    return "less than .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")
