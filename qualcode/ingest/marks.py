"""Find what a transcriber wrote into the speech that is not plain speech: laughter, pauses, redactions, stamps.

Brackets are matched leniently (``[by)`` occurs) but never over more than 120 characters or a blank line. Square
brackets are the transcriber's unless they open like speech; round ones are speech unless every word in them is one a
transcriber uses. What is in doubt stays speech: nothing is lost.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from qualcode.ingest.stamps import BRACKET_STAMP
from qualcode.model.document import Mark, MarkKind, Span

__all__ = ["find_marks", "is_transcriber_note", "opens_like_speech"]

_CANDIDATE = re.compile(
    r"\[[^\[\]]{0,120}\]|\[[^\[\]()]{0,120}\)"
    r"|\(\([^()]{0,120}\)\)?|\([^()\[\]]{0,120}[)\]]"
    r"|<[^<>\n]{1,40}>|\{[\d:.,-]{4,14}\}|\#[\d:.,-]{4,14}\#"
    r"|(?<!:)//[^/]{1,120}//|@@+|█+|\b(?:XXX+|xxx+)\b"
)
_STAMP = re.compile(BRACKET_STAMP)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PAUSE = re.compile(r"(?:\.{1,5}|…|\d{1,2}[.,]\d|\d{1,3} ?(?:s|secs?|seconds?)\.?(?: pause)?|pause[:,]? ?\d.*)\Z")
_OVERLAP_LABEL = re.compile(r"//\s{0,3}([^:/\n]{1,40}):\s?")
_SHORT_UNCERTAIN = 3
_STRUCK_OUT = 4
"""XXX was not heard; XXXX is a name struck out."""
_SHORT_PLACEHOLDER = 4


@dataclass(frozen=True, slots=True)
class _MarkWords:
    inside: Mapping[str, MarkKind]
    whole: Mapping[str, MarkKind]
    spoken: frozenset[str]
    modifiers: frozenset[str]


@lru_cache(maxsize=1)
def _mark_words() -> _MarkWords:
    import yaml

    raw = yaml.safe_load(files(__package__).joinpath("marks.yaml").read_text(encoding="utf-8"))
    return _MarkWords(
        inside={word: kind for kind, words in raw["inside"].items() for word in words},
        whole={phrase: kind for kind, phrases in raw["whole"].items() for phrase in phrases},
        spoken=frozenset(raw["spoken"]),
        modifiers=frozenset(raw["modifiers"]),
    )


def find_marks(
    text: str,
    begin: int,
    end: int,
    *,
    known: Sequence[Mark] = (),
    speaker_id: Callable[[str], str | None] = lambda _: None,
) -> list[Mark]:
    """Return the marks in ``text[begin:end]``, in order, without those that lie in a ``known`` mark.

    ``value`` is what stood in the brackets; for a second voice inside a turn (``//S02: yes//``) it is the id that
    ``speaker_id`` gives for the label, and the label itself becomes a comment, because nobody said it.
    """
    taken = sorted((mark.span.start, mark.span.end) for mark in known)
    found: list[Mark] = []
    for match in _CANDIDATE.finditer(text, begin, end):
        start, stop = match.span()
        place = bisect_right(taken, (start, len(text))) - 1
        if place >= 0 and start < taken[place][1]:
            continue
        raw = match.group()
        if "\n" in raw and _BLANK_LINE.search(raw):
            continue
        if raw.startswith("//"):
            found += _second_voice(raw, start, stop, speaker_id)
            continue
        kind = _kind_of(raw)
        if kind is not None:
            found.append(Mark(Span(start, stop), kind, raw.strip("[](){}<>#").strip() or None))
    return found


def _second_voice(raw: str, start: int, stop: int, speaker_id: Callable[[str], str | None]) -> list[Mark]:
    label = _OVERLAP_LABEL.match(raw)
    if label is None:
        return [Mark(Span(start, stop), "overlap")]
    who = speaker_id(label.group(1).strip())
    return [
        Mark(Span(start, stop), "overlap", who or label.group(1).strip()),
        Mark(Span(start, start + label.end()), "comment", label.group(1).strip()),
    ]


def _kind_of(raw: str) -> MarkKind | None:
    opening = raw[0]
    if opening == "@":
        return "laughter"
    if opening == "█" or (opening == "X" and len(raw) >= _STRUCK_OUT):
        return "redaction"
    if opening in "Xx":
        return "inaudible"
    if _STAMP.fullmatch(raw):
        return "timestamp"
    if opening in "{#":
        return None
    content = " ".join(raw.strip("[]()<>").casefold().replace("’", "'").split())
    if opening == "[":
        return _in_square(content)
    if raw.startswith("(("):
        return _by_sign(content) or _by_word(content) or "nonverbal"
    return _by_sign(content) or _in_round(content)


def _in_square(content: str) -> MarkKind:
    if content in ("...", "…", ""):
        return "comment"
    signed = _by_sign(content)
    if signed is not None:
        return signed
    words = _WORD.findall(content)
    lists = _mark_words()
    if words and words[0] in lists.spoken and lists.inside.get(words[-1]) is None:
        return "overlap"
    found = _by_word(content)
    if found is not None:
        return found
    if len(words) <= _SHORT_PLACEHOLDER and any(lists.whole.get(word) == "redaction" for word in words):
        return "redaction"
    return "uncertain" if content.endswith("?") else "comment"


def _in_round(content: str) -> MarkKind | None:
    words = _WORD.findall(content)
    lists = _mark_words()
    kinds = [lists.inside[word] for word in words if word in lists.inside]
    if kinds and all(word in lists.inside or word in lists.modifiers or lists.whole.get(word) == "redaction"
                     for word in words):  # fmt: skip
        return kinds[0]
    if content.endswith("?") and 0 < len(words) <= _SHORT_UNCERTAIN:
        return "uncertain"
    return None


def _by_sign(content: str) -> MarkKind | None:
    if content and not content.strip("?"):
        return "uncertain"
    if content in ("xxx", "xx"):
        return "inaudible"
    if content and not content.strip("x█"):
        return "redaction"
    return "pause" if _PAUSE.match(content) else None


def _by_word(content: str) -> MarkKind | None:
    lists = _mark_words()
    if content in lists.whole:
        return lists.whole[content]
    return next((lists.inside[word] for word in _WORD.findall(content) if word in lists.inside), None)


def is_transcriber_note(bracketed: str) -> bool:
    """Return whether a square bracket such as ``[laughs]`` or ``[town]`` is surely a note and not a speaker's label."""
    return _in_square(" ".join(bracketed.strip("[]").casefold().split())) not in ("comment", "overlap")


def opens_like_speech(content: str) -> bool:
    """Return whether a text begins with a word that people say and headings avoid: ``Yeah``, ``We``, ``So``."""
    first = _WORD.match(content.casefold().replace("’", "'"))
    return first is not None and first.group() in _mark_words().spoken
