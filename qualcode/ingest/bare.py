"""Labels that stand alone on their line, without colon, stamp or bracket: ``DANA`` and below it what Dana says.

One such line looks exactly like a heading, so a file must show that they are people: by words for roles, by codes, or
by names that come again and again while somebody asks questions. Looked for only when no other family fits.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from itertools import pairwise

from qualcode.ingest.choice import Choice
from qualcode.ingest.headers import Candidate, is_plausible_label
from qualcode.ingest.layout import Line
from qualcode.ingest.speakers import is_code_label, label_key, role_from_words, word_lists
from qualcode.model.document import IngestWarning, Span

__all__ = ["choose_bare"]

_LONGEST = 40
_SENTENCE_END = re.compile(r"[.?!…,;:\"”’)\]]\Z")
_FEWEST, _TURNS = 2, 4
_MOST_PEOPLE = 12
_MOST_ODD = 0.1


def choose_bare(
    text: str, lines: Sequence[Line], *, from_line: int, stated: Set[str], bold: Sequence[Span] = ()
) -> Choice | None:
    """Return the labels that stand alone on their lines as headers of turns, ``None`` when the file shows none.

    Args:
        from_line: lines before it are preamble.
        stated: keys of labels that options, a legend or a list of speakers name.
        bold: runs of bold text; a name in bold counts like one in capitals.
    """
    emphasised = {span.start for span in bold}
    found = [
        each
        for position, line in enumerate(lines)
        if position >= from_line and (each := _candidate(text, lines, position, line, stated, emphasised)) is not None
    ]
    counts = Counter(each.key for each in found)
    named = {each.key for each in found if _is_named(each.label, stated)}
    keys = named | {key for key, count in counts.items() if count > 1}
    turns = [each for each in found if each.key in keys]
    if not _FEWEST <= len(keys) <= _MOST_PEOPLE or len(turns) < _FEWEST:
        return None
    if len(named) < _FEWEST and not _is_talk(text, lines, turns, len(found)):
        return None
    labels = ", ".join(dict.fromkeys(each.label for each in turns))
    note = IngestWarning(
        "bare-labels", "info" if len(named) >= _FEWEST else "warn",
        f"these stand alone on their lines and were taken to be speakers: {labels}. Check that they are people and not "
        "headings",
    )  # fmt: skip
    return Choice({each.line: each for each in turns}, frozenset(keys), (note,))


def _candidate(
    text: str, lines: Sequence[Line], position: int, line: Line, stated: Set[str], emphasised: Set[int]
) -> Candidate | None:
    if line.blank or line.end - line.body > _LONGEST or not _speech_follows(lines, position):
        return None
    written = text[line.body : line.end]
    label = written.strip("*_ ")
    if not label or not label[0].isalpha() or _SENTENCE_END.search(label) or not is_plausible_label(label):
        return None
    shown = label.isupper() or written != label or line.body in emphasised
    if not shown and not _is_named(label, stated):
        return None
    return Candidate(position, position, "bare", label, label_key(label), Span(line.body, line.end), None,
                     alone=True, strong=False)  # fmt: skip


def _speech_follows(lines: Sequence[Line], position: int) -> bool:
    return any(not line.blank for line in lines[position + 1 : position + 3])


def _is_named(label: str, stated: Set[str]) -> bool:
    if label_key(label) in stated:
        return True
    if is_code_label(label):
        return label[-1].isdigit() or role_from_words(label) is not None
    return role_from_words(label) is not None and label_key(re.sub(r"[\s-]*\d+\Z", "", label)) in word_lists().roles


def _is_talk(text: str, lines: Sequence[Line], turns: Sequence[Candidate], found: int) -> bool:
    """Return whether names alone, without a word for a role, can be believed: they repeat, change, and one asks."""
    if len(turns) < _TURNS or (found - len(turns)) > _MOST_ODD * found:
        return False
    if any(not word_lists().headings.isdisjoint(each.key.split()) for each in turns):
        return False
    asked: Counter[str] = Counter()
    for turn, after in pairwise(turns):
        end = after.line - 1
        while end > turn.line and lines[end].blank:
            end -= 1
        asked[turn.key] += text.endswith("?", lines[end].body, lines[end].end)
    spoken = Counter(turn.key for turn in turns[:-1])
    return any(asked[key] > 1 and asked[key] * 2 > count for key, count in spoken.items())
