"""What the report says of talk that no code touched: groups with quotes, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from qualcode.analysis.blindspots.values import STABLE, BlindSpots, Cluster, Passage
from qualcode.report.commands import Commands
from qualcode.report.model import BlindspotChapter, BlindspotView, StretchView
from qualcode.report.passages import place
from qualcode.report.wording import and_list, counted, plural, share_words

__all__ = ["blindspot_chapter"]

SHOWN = 6
"""Groups that are shown; the table has them all."""
SEARCHED = 3


def blindspot_chapter(found: BlindSpots, *, folder: str = "", codebook: str = "") -> BlindspotChapter:
    """Return what is said of blind spots.

    Args:
        found: the groups.
        folder: the project's, for the commands to type next; without it they are not shown.
        codebook: named in the commands when it is not the project's first.
    """
    promising = [each for each in found.clusters if not each.probably_nothing]
    nothing = [each for each in found.clusters if each.probably_nothing]
    shaky = [each for each in promising if each.stability is not None and each.stability < STABLE]
    shown = promising[:SHOWN]
    return BlindspotChapter(
        tuple(_intro(found, all_shaky=bool(promising) and len(shaky) == len(promising))),
        tuple(_view(found, each) for each in shown),
        tuple(_rest(found, promising[SHOWN:], nothing)),
        tuple(_next(found, shown, folder, codebook)),
    )


def _intro(found: BlindSpots, *, all_shaky: bool) -> list[str]:
    share = share_words(found.untouched, found.words, "words")
    said = [
        f"{share} that participants said lie in {found.unit}s that no code touches: "
        f"{counted(found.passages, 'passage')} of {found.fewest_words} words or more, and "
        f"{counted(found.short, 'shorter one')} that are left out here."
        if found.words
        else "There are no words to speak of."
    ]
    if found.left_out:
        said.append(f"Not looked at, because nobody coded there: {and_list(found.left_out)}.")
    if found.clusters:
        by = "words and by meaning" if found.vectors else "words"
        said.append(
            f"They are grouped here by the {by} they share. A group is a pile to read, not a theme: it is worth a code "
            "when its passages say one thing that your question asks about."
        )
        if all_shaky:
            said.append("None of the groups is stable: with other interviews the passages would fall otherwise.")
    elif found.passages:
        said.append("They are too few, or too unlike each other, to group: read them one by one.")
    else:
        said.append("There is nothing of length that no code touches.")
    return said


def _view(found: BlindSpots, each: Cluster) -> BlindspotView:
    people = f" by {each.speakers} of {counted(found.people, 'speaker')}" if each.speakers else ""
    spread = (
        f"{counted(len(each.passages), 'passage')}, {counted(each.words, 'word')}{people}, in {each.documents} of "
        f"{counted(len(found.documents), 'document')}."
    )
    near = ", ".join(f"{code.code} {code.label} ({code.nearness:.2f})" for code in each.near)
    doubt = f"{each.verdict.capitalize()}: stability {each.stability:.2f}." if each.stability is not None else ""
    if each.plain:
        doubt += f" {each.plain} of {len(each.passages)} {plural('is', each.plain)} like small talk."
    return BlindspotView(
        each.number, each.terms, spread, near, doubt.strip(), tuple(_stretch(quote) for quote in each.quotes)
    )


def _stretch(quote: Passage) -> StretchView:
    return StretchView(
        quote.quoted, quote.speaker, place(quote.document, quote.block, quote.quote, None, quote.speaker)
    )


def _rest(found: BlindSpots, more: Sequence[Cluster], nothing: Sequence[Cluster]) -> list[str]:
    said = []
    if more:
        said.append(f"{counted(len(more), 'more group')} with fewer passages: {_listed(more)}.")
    if nothing:
        said.append(
            f"Probably nothing: {counted(len(nothing), 'group')} in which half of the passages or more are like talk "
            f"that carries no code ({_listed(nothing)}). A guess from words: look once."
        )
    if found.clusters and found.loose:
        said.append(f"{counted(len(found.loose), 'passage')} {plural('is', len(found.loose))} in no group.")
    return said


def _listed(groups: Sequence[Cluster]) -> str:
    return "; ".join(
        f"{each.number} {', '.join(each.terms[:SEARCHED]) or 'no word of its own'}, "
        f"{counted(len(each.passages), 'passage')}"
        for each in groups
    )


def _next(found: BlindSpots, shown: Sequence[Cluster], folder: str, codebook: str) -> list[tuple[str, str]]:
    if not folder or not found.passages:
        return []
    commands = Commands(folder, codebook)
    listed = commands.line("table", "blindspots", "--long")
    steps = [("Read every passage, group by group", " ".join((*listed[:2], listed[3], listed[2], *listed[4:])))]
    words = next((each.terms[:SEARCHED] for each in shown if each.terms), ())
    if words:
        steps.append(("See where else the words are said", " ".join(commands.line("search", " | ".join(words)))))
    adding = " ".join(commands.line("codebook add", "ID", "LABEL"))
    return [*steps, ("Add a code for what is missing", adding)]
