"""The evaluation as one value: who is held against whom, and everything that came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.analysis.evaluation.grid import Grid, grid_of
from qualcode.analysis.evaluation.held_out import Ranking
from qualcode.analysis.evaluation.mistakes import Confusion, Mistake, confusions_of, mistakes_of
from qualcode.analysis.evaluation.scores import PassageScore, Score, passage_scores, scores
from qualcode.analysis.evaluation.sources import RULES, Source, sources_of
from qualcode.analysis.evaluation.terms import Term, terms_of
from qualcode.analysis.evaluation.together import Together, pairs_of
from qualcode.analysis.layers import Layer
from qualcode.analysis.levels import Level
from qualcode.analysis.study import Study
from qualcode.analysis.tally import chosen_codes
from qualcode.errors import StatisticsError
from qualcode.model.coding import Coding
from qualcode.text.index import TokenIndex

__all__ = ["Evaluation", "Pair", "Told", "evaluate", "from_suggestion", "rule_texts"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What the numbers cannot say of themselves.

    Attributes:
        machine: what was judged: ``the last run (rules)``, ``rules, exemplars``, the name of a file.
        learnt: how coders that learn were kept from judging what they had learnt from; empty when none learns.
        against: whose codings are taken as right.
        notes: what else a reader must know.
        origin: what is known, or not, of how these codings came about; empty when there is nothing to say.
    """

    machine: str = ""
    learnt: str = ""
    against: str = ""
    notes: tuple[str, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two layers held against each other: two people, or the machine and a person.

    Attributes:
        first: who is taken as right in precision and recall; ``second``: who is held against them.
        kind: ``two people``, ``person and machine``.
        documents: how many both worked through.
        sampled: what samples for intervals are drawn of: transcript or turn.
    """

    first: str
    second: str
    kind: str
    documents: int
    sampled: str
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A machine's coding held against what people coded.

    Attributes:
        grid: layers, units, passages.
        told: what was judged, and against what, in words.
        scores: on units: each code, each branch of the codebook, all pooled, mean of the codes.
        passages: on passages: each code, all pooled, mean of the codes.
        pairs: people with each other, and the machine with each of them; empty with fewer than two people.
        from_suggestions: codings of the reference that began as suggestions of a machine.
        turned_down: suggestions in these documents that people rejected.
        clean: units without any code by hand; ``coded_clean``: of these, units that the machine coded.
        same_stance: right passages with the hand's stance, of ``with_stance`` for which both tell one.
        ranking: what average precision ranks: ``all units``, ``suggestions`` or nothing.
        with_rules: whether the rules of the codebook are among what is judged.
        replicates, seed, confidence: of the intervals; ``sampled``: what samples are drawn of.
    """

    grid: Grid
    told: Told
    scores: tuple[Score, ...]
    passages: tuple[PassageScore, ...]
    pairs: tuple[Pair, ...]
    sources: tuple[Source, ...]
    terms: tuple[Term, ...]
    together: tuple[Together, ...]
    confusions: tuple[Confusion, ...]
    mistakes: tuple[Mistake, ...]
    from_suggestions: int
    turned_down: int
    clean: int
    coded_clean: int
    same_stance: int
    with_stance: int
    ranking: str
    with_rules: bool
    replicates: int
    seed: int
    confidence: float
    sampled: str

    @property
    def micro(self) -> Score:
        """All units and codes pooled."""
        return next(each for each in self.scores if each.kind == "micro")

    @property
    def macro(self) -> Score:
        """The mean of the codes."""
        return next(each for each in self.scores if each.kind == "macro")

    @property
    def whole(self) -> PassageScore:
        """All passages pooled."""
        return next(each for each in self.passages if each.kind == "micro")

    @property
    def independent(self) -> bool:
        """Whether no coding of the reference came from a suggestion."""
        return not self.from_suggestions


def evaluate(
    study: Study,
    reference: Layer,
    machine: Layer,
    *,
    people: Sequence[Layer] = (),
    level: Level | None = None,
    codes: Iterable[str] | None = None,
    ranking: Ranking | None = None,
    rejected: Sequence[Coding] = (),
    coders: Iterable[str] = (),
    texts: Mapping[str, tuple[str, str]] | None = None,
    index: TokenIndex | None = None,
    told: Told | None = None,
    replicates: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Evaluation:
    """Return how good the machine's coding is, held against a layer of codings by hand.

    Documents that both worked through are compared. A unit carries a code when a coding of this very code overlaps it
    by a character (a branch of the codebook: of the code or any below it). A passage of one side is met when a passage
    of the other with the same code overlaps it. Intervals are percentiles of bootstrap samples of whole transcripts,
    or of turns where there are fewer than six transcripts.

    Args:
        study: cases, codebook, units and texts; its own codings are not looked at.
        reference: what is taken as right.
        machine: what is judged. Its codings in other documents only tell where rules hit elsewhere.
        people: coders to compare with each other and with the machine; fewer than two are passed over.
        level: the study's unit unless given.
        codes: ids or labels; only their codings are looked at, and those of the codes below them.
        ranking: scores of all units; without it, average precision ranks what is suggested, and all other units last.
        rejected: suggestions that people turned down.
        coders: names of the coders that are judged, those that suggest nothing among them.
        texts: what rules and examples say and where they stand, by id; the codebook's rules if not given.
        index: over the documents; with it, the words inside rules are looked at.
        told: what was judged, in words.
        replicates: samples for intervals; 0 for none.
        seed, confidence: of the intervals.

    Raises:
        AnalysisError: QC-A003 for an unknown code, QC-A070 when there is no document in common, QC-A001 and QC-A030 to
            QC-A032 for codings, layers and levels that cannot be had.
        StatisticsError: QC-N012 for replicates, seed or confidence out of range.
    """
    _check(replicates, seed, confidence)
    level = level or study.unit
    if codes is not None:
        wanted = {
            each.id for code in chosen_codes(study, codes) for each in (code, *study.codebook.descendants(code.id))
        }
        reference, machine = (_only(layer, wanted) for layer in (reference, machine))
        people = [_only(layer, wanted) for layer in people]
    others = [layer for layer in people if layer.coder not in {reference.coder, machine.coder}]
    grid = grid_of(study, [reference, machine, *others], level)
    if codes is not None:
        columns = [at for at, code in enumerate(grid.codes) if code in wanted]
        grid = replace(grid, codes=tuple(grid.codes[at] for at in columns),
                       marks={name: table[:, columns] for name, table in grid.marks.items()})  # fmt: skip
    rank = ranking.on(grid.units, grid.codes) if ranking is not None else _suggested(grid)
    drawing: dict[str, Any] = {"replicates": replicates, "seed": seed, "confidence": confidence}
    hand, given = grid.marks[reference.coder], grid.marks[machine.coder]
    same, stances = _stances(grid)
    of_rules = RULES in coders or any(each.coder == RULES for each in machine.codings)
    if texts is None:
        texts = rule_texts(study)
    dead = {rule.id for code in study.codebook for rule in code.rules} if of_rules else set()
    turned_down = [each for each in rejected if each.document_id in grid.units and each.code in grid.codes]
    kept = grid.kept(reference)
    return Evaluation(
        grid=grid,
        told=told or Told(machine.coder, against=reference.coder),
        scores=scores(grid, reference, machine, rank=rank, **drawing),
        passages=passage_scores(grid, **drawing),
        pairs=_pairs(grid, people, drawing),
        sources=sources_of(grid, texts=texts, dead_of=dead, rejected=turned_down),
        terms=terms_of(grid, index, places={name: place for name, (_, place) in texts.items()})
        if index is not None and of_rules else (),
        together=pairs_of(grid),
        confusions=confusions_of(grid),
        mistakes=mistakes_of(grid, rank if ranking is not None else None),
        from_suggestions=sum(from_suggestion(each) for each in kept),
        turned_down=len(turned_down),
        clean=int((~hand.any(axis=1)).sum()),
        coded_clean=int((given.any(axis=1) & ~hand.any(axis=1)).sum()),
        same_stance=same,
        with_stance=stances,
        ranking="all units" if ranking is not None else "suggestions" if rank is not None else "",
        with_rules=of_rules,
        sampled=grid.clusters().what,
        **drawing,
    )  # fmt: skip


def rule_texts(study: Study) -> dict[str, tuple[str, str]]:
    """Return what the rules of a study's codebook say, and the file and line they stand in, by id."""
    from pathlib import Path

    book = study.codebook
    name = Path(book.path).name if book.path else f"{book.id}.yaml"
    return {
        rule.id: (rule.find or "tokens: …", f"{name}:{rule.line}" if rule.line is not None else name)
        for code in book
        for rule in code.rules
    }


def _pairs(grid: Grid, people: Sequence[Layer], drawing: Mapping[str, Any]) -> tuple[Pair, ...]:
    if len(people) < 2:
        return ()
    found = [(one, other, "two people") for one, other in combinations(people, 2)]
    found += [(each, grid.machine, "person and machine") for each in people]
    made = []
    for first, second, kind in found:
        kept = grid.pair(first, second)
        if kept.any():
            documents = len(np.unique(grid.document[kept]))
            made.append(Pair(first.coder, second.coder, kind, documents, grid.clusters(kept).what,
                             scores(grid, first, second, **drawing)))  # fmt: skip
    return tuple(made)


def _suggested(grid: Grid) -> Array | None:
    """Return the highest score of the machine's codings for each unit and code, minus infinity where it has none.

    ``None`` when a coding has no score: then the machine ranks nothing.
    """
    table = np.full((len(grid.document), len(grid.codes)), -np.inf)
    place = {code: at for at, code in enumerate(grid.codes)}
    for each in grid.kept(grid.machine):
        if each.score is None:
            return None
        units = grid.touched(each)
        here = table[units.start : units.stop, place[each.code]]
        np.maximum(here, each.score, out=here)
    return table


def _stances(grid: Grid) -> tuple[int, int]:
    hand, machine = grid.passages
    theirs: dict[tuple[str, str], list[Coding]] = {}
    for one in (one for each in hand for one in each.codings if one.stance):
        theirs.setdefault((one.document_id, one.code), []).append(one)
    same = told = 0
    for each in machine:
        stance = each.codings[0].stance
        if each.met and stance:
            there = theirs.get((each.document_id, each.code), ())
            found = {one.stance for one in there if one.span.overlaps(each.span)}
            told += bool(found)
            same += stance in found
    return same, told


def from_suggestion(coding: Coding) -> bool:
    """Return whether a coding by hand began as a suggestion of a machine."""
    return coding.status == "accepted" or coding.coder not in {"", "person"}


def _only(layer: Layer, codes: set[str]) -> Layer:
    return replace(layer, codings=tuple(each for each in layer.codings if each.code in codes))


def _check(replicates: int, seed: int, confidence: float) -> None:
    if replicates < 0 or replicates == 1 or seed < 0 or not 0 < confidence < 1:
        raise StatisticsError("QC-N012", f"replicates={replicates!r}, seed={seed!r}, confidence={confidence!r} cannot "
                              "be used", hint="Use replicates=2000 (0 for no intervals), seed=0, "
                              "confidence=0.95.")  # fmt: skip
