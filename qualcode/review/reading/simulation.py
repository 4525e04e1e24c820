"""What replays come to: tables of how soon each order finds a code, and of where stopping rules end the reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.model.table import Column, Table
from qualcode.review.reading.replay import Replay

__all__ = ["GRID", "Line", "Simulation", "lines_of", "points_table", "saved_table", "simulation_table",
    "stops_table",
]  # fmt: skip

Array = npt.NDArray[Any]

GRID = 101
"""Points of a line, from nothing read to everything read."""
SHARES = (0.1, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class Simulation:
    """A coded study, read again.

    Attributes:
        replays: one for each code, order and seed.
        labels: names of the codes.
        passages: how many there are; ``documents`` in how many transcripts.
        by: whose codings are the truth; ``learner`` what learnt, and ``step`` after how many passages.
        target, confidence: of the stopping rules.
        notes: what to know of the figures.
    """

    replays: tuple[Replay, ...]
    labels: Mapping[str, str]
    passages: int
    documents: int
    by: str
    learner: str
    step: int
    target: float = 0.95
    confidence: float = 0.95
    notes: tuple[str, ...] = field(default=())

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that were read for."""
        return tuple(dict.fromkeys(each.code for each in self.replays))

    @property
    def orders(self) -> tuple[str, ...]:
        """The orders that were tried."""
        return tuple(dict.fromkeys(each.order for each in self.replays))

    def of(self, *, code: str | None = None, order: str | None = None) -> tuple[Replay, ...]:
        """Return the replays of a code, of an order, or of both."""
        return tuple(
            each for each in self.replays if code in (None, each.code) and order in (None, each.order)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """How recall grows in one order: the mean over codes of each seed, then over seeds.

    Attributes:
        read: share of the passages read (:data:`GRID` points); ``recall`` the mean over seeds, ``low`` and ``high`` the
            least and the greatest of a seed.
    """

    order: str
    read: Array
    recall: Array
    low: Array
    high: Array


def lines_of(simulation: Simulation, code: str | None = None) -> tuple[Line, ...]:
    """Return a line for each order: of one code, or the mean over all."""
    read = np.linspace(0, 1, GRID)
    at = np.round(read * simulation.passages).astype(np.int64)
    lines = []
    for order in simulation.orders:
        seeds: dict[int, list[Array]] = {}
        for each in simulation.of(code=code, order=order):
            seeds.setdefault(each.seed, []).append(each.recall_after(at))
        means = np.asarray([np.mean(found, axis=0) for found in seeds.values()])
        lines.append(Line(order, read, means.mean(axis=0), means.min(axis=0), means.max(axis=0)))
    return tuple(lines)


def simulation_table(simulation: Simulation) -> Table:
    """Return a row for each code and order: passages read until 95 % were found, work saved, recall early on.

    Values are medians over seeds; ``wss_95_low`` and ``wss_95_high`` the least and the greatest of a seed. With several
    codes, rows ``all`` hold the means over codes.
    """
    columns = (
        Column("code", "text", "id of the code; all: the mean over the codes"),
        Column("label", "text", "its name"),
        Column("passages", "integer", "passages that there are to read"),
        Column("relevant", "integer", "how many of them have the code"),
        Column("order", "text", "order of reading"),
        Column("seeds", "integer", "how often it was replayed"),
        Column("read_for_95", "number", "passages read until 95 % of the relevant ones were found, median"),
        Column("wss_95", "number", "work saved over reading at random: (passages - read_for_95) / passages - 0.05"),
        Column("wss_95_low", "number", "the least of a seed"),
        Column("wss_95_high", "number", "the greatest of a seed"),
        *(Column(f"recall_{share:.0%}".replace("%", ""), "number",
                 f"share of the relevant passages found after {share:.0%} of the passages") for share in SHARES),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for order in simulation.orders:
        for code in simulation.codes:
            rows.append(_row(simulation, simulation.of(code=code, order=order), code, simulation.labels[code], order))
    rows.sort(key=lambda row: simulation.codes.index(str(row[0])))
    if len(simulation.codes) > 1:
        rows += [_mean_row([row for row in rows if row[4] == order], order) for order in simulation.orders]
    return Table("simulation", f"Reading {simulation.by} again", columns, tuple(rows), unit="passage",
                 notes=_notes(simulation))  # fmt: skip


def stops_table(simulation: Simulation) -> Table:
    """Return a row for each code, order and stopping rule: where it ends reading, and what is found by then.

    ``reached`` of ``seeds`` replays had found the aim when the rule stopped; a rule that never stopped before all was
    read has found everything.
    """
    columns = (
        Column("code", "text", "id of the code; all: over all codes"),
        Column("order", "text", "order of reading"),
        Column("rule", "text", "stopping rule: row, ranked, check or audit"),
        Column("of_reached", "integer", "replays"),
        Column("reached", "integer", "replays in which the aim had been reached when reading ended"),
        Column("early", "integer", "replays that ended before everything was read"),
        Column("read", "number", "passages read when it ended, median"),
        Column("read_share", "number", "the same as a share of all"),
        Column("recall", "number", "true recall when it ended, median"),
        Column("recall_low", "number", "the least of them"),
        Column("recall_high", "number", "the greatest of them"),
    )
    rows: list[tuple[Any, ...]] = []
    groups = [(code, simulation.of(code=code)) for code in simulation.codes]
    if len(groups) > 1:
        groups.append(("all", simulation.replays))
    for code, replays in groups:
        for order in simulation.orders:
            rows += _stop_rows(code, order, [each for each in replays if each.order == order], simulation)
    title = f"Where reading would have stopped (aim {simulation.target:.0%}, confidence {simulation.confidence:.0%})"
    return Table("stops", title, columns, tuple(rows), unit="passage", notes=_notes(simulation))


def points_table(simulation: Simulation) -> Table:
    """Return the points of all lines: code, order, read, recall with the least and the greatest of a seed."""
    columns = (
        Column("code", "text", "id of the code; all: the mean over the codes"),
        Column("order", "text", "order of reading"),
        Column("read", "number", "share of the passages read"),
        Column("recall", "number", "share of the relevant passages found, mean over seeds"),
        Column("recall_low", "number", "the least of a seed"),
        Column("recall_high", "number", "the greatest of a seed"),
    )
    codes: list[str | None] = [*simulation.codes, *([None] if len(simulation.codes) > 1 else [])]
    rows: tuple[tuple[Any, ...], ...] = tuple(
        (code or "all", line.order, *(round(float(value), 4) for value in values))
        for code in codes
        for line in lines_of(simulation, code)
        for values in zip(line.read, line.recall, line.low, line.high, strict=True)
    )
    return Table("recall", f"Reading {simulation.by} again: points of the lines", columns, rows, unit="passage",
                 notes=_notes(simulation))  # fmt: skip


def saved_table(simulation: Simulation) -> Table:
    """Return a row for each code, a column for each order: the work saved over reading at random, median over seeds."""
    whole = simulation_table(simulation)
    columns = (
        Column("code", "text", "id of the code; all: the mean over the codes"),
        Column("label", "text", "its name"),
        Column("relevant", "integer", "how many passages have the code"),
        *(Column(order, "number", f"work saved in the order {order}") for order in simulation.orders),
    )
    found: dict[str, list[Any]] = {}
    for row in whole:
        found.setdefault(str(row["code"]), [row["code"], row["label"], row["relevant"]]).append(row["wss_95"])
    title = f"Work saved over reading at random when 95 % were found, of {simulation.passages:,} passages"
    return Table("saved", title, columns, tuple(map(tuple, found.values())), unit="passage", notes=whole.notes)


def _row(simulation: Simulation, replays: Sequence[Replay], code: str, label: str, order: str) -> tuple[Any, ...]:
    saved = [each for each in (replay.saved() for replay in replays) if each is not None]
    reads = [each for each in (replay.read_for(0.95) for replay in replays) if each is not None]
    early = [
        median(float(each.recall_after(np.asarray([round(share * simulation.passages)]))[0]) for each in replays)
        for share in SHARES
    ]
    return (
        code, label, simulation.passages, replays[0].relevant, order, len(replays), float(median(reads)),
        round(median(saved), 4), round(min(saved), 4), round(max(saved), 4), *(round(each, 4) for each in early),
    )  # fmt: skip


def _mean_row(rows: Sequence[tuple[Any, ...]], order: str) -> tuple[Any, ...]:
    means = [round(fmean(row[at] for row in rows), 4) for at in range(6, len(rows[0]))]
    return ("all", f"mean over {len(rows)} codes", rows[0][2], sum(row[3] for row in rows), order, rows[0][5], *means)


def _stop_rows(
    code: str, order: str, replays: Sequence[Replay], simulation: Simulation
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    for at, rule in enumerate(each.rule for each in replays[0].stops):
        stops = [each.stops[at] for each in replays]
        recalls = [stop.found / each.relevant for stop, each in zip(stops, replays, strict=True)]
        read = float(median(stop.read for stop in stops))
        yield (
            code, order, rule, len(stops), sum(recall >= simulation.target for recall in recalls),
            sum(stop.stopped for stop in stops), read, round(read / simulation.passages, 4),
            round(median(recalls), 4), round(min(recalls), 4), round(max(recalls), 4),
        )  # fmt: skip


def _notes(simulation: Simulation) -> tuple[str, ...]:
    seeds = len({each.seed for each in simulation.replays})
    transcripts = f"{simulation.documents} transcript{'s' * (simulation.documents != 1)}"
    return (
        f"Labels: {simulation.by}. {simulation.passages:,} passages of {transcripts}; {seeds} "
        f"seed{'s' * (seeds != 1)}; learnt again ({simulation.learner}) after every {simulation.step} passages, later "
        "after every twentieth part of what was read; stopping rules were looked at as often.",
        *simulation.notes,
    )
