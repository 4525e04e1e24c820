"""The tables of longest common subsequences agree with the textbook's, whatever is asked of them."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.ledger.align import WordAlignment, lcs_length

WORDS = st.lists(st.sampled_from("abcd"), max_size=24)


def slow(old: list[str], new: list[str]) -> int:
    """The recurrence of Wagner and Fischer (1974), cell by cell."""
    row = [0] * (len(new) + 1)
    for word in old:
        above = row
        row = [0]
        for place, other in enumerate(new):
            row.append(above[place] + 1 if word == other else max(above[place + 1], row[place]))
    return row[-1]


@settings(max_examples=200, deadline=None)
@given(WORDS, WORDS, st.data())
def test_every_table_agrees_with_the_recurrence(old: list[str], new: list[str], data: st.DataObject) -> None:
    found = WordAlignment(old, new)
    assert found.length == lcs_length(old, new) == slow(old, new)
    i, j = data.draw(st.integers(0, len(old))), data.draw(st.integers(0, len(new)))
    assert found.before_old(i).tolist() == [slow(old[:i], new[:q]) for q in range(len(new) + 1)]
    assert found.after_old(i).tolist() == [slow(old[i:], new[q:]) for q in range(len(new) + 1)]
    assert found.before_new(j).tolist() == [slow(old[:p], new[:j]) for p in range(len(old) + 1)]
    assert found.after_new(j).tolist() == [slow(old[p:], new[j:]) for p in range(len(old) + 1)]


@settings(max_examples=200, deadline=None)
@given(WORDS, WORDS, st.data())
def test_what_is_needed_is_what_is_lost_without_it(old: list[str], new: list[str], data: st.DataObject) -> None:
    found = WordAlignment(old, new)
    begin = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(begin, len(old)))
    assert found.needed_old(begin, end) == slow(old, new) - slow(old[:begin] + old[end:], new)
    begin = data.draw(st.integers(0, len(new)))
    end = data.draw(st.integers(begin, len(new)))
    assert found.needed_new(begin, end) == slow(old, new) - slow(old, new[:begin] + new[end:])


@settings(max_examples=100, deadline=None)
@given(WORDS, WORDS, st.data())
def test_crossings_are_the_outermost_places_at_no_loss(old: list[str], new: list[str], data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(old)))
    free = [q for q in range(len(new) + 1) if slow(old[:i], new[:q]) + slow(old[i:], new[q:]) == slow(old, new)]
    assert WordAlignment(old, new).crossings(i) == (free[0], free[-1])


def test_rows_between_those_that_are_kept_are_the_same() -> None:
    old, new = [str(at % 7) for at in range(100)], [str(at % 5) for at in range(90)]
    found = WordAlignment(old, new)
    assert [int(found.before_old(i)[90]) for i in range(101)] == [slow(old[:i], new) for i in range(101)]


def test_importing_the_modules_loads_no_heavy_library() -> None:
    code = "import sys, qualcode.ledger.anchor; print({'numpy', 'spacy', 'pandas', 'sqlite3'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
