"""Codings that an edited transcript has no place for, to the page from which a person puts them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from qualcode.model.codes import Codebook
from qualcode.model.document import Document
from qualcode.model.ledger import SETTLED, Judgement, Memo
from qualcode.model.ledger import Passage as Place
from qualcode.report.commands import Command, Commands
from qualcode.report.people import decided, label_of, notes_on, origin_told
from qualcode.report.scenes import Scene, scene_of, words_alone
from qualcode.report.wordchanges import word_changes
from qualcode.report.wording import british_date, counted
from qualcode.report.worklists import LostCoding, LostNote, LostPassage, OrphanGroup, OrphansPage, WayBack

__all__ = ["LIKELY", "Lost", "orphans_page"]

Key = TypeVar("Key")

LIKELY = 0.9
"""From this likeness on, proposals are offered to be taken all together."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A judgement without a place.

    Attributes:
        judgement: with its last place.
        name: of its document.
        old: the text in which it stood; ``None`` when that is not kept.
        present: the text of today; ``None`` when the project no longer has the document.
        proposals: places in the present text with their likeness (0 … 1), the likeliest first.
    """

    judgement: Judgement
    name: str
    old: Document | None
    present: Document | None
    proposals: tuple[tuple[Place, float], ...] = ()


def orphans_page(
    lost: Sequence[Lost],
    book: Codebook,
    *,
    title: str,
    commands: Commands,
    date: str,
    memos: Sequence[Memo] = (),
) -> OrphansPage:
    """Return the page: lost codings by document, those on the same words together.

    Args:
        lost: the codings.
        book: their codebook.
        title: of the study.
        commands: of the project.
        date: the day to print, ``YYYY-MM-DD``.
        memos: all of the project; those on a lost coding stand with it, those that lost their own place in a list.
    """
    groups: list[OrphanGroup] = []
    number = 0
    for name, held in sorted(_by(lost, lambda each: each.name).items()):
        passages: list[LostPassage] = []
        for same in _by(held, _place).values():
            number += 1
            passages.append(_passage(number, same, book, commands, memos))
        groups.append(
            OrphanGroup(f"document-{len(groups) + 1}", name, held[0].present is not None, len(held), tuple(passages))
        )
    likely = [each for each in lost if each.proposals and each.proposals[0][1] >= LIKELY]
    least = str(LIKELY)
    return OrphansPage(
        title=title,
        language=book.language or "en-GB",
        facts=(
            ("Study", title),
            ("Date", british_date(date)),
            ("Codebook", f"{book.title} ({book.id}, version {book.version})"),
            ("Without a place", f"{counted(len(lost), 'coding')} on {counted(number, 'passage')}, "
                                f"in {counted(len(groups), 'document')}"),
        ),
        codings=len(lost),
        likely=len(likely),
        doubtful=sum(_rivalled(each, 0) for each in likely),
        least=f"{LIKELY:.0%}",
        preview=commands.line("place", "--proposed", least, "--dry-run"),
        take=commands.line("place", "--proposed", least),
        listing=commands.line("orphans"),
        groups=tuple(groups),
        notes=tuple(
            LostNote(each.text, each.person, each.passage.quote if each.passage is not None else "", each.orphan)
            for each in memos
            if each.orphan
        ),
    )  # fmt: skip


def _passage(
    number: int, same: Sequence[Lost], book: Codebook, commands: Commands, memos: Sequence[Memo]
) -> LostPassage:
    first = same[0]
    ways = []
    for at, (place, alike) in enumerate(first.proposals):
        assert first.present is not None
        span = f"{place.span.start}:{place.span.end}"
        lines = [commands.line("place", each.judgement.id, "--span", span, "--document", first.name) for each in same]
        ways.append(
            WayBack(_percent(alike), scene_of(first.present, place.span),
                    word_changes(first.judgement.passage.quote, place.quote), tuple(lines), _rivalled(first, at))
        )  # fmt: skip
    elsewhere = (
        tuple(commands.line("place", each.judgement.id, "--quote", "THE WORDS", "--document", first.name)
              for each in same)
        if first.present is not None
        else ()
    )  # fmt: skip
    codings = tuple(
        LostCoding(each.judgement.id, each.judgement.code, label_of(book, each.judgement.code),
                   decided(each.judgement), origin_told(each.judgement), each.judgement.reason,
                   notes_on(each.judgement, memos), each.judgement.person, _uncode(each.judgement, commands))
        for each in same
    )  # fmt: skip
    codes = tuple(dict.fromkeys(each.judgement.code for each in same))
    return LostPassage(f"passage-{number}", number, codes, first.judgement.orphan, _old(first), codings, tuple(ways),
                       elsewhere)  # fmt: skip


def _uncode(judgement: Judgement, commands: Commands) -> Command | None:
    if judgement.layer == SETTLED:
        return None
    return commands.line("uncode", "--id", judgement.id)


def _old(lost: Lost) -> Scene:
    """Return the words in the text in which they stood, or in what was kept around them."""
    passage = lost.judgement.passage
    if lost.old is not None and lost.old.quote(passage.span) == passage.quote:
        return scene_of(lost.old, passage.span)
    return words_alone(passage.quote, passage.prefix, passage.suffix)


def _rivalled(lost: Lost, at: int) -> bool:
    alike = lost.proposals[at][1]
    return any(other != at and likeness >= alike for other, (_, likeness) in enumerate(lost.proposals))


def _percent(alike: float) -> str:
    # Rounded down: words that differ by a letter are not 100 % alike.
    return f"{int(alike * 100 + 1e-9)}%"


def _place(lost: Lost) -> tuple[object, ...]:
    passage = lost.judgement.passage
    offered = tuple((place.span, alike) for place, alike in lost.proposals)
    return (passage.document_id, passage.document_sha256, passage.span, lost.judgement.orphan, offered)


def _by(lost: Iterable[Lost], key: Callable[[Lost], Key]) -> dict[Key, list[Lost]]:
    """Return them by key, in the order of the text."""
    found: dict[Key, list[Lost]] = {}
    for each in sorted(lost, key=lambda each: (each.name, each.judgement.passage.span, each.judgement.code,
                                               each.judgement.id)):  # fmt: skip
        found.setdefault(key(each), []).append(each)
    return found
