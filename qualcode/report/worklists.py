"""Two pages to work from: codings that lost their place, and passages on which coders differ. What they say, as values.

``orphans.py`` and ``disputes.py`` make the values; the templates only print them.
"""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.report.commands import Command
from qualcode.report.render import rendered
from qualcode.report.scenes import Scene
from qualcode.report.wordchanges import Change

__all__ = [
    "DISAGREEMENTS_MARK",
    "ORPHANS_MARK",
    "Answer",
    "CodeRow",
    "ConfusedRow",
    "Definition",
    "DisagreementsPage",
    "DisputedCode",
    "LostCoding",
    "LostNote",
    "LostPassage",
    "OrphanGroup",
    "OrphansPage",
    "Passage",
    "Reading",
    "Settling",
    "WayBack",
    "disagreements_html",
    "orphans_html",
]

ORPHANS_MARK = ": codings that lost their place</title>"
DISAGREEMENTS_MARK = ": where coders differ</title>"
"""What each page has near its beginning and other files do not."""


@dataclass(frozen=True, slots=True)
class LostCoding:
    """One coding on words that were changed.

    ``uncode`` is the command by which ``person`` takes it back; ``None`` for what adjudication settled.
    """

    id: str
    code: str
    label: str
    decided: str
    origin: str
    reason: str
    notes: tuple[str, ...]
    person: str
    uncode: Command | None


@dataclass(frozen=True, slots=True)
class WayBack:
    """A place in the present text: how alike (``93%``), what changed, and for each coding the command to put it there.

    ``rival`` is true when another place is as like: a person has to look.
    """

    alike: str
    scene: Scene
    changes: tuple[Change, ...]
    commands: tuple[Command, ...]
    rival: bool


@dataclass(frozen=True, slots=True)
class LostPassage:
    """Words that were coded, as they stood; why they have no place; and the places they may have now, likeliest first.

    ``elsewhere`` are commands to complete with words of the present text; none when the document is gone.
    """

    anchor: str
    number: int
    codes: tuple[str, ...]
    reason: str
    old: Scene
    codings: tuple[LostCoding, ...]
    ways: tuple[WayBack, ...]
    elsewhere: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class OrphanGroup:
    """The lost passages of one document; ``present`` is false when the project no longer has it."""

    anchor: str
    document: str
    present: bool
    codings: int
    passages: tuple[LostPassage, ...]


@dataclass(frozen=True, slots=True)
class LostNote:
    """A memo on words that were changed."""

    text: str
    person: str
    quote: str
    reason: str


@dataclass(frozen=True, slots=True)
class OrphansPage:
    """Everything the page of lost codings says.

    Attributes:
        codings: how many lost their place; ``likely`` of them have a proposal of at least ``least``.
        doubtful: how many of the likely ones have another place that is as like.
        preview, take: commands that show, and take, all the likely proposals.
        listing: the command that lists the codings in a terminal.
    """

    title: str
    language: str
    facts: tuple[tuple[str, str], ...]
    codings: int
    likely: int
    doubtful: int
    least: str
    preview: Command
    take: Command
    listing: Command
    groups: tuple[OrphanGroup, ...]
    notes: tuple[LostNote, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A code in short."""

    id: str
    label: str
    meaning: str
    use: tuple[str, ...]
    not_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one coder holds of a passage under one code.

    ``words`` are those that were marked when they are not the passage's; ``disputed`` is true of codes in dispute.
    """

    id: str
    label: str
    verdict: str
    rejected: bool
    disputed: bool
    words: str
    facets: str
    reason: str
    origin: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One coder's reading of a passage; ``silence`` says what having no code here means."""

    coder: str
    answers: tuple[Answer, ...]
    silence: str


@dataclass(frozen=True, slots=True)
class Settling:
    """A code in dispute: the id of the conflict (or coding) and the commands that settle it."""

    code: str
    label: str
    id: str
    express: bool
    accept: Command
    reject: Command


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage on which coders differ. ``outside`` is true when tables do not count it as a difference."""

    anchor: str
    number: int
    document: str
    scene: Scene
    readings: tuple[Reading, ...]
    settling: tuple[Settling, ...]
    outside: bool


@dataclass(frozen=True, slots=True)
class DisputedCode:
    """The passages that stand under one code, the one of theirs that is most in dispute.

    ``elsewhere`` is how many more passages dispute it, which stand under another code; ``definitions`` begin with its
    own, then those of the codes it is taken for.
    """

    anchor: str
    id: str
    label: str
    elsewhere: int
    definitions: tuple[Definition, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class ConfusedRow:
    """Two codes that are taken for one another, in how many units, and who gave which."""

    first: str
    first_label: str
    second: str
    second_label: str
    units: int
    who: str


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code in dispute: passages on this page, units each coder gave it, and agreement (``–`` where undefined)."""

    id: str
    label: str
    anchor: str
    passages: int
    coded: tuple[str, ...]
    share: str
    alpha: str


@dataclass(frozen=True, slots=True)
class DisagreementsPage:
    """Everything the page of differing readings says; ``nothing`` says why there is no passage, if there is none."""

    title: str
    language: str
    facts: tuple[tuple[str, str], ...]
    unit: str
    coders: tuple[str, ...]
    total: int
    nothing: str
    notes: tuple[str, ...]
    confused: tuple[ConfusedRow, ...]
    confused_more: int
    rows: tuple[CodeRow, ...]
    groups: tuple[DisputedCode, ...]


def orphans_html(page: OrphansPage) -> str:
    """Return the page of lost codings. Text from transcripts and from people is shown as text, whatever it holds."""
    return rendered("orphans.html.j2", page=page)


def disagreements_html(page: DisagreementsPage) -> str:
    """Return the page of differing readings; as :func:`orphans_html`."""
    return rendered("disagreements.html.j2", page=page)
