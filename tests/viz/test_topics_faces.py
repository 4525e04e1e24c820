"""The figure of topics and codes shows what the sheet says, the same every time."""

from __future__ import annotations

from dataclasses import replace

from qualcode.coding.topics.mapping import CodeMap
from qualcode.viz.svg import to_svg
from qualcode.viz.topics import topic_by_code, topic_by_code_alt
from tests.analysis.test_topics_faces import STUDY, sheet


def codes() -> CodeMap:
    """Return the codes that the sheet's topics go with."""
    return CodeMap(tuple(each for entry in sheet().entries for each in entry.codes), 3, 36)


def texts() -> list[str]:
    (axes,) = topic_by_code(STUDY, sheet(), codes()).axes
    return [text.get_text() for text in axes.texts]


def test_each_topic_has_a_row_with_its_words_its_strength_and_a_mark_when_no_code_covers_it() -> None:
    told = texts()
    for number, entry in enumerate(sheet().entries, 1):
        assert f"{number} {', '.join(word.word for word in entry.words[:4])}" in told
    assert told.count(".71") == 1
    assert told.count("?") == 2
    assert told.count("·") == 2


def test_the_same_sheet_gives_the_same_svg() -> None:
    svg = to_svg(topic_by_code(STUDY, sheet(), codes()))
    assert svg == to_svg(topic_by_code(STUDY, sheet(), codes()))
    assert "G The garden" in svg


def test_the_text_beside_it_names_the_strongest_and_what_no_code_covers() -> None:
    told = topic_by_code_alt(STUDY, sheet(), codes())
    assert told.startswith("Heat map of 3 topics by 1 codes, in 36 segments. Strongest: topic 1 (")
    assert "with G The garden, 0.71" in told
    assert told.endswith("No code is seen to cover topic 2, 3.")


def test_where_no_topic_goes_with_a_code_it_says_so() -> None:
    bare = replace(sheet(), entries=tuple(replace(entry, codes=(), uncovered=True) for entry in sheet().entries))
    (axes,) = topic_by_code(STUDY, bare, CodeMap((), 3, 36)).axes
    assert "no topic goes with a code" in [text.get_text() for text in axes.texts]
    assert topic_by_code_alt(STUDY, bare, CodeMap((), 3, 36)).endswith("No topic goes with a code.")
