"""Transcripts that are edited while every word is tracked, so that a test knows where each of them truly went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from qualcode.ledger.anchor import Anchor, anchor_at
from qualcode.model.document import Document, Span
from qualcode.text.fold import fold
from tests.builders import document

FILLERS = ("Yeah.", "Mm.", "Yeah, yeah.", "Right.", "I don’t know.")
WORDS = ("the", "staff", "trust", "don't", "it", "and", "head", "we", "buy-in", "no", "so", "café", "“change”", "2016")
MARKS = ("[laughter]", "[pause]")
LABELS = ("P1", "P2", "Interviewer")


@dataclass(frozen=True)
class Word:
    """A word as written, with its punctuation, and the number it keeps through all edits; marks have one too."""

    written: str
    number: int


@dataclass(frozen=True)
class Turn:
    label: str
    words: tuple[Word, ...]
    space: str = " "


@dataclass(frozen=True)
class Transcript:
    """A document, and the place in its text of each numbered word."""

    turns: tuple[Turn, ...]
    document: Document
    places: dict[int, Span]

    def anchor(self, first: int, last: int) -> Anchor:
        """Return the anchor from the first to the last of two numbered words."""
        return anchor_at(self.document.text, Span(self.places[first].start, self.places[last].end))


def transcript(turns: Sequence[Turn]) -> Transcript:
    kept = tuple(turn for turn in turns if turn.words)
    made = document(
        "one", [(turn.label, "participant", turn.space.join(word.written for word in turn.words)) for turn in kept]
    )
    places: dict[int, Span] = {}
    for block, turn in zip(made.blocks, kept, strict=True):
        at = block.label_span.end if block.label_span else block.span.start
        for word in turn.words:
            places[word.number] = Span(at, at + len(word.written))
            at += len(word.written) + len(turn.space)
    return Transcript(kept, made, places)


class Editor:
    """Makes turns and edits them; new words get new numbers."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.next = 0

    def words(self, written: Sequence[str]) -> tuple[Word, ...]:
        numbered = tuple(Word(each, self.next + at) for at, each in enumerate(written))
        self.next += len(written)
        return numbered

    def turn(self, words: Sequence[str]) -> Turn:
        return Turn(self.random.choice(LABELS), self.words(words))

    def filler(self) -> Turn:
        return self.turn(self.random.choice(FILLERS).split())

    def loose_turn(self) -> Turn:
        """A turn of common words, some with marks between them: the same ones come again and again."""
        if self.random.random() < 0.4:
            return self.filler()
        return self.turn(self.random.choices((*WORDS, *MARKS), k=self.random.randint(1, 12)))

    def telling_turn(self) -> Turn:
        """A turn of twelve words half of which are said nowhere else."""
        common = self.random.choices(WORDS, k=6)
        return self.turn([word for at, each in enumerate(common) for word in (f"only{self.next + at}", each)])

    def retouch(self, turn: Turn) -> Turn:
        """The same words with other quotes, dashes, case, line breaks, speaker or full stops."""
        words = turn.words
        kind = self.random.randrange(6)
        if kind == 0:
            return replace(turn, space="\n" if turn.space == " " else " ")
        if kind == 1:
            return replace(turn, label="Zed")
        if kind == 2:
            straight = str.maketrans({"’": "'", "'": "’", "“": '"', "”": '"'})
            words = tuple(replace(word, written=word.written.translate(straight)) for word in words)
        elif kind == 3:
            words = tuple(replace(word, written=word.written.replace("-", "\u2013")) for word in words)
        elif kind == 4:
            words = (replace(words[0], written=words[0].written.capitalize()), *words[1:])
        else:
            words = (*words[:-1], replace(words[-1], written=words[-1].written.replace(".", "!")))
        return replace(turn, words=words)

    def change(self, turn: Turn) -> Turn:
        """A word replaced, taken out or put in."""
        at = self.random.randrange(len(turn.words))
        new = self.words([self.random.choice(WORDS)])
        kind = self.random.randrange(3)
        head, tail = turn.words[:at], turn.words[at + (kind < 2) :]
        return replace(turn, words=head + (new if kind != 1 else ()) + tail)

    def edit(self, turns: Sequence[Turn]) -> list[Turn]:
        """One edit anywhere, of any kind."""
        edited = [turn for turn in turns if turn.words] or [self.filler()]
        at, to = self.random.randrange(len(edited)), self.random.randrange(len(edited))
        match self.random.randrange(8):
            case 0:
                edited.insert(at, self.loose_turn())
            case 1:
                del edited[at]
            case 2:
                edited.insert(to, edited.pop(at))
            case 3:
                again = [word.written for word in edited[at].words if not word.written.startswith("only")]
                edited.insert(to, self.turn(again))
            case 4:
                edited[at : at + 2] = [replace(edited[at], words=sum((turn.words for turn in edited[at : at + 2]), ()))]
            case 5 | 6:
                edited[at] = self.change(edited[at])
            case _:
                edited[at] = self.retouch(edited[at])
        return edited


def said(found: Document, span: Span) -> list[str]:
    """Return the words of speech in a span, folded, by a plain reading of what a word is."""
    heard = [
        found.text[max(part.start, span.start) : max(part.start, min(part.end, span.end))]
        for _, parts in found.speech()
        for part in parts
        if part.overlaps(span)
    ]
    plain = "".join(each if each.isalnum() or each == "'" else " " for each in fold(" ".join(heard)))
    return [word.strip("'") for word in plain.split() if word.strip("'")]
