"""The report as plain values, chapter by chapter; every writer shows the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = [
    "BlindspotChapter", "BlindspotView", "BookRow", "Chapter", "Domain", "FigureView", "MadeFile", "MatrixPart",
    "MatrixRow", "Piece", "Provenance",
    "QuoteView", "Report", "RuleRow", "SourceRow", "StretchView", "ThemeRow", "TopicChapter",
    "TopicView", "UncodedRow",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made the codings and the report: the program, what was typed, the recipe, the libraries.

    ``recipe`` says which coder ran with which settings, ``libraries`` their versions; both are shown as given.
    """

    version: str
    command: str = ""
    recipe: Mapping[str, str] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a quote; ``marked`` where the words stand that matched."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class QuoteView:
    """A quote with its source line; ``note`` says what is special about it, if anything."""

    pieces: tuple[Piece, ...]
    speaker: str
    place: str
    note: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One file that was read."""

    document: str
    format: str
    encoding: str
    people: tuple[str, ...]
    words: int
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BookRow:
    """One code of the codebook in use; ``domain`` rows only group others."""

    id: str
    label: str
    level: int
    domain: bool
    definition: str
    include: str
    exclude: str
    rules: int


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One line of the theme table; ``anchor`` leads to the theme's chapter when it was found."""

    id: str
    label: str
    level: int
    domain: bool
    documents: int
    speakers: int
    codings: int
    segments: int
    present: int
    absent: int
    mixed: int
    anchor: str


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure as an address that holds the picture itself, with its text for those who cannot see it."""

    source: str
    alt: str
    caption: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One theme: what it means, how far it spreads, what people say, and what speaks against it."""

    anchor: str
    id: str
    label: str
    definition: str
    spread: tuple[str, ...]
    quotes: tuple[QuoteView, ...]
    negative: str
    against: tuple[QuoteView, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    """The themes of one branch of the codebook."""

    anchor: str
    id: str
    label: str
    summary: str
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A theme across some of the documents: for each its count (``""`` when not mentioned) and a short quote."""

    id: str
    label: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MatrixPart:
    """As many documents of the framework matrix as fit side by side."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class UncodedRow:
    """How much of one document no code reached."""

    document: str
    words: int
    uncoded: int
    share: str


@dataclass(frozen=True, slots=True)
class StretchView:
    """A stretch that no code reached."""

    text: str
    speaker: str
    place: str


@dataclass(frozen=True, slots=True)
class BlindspotView:
    """A group of passages that no code touched: its words, how far it spreads, near codes, how sure it is, quotes."""

    number: int
    terms: tuple[str, ...]
    spread: str
    near: str
    doubt: str
    quotes: tuple[StretchView, ...]


@dataclass(frozen=True, slots=True)
class BlindspotChapter:
    """What is told of talk that no code touched; ``steps`` are things to do next, each with its command."""

    intro: tuple[str, ...]
    groups: tuple[BlindspotView, ...]
    rest: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """The rules of one code that fired, as ``A1-2 (14)``, most first, and how many did not."""

    id: str
    label: str
    fired: str
    silent: int


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file and the fingerprint of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class TopicView:
    """One topic as it is shown.

    Attributes:
        words: the topic's words with the size in which each is written, 1 to 3, and whether it seeded the topic.
        spread: how much of the talk it is, and how far it goes, a sentence each.
        codes: the codes that it goes with, as sentences.
        candidate: whether no code covers it.
        doubt: why to be careful with it, if there is a reason.
    """

    anchor: str
    number: int
    label: str
    seeded: str
    words: tuple[tuple[str, int, bool], ...]
    spread: tuple[str, ...]
    codes: tuple[str, ...]
    candidate: bool
    doubt: str
    quotes: tuple[QuoteView, ...]


@dataclass(frozen=True, slots=True)
class TopicChapter:
    """What is told of a model: a figure when codes were compared, its topics, what to know, and how it was made."""

    intro: tuple[str, ...]
    figure: FigureView | None
    topics: tuple[TopicView, ...]
    notes: tuple[str, ...]
    made: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report says. ``noun`` is what a document is called here: interview, transcript or document."""

    title: str
    language: str
    noun: str
    facts: tuple[tuple[str, str], ...]
    notice_head: str
    notice: str
    caution: str
    notes: tuple[str, ...]
    read_intro: str
    sources: tuple[SourceRow, ...]
    book_intro: tuple[str, ...]
    book: tuple[BookRow, ...]
    unit: str
    of_documents: int
    has_stance: bool
    has_speakers: bool
    themes_intro: tuple[str, ...]
    themes: tuple[ThemeRow, ...]
    figures: tuple[FigureView, ...]
    domains: tuple[Domain, ...]
    matrix_intro: str
    matrix: tuple[MatrixPart, ...]
    nowhere: tuple[str, ...]
    uncoded_intro: str
    uncoded: tuple[UncodedRow, ...]
    stretches: tuple[StretchView, ...]
    made_intro: str
    made: tuple[tuple[str, str], ...]
    files: tuple[MadeFile, ...]
    counting: tuple[str, ...]
    rules: tuple[RuleRow, ...]
    topics: TopicChapter | None = None
    blindspots: BlindspotChapter | None = None
