"""An evaluation as tables: code by code, people beside the machine, rules, terms, pairs, confusions, mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qualcode.analysis.evaluation.evaluated import Evaluation, Pair
from qualcode.analysis.evaluation.grid import FEWEST_TRANSCRIPTS
from qualcode.analysis.evaluation.measures import NOTHING, Measure
from qualcode.analysis.evaluation.mistakes import block_of
from qualcode.analysis.evaluation.scores import MEASURES, PassageScore, Score
from qualcode.analysis.levels import left_out_note, level_note
from qualcode.analysis.themes import book_of
from qualcode.model.table import Cell, Column, ColumnKind, Table

__all__ = ["evaluation_table", "evaluation_tables", "interval_note"]

_TOLD: dict[str, tuple[ColumnKind, str]] = {
    "precision": ("share", "both / machine: what share of the machine's units is right"),
    "recall": ("share", "both / hand: what share of the hand's units the machine has"),
    "f1": ("share", "2 both / (machine + hand), the harmonic mean of the two"),
    "average_precision": ("share", "average precision: how far up in the machine's ranking the hand's units stand"),
    "kappa": ("number", "Cohen's kappa; 1 is perfect, 0 is chance"),
    "alpha": ("number", "Krippendorff's alpha; 1 is perfect, 0 is chance"),
}
_OF_PASSAGES: dict[str, str] = {
    "precision": "right passages / passages of the machine",
    "recall": "found passages / passages of the hand",
    "f1": "their harmonic mean",
}


def _measured(name: str, kind: ColumnKind, description: str) -> tuple[Column, Column, Column]:
    return (Column(name, kind, description), Column(f"{name}_low", kind, "lower end of its interval"),
            Column(f"{name}_high", kind, "upper end"))  # fmt: skip


_UNIT_COLUMNS = tuple(column for name in MEASURES for column in _measured(name, *_TOLD[name]))
_PASSAGE_COLUMNS = tuple(
    column for name, told in _OF_PASSAGES.items() for column in _measured(f"passage_{name}", "share", told)
)
_LEAD = (
    Column("code", "text", "id of the code; empty in the rows over all codes"),
    Column("label", "text", "its name; or 'all codes, pooled (micro)', 'mean of the codes (macro)'"),
    Column("level", "integer", "depth in the codebook, 1 for the top"),
    Column("kind", "text", "code: the very code; branch: it or any code below it; micro, macro: over all codes"),
)
_COUNTS = (
    Column("unit", "text", "what was compared: sentence, turn, passage, token or document"),
    Column("units", "integer", "units that both worked through; of micro, pairs of a unit and a code"),
    Column("hand", "integer", "of these, units that the hand gave the code"),
    Column("machine", "integer", "units that the machine gave the code"),
    Column("both", "integer", "units that both gave the code"),
)
_MAIN = (
    *_LEAD,
    *_COUNTS,
    *_UNIT_COLUMNS,
    Column("machine_passages", "integer", "passages of the machine"),
    Column("right_passages", "integer", "of these, those that overlap a passage of the hand with the code"),
    Column("hand_passages", "integer", "passages of the hand"),
    Column("found_passages", "integer", "of these, those that a passage of the machine with the code overlaps"),
    *_PASSAGE_COLUMNS,
    Column("reason", "text", "why a measure or an interval is missing; over how many codes a mean is"),
)
_PAIR = (
    Column("first", "text", "who is taken as right in precision and recall"),
    Column("second", "text", "who is held against them"),
    Column("pair", "text", "two people, or person and machine"),
    Column("documents", "integer", "documents that both worked through"),
    *_LEAD,
    Column("unit", "text", "what was compared"),
    Column("units", "integer", "units that both worked through"),
    Column("first_units", "integer", "units that the first gave the code"),
    Column("second_units", "integer", "units that the second gave the code"),
    Column("both", "integer", "units that both gave the code"),
    *(column for column in _UNIT_COLUMNS if not column.name.startswith("average")),
)
_RULES = (
    Column("code", "text", "id of the code"),
    Column("coder", "text", "which coder"),
    Column("rule", "text", "id of the rule, the example or the model"),
    Column("text", "text", "what it says"),
    Column("place", "text", "file and line, where known"),
    Column("passages", "integer", "passages that it spoke for"),
    Column("right", "integer", "of these, those that overlap a passage of the hand with the code"),
    Column("false", "integer", "of these, those that do not"),
    Column("alone", "integer", "passages that nothing else spoke for"),
    Column("rejected", "integer", "passages of it that people turned down in the project"),
    Column("elsewhere", "integer", "passages of it in documents that are not compared"),
    Column("share_of_false", "share", "its false passages / all false passages of the code and coder"),
    Column("f1", "share", "F1 of the code on units, as it is"),
    Column("f1_without", "share", "F1 if the passages that it alone spoke for fell away"),
    Column("verdict", "text", "never hits, hits only elsewhere, never right, over-broad, or empty"),
)
_TERMS = (
    Column("code", "text", "id of the code; empty for an entry of a word list"),
    Column("rule", "text", "id of the rule, or the name of the word list with a $"),
    Column("term", "text", "the alternative, as it is typed"),
    Column("place", "text", "file and line of the rule"),
    Column("said", "integer", "how often its words stand in the talk that is counted"),
    Column("hits", "integer", "how often the rule hits through it; empty for an entry of a word list"),
    Column("passages", "integer", "machine passages of the code with such a hit"),
    Column("right", "integer", "of these, those that overlap a passage of the hand with the code"),
    Column("verdict", "text", "never said; said, never hits; never right; or empty"),
)
_TOGETHER = (
    Column("first", "text", "id of one code"),
    Column("second", "text", "id of the other"),
    Column("hand_both", "integer", "units to which the hand gave both"),
    Column("hand_jaccard", "share", "these / units to which it gave either"),
    Column("hand_lift", "number", "these / those expected if the codes had nothing to do with each other"),
    Column("machine_both", "integer", "units to which the machine gave both"),
    Column("machine_jaccard", "share", "these / units to which it gave either"),
    Column("machine_lift", "number", "these / those expected"),
    Column("always", "text", "who gives one code hardly ever (in four of five or more) without the other"),
)
_CONFUSED = (
    Column("hand_code", "text", "what the hand gave, and the machine did not"),
    Column("machine_code", "text", "what the machine gave instead, and the hand did not"),
    Column("units", "integer", "units where this is so"),
    Column("document", "text", "where one of them stands"),
    Column("block", "integer", "number of its block (turn), as in codings.csv"),
    Column("speaker", "text", "who speaks"),
    Column("start", "integer", "first character, counted from 0 in code points"),
    Column("end", "integer", "the character after the last"),
    Column("quote", "text", "the unit, letter for letter; empty when it is a whole document"),
    Column("rule", "text", "what spoke for the machine's coding"),
    Column("evidence", "text", "the words that did"),
)
_MISTAKES = (
    Column("code", "text", "id of the code"),
    Column("kind", "text", "missed: only the hand has it; false: only the machine has it"),
    Column("document", "text", "name of the document"),
    Column("block", "integer", "number of the block (turn), as in codings.csv"),
    Column("speaker", "text", "who speaks"),
    Column("start", "integer", "first character, counted from 0 in code points"),
    Column("end", "integer", "the character after the last"),
    Column("quote", "text", "the passage, letter for letter"),
    Column("other", "text", "codes that the other side gave words of it instead"),
    Column("coder", "text", "which coder proposed a false one"),
    Column("rule", "text", "what spoke for it"),
    Column("evidence", "text", "the words that did"),
    Column("score", "number", "of a false one its score; of a missed one how near it came, if all units are ranked"),
)


def evaluation_tables(made: Evaluation) -> tuple[Table, ...]:
    """Return all tables of an evaluation: evaluation, and evaluation_people, _rules, _terms, _pairs, _confusions,
    _mistakes."""
    return (evaluation_table(made), _people(made), _rules(made), _terms(made), _together(made), _confused(made),
            _mistakes(made))  # fmt: skip


def evaluation_table(made: Evaluation) -> Table:
    """Return a row for each code in tree order, each branch of the codebook, all codes pooled, and their mean."""
    of_passages = {(each.kind, each.code): each for each in made.passages}
    rows = tuple(_row(made, each, of_passages.get((each.kind, each.code))) for each in made.scores)
    told = (
        "Passages: one of the machine is right when it overlaps one of the hand with the same code; one of the hand is "
        "found when one of the machine overlaps it. Branches have no passages of their own."
    )
    notes = [*_notes(made), told]
    return _table(made, "evaluation", f"{made.told.machine} against {made.told.against}", _MAIN, rows, notes)


def interval_note(made: Evaluation) -> str:
    """Return in a sentence or two what the intervals are; empty without any."""
    if not made.replicates:
        return ""
    told = (
        f"Intervals ({made.confidence:.0%}) are bootstrap percentiles over {made.sampled}s, {made.replicates} samples, "
        f"seed {made.seed}."
    )
    if made.sampled == "turn":
        told += (
            f" Fewer than {FEWEST_TRANSCRIPTS} transcripts are too few to draw transcripts, so the intervals say "
            "nothing about what other transcripts would show, and are too narrow for that."
        )
    return told


def _row(made: Evaluation, score: Score, passage: PassageScore | None) -> tuple[Cell, ...]:
    counts: tuple[Cell, ...] = (None,) * 4
    if passage is not None:
        counts = (passage.machine, passage.right, passage.hand, passage.found)
    of_passages: Mapping[str, Measure] = passage.measures if passage is not None else {}
    return (
        score.code, score.label, score.level, score.kind, made.grid.level, score.units, score.hand, score.machine,
        score.both, *_cells(score.measures, MEASURES), *counts, *_cells(of_passages, tuple(_OF_PASSAGES)),
        _reason(score),
    )  # fmt: skip


def _cells(measures: Mapping[str, Measure], names: tuple[str, ...]) -> list[Cell]:
    cells: list[Cell] = []
    for name in names:
        each = measures.get(name, NOTHING)
        cells += [_within(name, end) for end in (each.value, each.low, each.high)]
    return cells


def _within(name: str, value: float | None) -> float | None:
    if value is None or name in {"kappa", "alpha"}:
        return value
    return min(max(value, 0.0), 1.0)


def _reason(score: Score) -> str:
    if score.kind == "macro":
        told = [f"{name} over {number}" for name, number in score.over.items() if number]
        return f"codes that a mean is over: {', '.join(told)}" if told else "no measure is defined for any code"
    if not score.hand and not score.machine:
        return "neither has it"
    if not score.hand:
        return "the hand never gave it"
    found: dict[str, list[str]] = {}
    for name, each in score.measures.items():
        if each.why:
            found.setdefault(each.why, []).append(name)
    parts = ["the machine never gave it"] if not score.machine else []
    return "; ".join([*parts, *(f"{', '.join(names)}: {why}" for why, names in found.items())])


def _notes(made: Evaluation) -> list[str]:
    grid = made.grid
    names = [case.name for case in grid.study.cases]
    notes = [
        f"Compared: {', '.join(names) if len(names) <= 8 else f'{len(names)} documents'}.",
        level_note(grid.level),
        left_out_note(grid.study),
        "A unit carries a code when a coding of the very code overlaps it.",
        interval_note(made),
        made.told.learnt,
    ]
    if made.from_suggestions:
        notes.append(
            f"{made.from_suggestions:,} of {len(grid.kept(grid.reference)):,} codings of {made.told.against} were made "
            "by accepting suggestions, so they are no independent test: precision and recall are too high."
        )
    if made.ranking == "suggestions":
        notes.append("Average precision ranks units by the scores of suggestions, all others last.")
    if grid.outside:
        notes.append(f"{grid.outside:,} codings touch no unit that is counted and take no part.")
    return [*(note for note in notes if note), *made.told.notes]


def _people(made: Evaluation) -> Table:
    rows = tuple(_pair_row(made, pair, score) for pair in made.pairs for score in pair.scores)
    notes = [interval_note(made)] if made.pairs else ["Fewer than two people's codings were given."]
    if len({pair.sampled for pair in made.pairs}) > 1:
        notes.append("Pairs with fewer documents in common have intervals over turns.")
    notes.append("F1, kappa and alpha do not depend on who is taken as right; precision and recall do.")
    return _table(made, "evaluation_people", "People beside the machine", _PAIR, rows, notes)


def _pair_row(made: Evaluation, pair: Pair, score: Score) -> tuple[Cell, ...]:
    names = tuple(name for name in MEASURES if name != "average_precision")
    return (pair.first, pair.second, pair.kind, pair.documents, score.code, score.label, score.level, score.kind,
            made.grid.level, score.units, score.hand, score.machine, score.both,
            *_cells(score.measures, names))  # fmt: skip


def _rules(made: Evaluation) -> Table:
    rows = tuple(
        (each.code, each.coder, each.id, each.text, each.place, each.passages, each.right, each.false, each.alone,
         each.rejected, each.elsewhere, each.share_of_false, each.f1, each.f1_without, each.verdict)
        for each in made.sources
    )  # fmt: skip
    notes = ["What F1 would be without a rule is reckoned by leaving out the passages that it alone spoke for.",
             "Passages here are as the coder made them: two coders' passages that overlap are two."]  # fmt: skip
    return _table(made, "evaluation_rules", "What spoke for the machine's passages", _RULES, rows, notes)


def _terms(made: Evaluation) -> Table:
    rows = tuple(
        (each.code, each.rule, each.text, each.place, each.said, each.hits, each.passages, each.right, each.verdict)
        for each in made.terms
    )
    notes = [
        "An alternative is tried as though it were the only one of its rule. Words behind NOT and UNLESS are not "
        "looked at."
    ]
    return _table(made, "evaluation_terms", "The words inside rules", _TERMS, rows, notes)


def _together(made: Evaluation) -> Table:
    rows = tuple(
        (each.first, each.second, each.hand_both, each.hand_jaccard, each.hand_lift, each.machine_both,
         each.machine_jaccard, each.machine_lift, each.always)
        for each in made.together
    )  # fmt: skip
    notes = ["A unit carries a code when a coding of the very code overlaps it."]
    return _table(made, "evaluation_pairs", "Codes that go together", _TOGETHER, rows, notes)


def _confused(made: Evaluation) -> Table:
    grid = made.grid
    rows = []
    for each in made.confusions:
        document = grid.study.documents[each.document_id]
        block, speaker = block_of(grid, each.document_id, each.span)
        whole = grid.level == "document"
        rows.append((
            each.hand_code, each.machine_code, each.units, document.name, None if whole else block,
            "" if whole else speaker, each.span.start, each.span.end, "" if whole else document.quote(each.span),
            each.passage.rule if each.passage else "", each.passage.evidence if each.passage else "",
        ))  # fmt: skip
    notes = ["A unit with several codes can count for several pairs."]
    return _table(made, "evaluation_confusions", "Codes taken for one another", _CONFUSED, tuple(rows), notes)


def _mistakes(made: Evaluation) -> Table:
    grid = made.grid
    rows = []
    for each in made.mistakes:
        document = grid.study.documents[each.document_id]
        block, speaker = block_of(grid, each.document_id, each.span)
        rows.append((each.code, each.kind, document.name, block, speaker, each.span.start, each.span.end,
                     document.quote(each.span), ", ".join(each.other), each.coder, each.rules, each.evidence,
                     each.score))  # fmt: skip
    return _table(made, "evaluation_mistakes", "Passages missed and falsely found", _MISTAKES, tuple(rows), [])


def _table(
    made: Evaluation,
    name: str,
    title: str,
    columns: tuple[Column, ...],
    rows: tuple[tuple[Cell, ...], ...],
    notes: Sequence[str],
) -> Table:
    told = made.told
    settings = {"replicates": made.replicates, "seed": made.seed, "confidence": made.confidence}
    made_with = {**book_of(made.grid.study), "unit": made.grid.level, "machine": told.machine, "against": told.against}
    made_with |= {key: str(value) for key, value in settings.items()}
    return Table(name, title, columns, rows, made.grid.level, tuple(note for note in notes if note), made_with)
