"""Blind spots as tables: a row for each group, or for each passage."""

from __future__ import annotations

from collections.abc import Iterator

from qualcode.analysis.blindspots.values import BlindSpots, Cluster, Passage
from qualcode.analysis.study import Study
from qualcode.analysis.themes import book_of
from qualcode.model.table import Cell, Column, Table

__all__ = ["blindspot_passages", "blindspot_table"]

NOTHING = "probably nothing"

_COLUMNS = (
    Column("cluster", "integer", "number of the group of passages"),
    Column("terms", "text", "words (lemmas) that stand in more of its passages than of the others"),
    Column("passages", "integer", "untouched passages in it"),
    Column("words", "integer", "their words"),
    Column("speakers", "integer", "named people who say them"),
    Column("of_speakers", "integer", "named people who are counted"),
    Column("documents", "integer", "documents they lie in"),
    Column("of_documents", "integer", "documents that were coded"),
    Column("stability", "share", "mean Jaccard over bootstrap samples; under 0.6 not to be relied on"),
    Column("verdict", "text", "stable, doubtful or not reproducible"),
    Column("plain", "integer", "passages that are like talk that carries no code; empty without a bank of examples"),
    Column("remark", "text", "probably nothing, when half of them or more are"),
    Column("near", "text", "the codes it is most like, with how near: 0 as codes in general, 1 the same words"),
    Column("quotes", "text", "near its centre, cut to whole units, by different people where there are several"),
)

_PASSAGE_COLUMNS = (
    Column("cluster", "integer", "number of the group; empty for a passage in none"),
    Column("document", "text", "name of the document"),
    Column("block", "integer", "number of the block (turn), as in codings.csv"),
    Column("speaker", "text", "who speaks"),
    Column("start", "integer", "first character, counted from 0 in code points"),
    Column("end", "integer", "the character after the last"),
    Column("words", "integer", "words of the passage"),
    Column("plain", "text", "yes when it is like talk that carries no code; empty without a bank of examples"),
    Column("text", "text", "the passage, letter for letter"),
)


def blindspot_table(study: Study, found: BlindSpots) -> Table:
    """Return a row for each group: first those that may be something, then those that are probably nothing."""
    rows = tuple(_row(found, each) for each in found.clusters)
    return Table("blindspots", "What no code touched", _COLUMNS, rows, found.unit, tuple(_notes(found)),
                 _made_with(study, found))  # fmt: skip


def blindspot_passages(study: Study, found: BlindSpots) -> Table:
    """Return a row for each passage, group by group, the nearest to the centre first; those in no group last."""
    grouped = [(each.number, passage) for each in found.clusters for passage in each.passages]
    rows = tuple(_passage_row(number, each) for number, each in [*grouped, *((None, each) for each in found.loose)])
    return Table("blindspot_passages", "Passages that no code touched", _PASSAGE_COLUMNS, rows, found.unit,
                 tuple(_notes(found)), _made_with(study, found))  # fmt: skip


def _row(found: BlindSpots, each: Cluster) -> tuple[Cell, ...]:
    near = "; ".join(f"{code.code} {code.label} ({code.nearness:.2f})" for code in each.near)
    quotes = " / ".join(f"“{quote.quoted}” ({_place(quote)})" for quote in each.quotes)
    return (each.number, ", ".join(each.terms), len(each.passages), each.words, each.speakers, found.people,
            each.documents, len(found.documents), each.stability, each.verdict, each.plain,
            NOTHING if each.probably_nothing else "", near, quotes)  # fmt: skip


def _place(quote: Passage) -> str:
    return ", ".join(filter(None, [quote.speaker, quote.document, f"turn {quote.block}"]))


def _passage_row(number: int | None, each: Passage) -> tuple[Cell, ...]:
    plain = None if each.plain is None else "yes" if each.plain else "no"
    return (
        number,
        each.document,
        each.block,
        each.speaker,
        each.span.start,
        each.span.end,
        each.words,
        plain,
        each.text,
    )


def _notes(found: BlindSpots) -> Iterator[str]:
    touched = "what people decided" if found.decided_only else "people's codings and standing suggestions"
    yield (f"{found.untouched:,} of {found.words:,} words lie in {found.unit}s that no code touches ({touched}); "
           f"{found.passages} passages.")  # fmt: skip
    if found.left_out:
        yield f"Not looked at, because nobody coded there: {', '.join(found.left_out)}."
    if found.short:
        yield (f"{found.short} more passages of fewer than {found.fewest_words} words ({found.short_words} words in "
               "all) are left out.")  # fmt: skip
    if not found.asked:
        if found.passages:
            yield f"{found.passages} passages are too few to group: read them one by one (--long)."
        return
    how = "asked for" if found.chosen else "the square root of half the number of passages, at most 20"
    yield f"Made in {found.asked} groups ({how}); a group of fewer than {found.minimum} passages is dissolved."
    if found.loose:
        yield f"{len(found.loose)} passages are in no group: --long lists them."
    if found.replicates:
        yield (f"Stability: {found.replicates} bootstrap samples of the passages, seed {found.seed}; under 0.60 a "
               "group would fall otherwise with other talk: take it as a pile to read, not as a theme.")  # fmt: skip
    if found.banked:
        yield ("Plain: like the bank's examples of talk without a code. It is a guess from words, which overlooks most "
               "small talk and can be wrong.")  # fmt: skip


def _made_with(study: Study, found: BlindSpots) -> dict[str, str]:
    return {**book_of(study), "seed": str(found.seed), "replicates": str(found.replicates),
            **({"vectors": found.vectors} if found.vectors else {})}  # fmt: skip
