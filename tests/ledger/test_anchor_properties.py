"""Random transcripts under random edits: a coding stays on its words or is an orphan, and never goes astray."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.ledger.anchor import Alignment, Anchor, move_all
from tests.ledger.editing import Editor, Transcript, Turn, said, transcript

SEEDS = st.integers(0, 2**32)


def loose(editor: Editor) -> Transcript:
    return transcript([editor.loose_turn() for _ in range(editor.random.randint(1, 14))])


def some_anchors(editor: Editor, text: Transcript, many: int = 8) -> list[Anchor]:
    numbers = [word.number for turn in text.turns for word in turn.words]
    begins = [editor.random.randrange(len(numbers)) for _ in range(many)]
    return [
        text.anchor(numbers[begin], numbers[min(len(numbers) - 1, begin + editor.random.choice((0, 0, 1, 2, 6, 20)))])
        for begin in begins
    ]


def edited(editor: Editor, text: Transcript, most: int) -> Transcript:
    turns = list(text.turns)
    for _ in range(editor.random.randint(1, most)):
        turns = editor.edit(turns)
    return transcript([turn for turn in turns if turn.words] or [editor.filler()])


@settings(max_examples=800, deadline=None)
@given(SEEDS)
def test_what_is_kept_is_quoted_letter_for_letter_and_has_the_same_words(seed: int) -> None:
    editor = Editor(Random(seed))
    old = loose(editor)
    new = edited(editor, old, 10)
    anchors = some_anchors(editor, old)
    moved = move_all(old.document, new.document, anchors)
    assert len(moved) == len(anchors)
    for anchor, result in zip(anchors, moved, strict=True):
        assert (result.anchor is None) == (result.how == "orphan") == bool(result.reason)
        for each in [result.anchor] if result.anchor else [proposal.anchor for proposal in result.proposals]:
            assert each.quote == new.document.text[each.span.start : each.span.end]
            assert new.document.text[: each.span.start].endswith(each.prefix)
            assert new.document.text[each.span.end :].startswith(each.suffix)
        if result.anchor:
            assert said(new.document, result.anchor.span) == said(old.document, anchor.span)
            if result.how in {"same", "shifted"}:
                assert result.anchor.quote == anchor.quote
        assert [each.similarity for each in result.proposals] == sorted(
            (each.similarity for each in result.proposals), reverse=True
        )
        assert len(result.proposals) <= 3


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_a_text_read_again_unchanged_leaves_everything_the_same(seed: int) -> None:
    editor = Editor(Random(seed))
    old = loose(editor)
    anchors = some_anchors(editor, old)
    for anchor, result in zip(anchors, move_all(old.document, transcript(old.turns).document, anchors), strict=True):
        assert (result.how, result.anchor) == ("same", anchor)


def surrounded(editor: Editor) -> tuple[list[Turn], list[Turn], list[Turn]]:
    """Turns before, a coded turn between two telling ones, turns after; the coded words are said elsewhere too."""

    def around() -> list[Turn]:
        return [editor.loose_turn() if editor.random.random() < 0.6 else editor.telling_turn() for _ in range(6)]

    coded = editor.filler() if editor.random.random() < 0.7 else editor.loose_turn()
    return around(), [editor.telling_turn(), coded, editor.telling_turn()], around()


def elsewhere(editor: Editor, turns: list[Turn], coded: Turn) -> list[Turn]:
    """Edits that do not touch the coded turn: deletions, changes, and above all its words said once more."""
    for _ in range(editor.random.randint(0, 6)):
        at = editor.random.randrange(len(turns) + 1)
        match editor.random.randrange(4):
            case 0:
                turns.insert(at, editor.turn([word.written for word in coded.words]))
            case 1:
                del turns[at : at + 1]
            case 2:
                turns.insert(at, editor.loose_turn())
            case _ if at < len(turns) and turns[at].words:
                turns[at] = editor.change(turns[at])
            case _:
                pass
    return turns


@settings(max_examples=800, deadline=None)
@given(SEEDS)
def test_edits_elsewhere_never_orphan_a_passage_nor_put_it_on_the_same_words_elsewhere(seed: int) -> None:
    editor = Editor(Random(seed))
    before, middle, after = surrounded(editor)
    coded = middle[1]
    old = transcript([*before, *middle, *after])
    new = transcript([*elsewhere(editor, before, coded), *middle, *elsewhere(editor, after, coded)])
    first, last = coded.words[0].number, coded.words[-1].number
    there = Alignment(old.document, new.document).move(old.anchor(first, last))
    assert there.anchor == new.anchor(first, last)
    assert there.how in {"same", "shifted"}
    back = Alignment(new.document, old.document).move(there.anchor)
    assert back.anchor == old.anchor(first, last)


@settings(max_examples=300, deadline=None)
@given(SEEDS)
def test_retouching_keeps_every_passage_on_its_own_words(seed: int) -> None:
    editor = Editor(Random(seed))
    turns = [editor.telling_turn() if editor.random.random() < 0.6 else editor.filler() for _ in range(8)]
    old = transcript(turns)
    for _ in range(5):
        at = editor.random.randrange(len(turns))
        turns[at] = editor.retouch(turns[at])
    new = transcript(turns)
    for turn in turns:
        first, last = turn.words[0].number, turn.words[-1].number
        result = Alignment(old.document, new.document).move(old.anchor(first, last))
        assert result.anchor == new.anchor(first, last)
        assert result.how != "moved"


@settings(max_examples=300, deadline=None)
@given(SEEDS)
def test_there_and_back_restores(seed: int) -> None:
    editor = Editor(Random(seed))
    old = loose(editor)
    new = edited(editor, old, 6)
    there, back = Alignment(old.document, new.document), Alignment(new.document, old.document)
    for anchor in some_anchors(editor, old, 4):
        moved = there.move(anchor).anchor
        returned = back.move(moved).anchor if moved else None
        if returned:
            assert said(old.document, returned.span) == said(old.document, anchor.span)
            assert returned.span.overlaps(anchor.span)


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_two_steps_agree_with_one(seed: int) -> None:
    editor = Editor(Random(seed))
    old = transcript(
        [editor.telling_turn() if editor.random.random() < 0.5 else editor.loose_turn() for _ in range(10)]
    )
    middle = edited(editor, old, 4)
    new = edited(editor, middle, 4)
    first, second = Alignment(old.document, middle.document), Alignment(middle.document, new.document)
    straight = Alignment(old.document, new.document)
    for anchor in some_anchors(editor, old, 5):
        half = first.move(anchor).anchor
        whole, direct = (second.move(half).anchor if half else None), straight.move(anchor).anchor
        if whole and direct:
            assert whole.span.overlaps(direct.span)
