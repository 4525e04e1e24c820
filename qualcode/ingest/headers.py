"""Find the headers of turns in a text, whatever family they belong to, and decide which labels are people.

The families (``docs/errors-ingest.md`` shows one of each): a label with a colon, with a stamp before, inside or after
it, bold or not; a header line of its own with a stamp (Otter, Word) or a spoken stamp under it (Teams); a label in
square brackets or braces, after ``#`` or ``@``. A line that could be a header is a :class:`Candidate`; which of them
are headers is decided over the whole file, because one line alone cannot tell ``Dana: yes`` from ``Note: yes``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from qualcode.errors import IngestError
from qualcode.ingest.layout import Line
from qualcode.ingest.marks import is_transcriber_note
from qualcode.ingest.speakers import is_code_label, label_key, role_from_words, word_lists
from qualcode.ingest.stamps import BARE_STAMP, BRACKET_STAMP, SPOKEN_STAMP
from qualcode.model.document import Span

__all__ = ["Candidate", "Family", "candidates_of", "is_plausible_label"]

Family = Literal["colon", "bold", "bracket", "brace", "hash", "at", "stamp-line", "teams", "bare", "pattern"]

_LONGEST, _MOST_WORDS = 40, 4
_REACH = 200

_STAMP = rf"(?:{BRACKET_STAMP}|[\[(]\d{{1,3}}\.\d{{2}}[\])]|\(?{BARE_STAMP}\)?)"
_LABEL = r"[^\W\d_][^:：\[\]{}<>|=\t]{0,39}?"
_COLON = re.compile(
    rf"(?P<item>(?:[-•>]|\d{{1,4}}[.)])[ \t]{{1,3}})?\*?(?:(?P<pre>{_STAMP})\s*[=|–-]?\s*)?"
    rf"(?P<bold>\*\*|__)?(?P<label>{_LABEL})(?:\*\*|__)?\s*(?P<mid>{_STAMP})?\s*[:：](?!//)(?:\*\*|__)?"
    rf"(?:\s*(?P<post>{BRACKET_STAMP}))?"
)
_BRACKET = re.compile(
    rf"(?:(?P<pre>{_STAMP})\s*)?\[(?P<label>[^\W\d_][^\[\]:]{{0,39}})\](?:\s*[:：])?(?:\s*(?P<post>{_STAMP}))?"
)
_BRACE = re.compile(rf"(?:(?P<pre>{BRACKET_STAMP})\s*)?\{{(?P<label>[^\W\d_][^{{}}:]{{0,39}})\}}(?:\s*[:：])?"
                    rf"(?:\s*(?P<post>{BRACKET_STAMP}))?")  # fmt: skip
_HASH = re.compile(rf"(?:(?P<pre>{BRACKET_STAMP})\s*)?#(?P<label>{_LABEL})\s*[:：](?:\s*(?P<post>{BRACKET_STAMP}))?")
_AT = re.compile(rf"(?:(?P<pre>{BRACKET_STAMP})\s*)?@(?P<label>{_LABEL})\s*[:：](?:\s*(?P<post>{BRACKET_STAMP}))?")
_LABEL_STAMP = re.compile(rf"(?:\*\*)?(?P<label>{_LABEL})(?:\*\*)?(?P<gap>\s+)(?P<post>{_STAMP})\Z")
_STAMP_LABEL = re.compile(rf"(?P<pre>{_STAMP})\s+(?:\*\*)?(?P<label>{_LABEL})(?:\*\*)?[:：]?\Z")
_SPOKEN = re.compile(SPOKEN_STAMP)
_TITLE = re.compile(r"\b(?:[^\W\d_]{1,4})\.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that could open a turn.

    ``header`` runs from the first character of the header to the end of its colon or stamp; ``stamp`` is the stamp in
    it; ``last_line`` is the last line the header takes (Teams uses two); ``alone`` says that no speech follows on it.
    """

    line: int
    last_line: int
    family: Family
    label: str
    key: str
    header: Span
    stamp: Span | None
    alone: bool
    strong: bool


def candidates_of(text: str, lines: Sequence[Line], *, bold: Sequence[Span] = (), pattern: str | None = None
                  ) -> list[Candidate]:  # fmt: skip
    """Return every line that could open a turn, in order; at most one candidate a line and family group.

    Args:
        bold: runs of bold text, in order.
        pattern: the researcher's own regular expression; then nothing else counts.

    Raises:
        IngestError: QC-I013 when ``pattern`` is no regular expression.
    """
    if pattern is not None:
        return list(_by_pattern(text, lines, pattern))
    bold_at = {span.start: span for span in bold}
    found: list[Candidate] = []
    for position, line in enumerate(lines):
        if line.blank:
            continue
        head = text[line.body : min(line.end, line.body + _REACH)]
        span = bold_at.get(line.body)
        if span is not None:
            candidate = _bold(text, position, line, span)
            if candidate is not None:
                found.append(candidate)
                continue
        candidate = _written(position, line, head) or _teams(text, position, line, lines, head)
        if candidate is not None:
            found.append(candidate)
    return found


@lru_cache(maxsize=8192)
def is_plausible_label(label: str) -> bool:
    """Return whether a phrase before a colon could name a person: short, no sentence, no known false label."""
    if len(label) > _LONGEST or not label.strip():
        return False
    words = label.split()
    if (
        len(words) > _MOST_WORDS
        or re.search(r"[?!;\"“”„«»…]", label)
        or re.search(r"\.(?=\s|\Z)", _TITLE.sub("", label))
    ):
        return False
    lists, key = word_lists(), label_key(label)
    if key in lists.metadata or key in lists.not_speakers:
        return False
    stem = re.sub(r"[\s-]*\d+[a-z]?\Z|\s[a-z]\Z", "", key)
    if stem != key and stem in lists.not_speakers and role_from_words(label) is None:
        return False
    if len(words) > 1 and not lists.never_in_label.isdisjoint(key.split()):
        return False
    if key in lists.never_in_label and not label[0].isupper():
        return False
    return label[0].isupper() or not label[0].islower() or len(words) == 1 or role_from_words(label) is not None


def _written(position: int, line: Line, head: str) -> Candidate | None:
    first = head[0]
    if first == "#":
        return _made(position, line, head, _HASH, "hash") or _made(position, line, head, _COLON, "colon")
    if first == "@":
        return _made(position, line, head, _AT, "at")
    if first == "{":
        return _made(position, line, head, _BRACE, "brace") or _made(position, line, head, _COLON, "colon")
    whole = line.end - line.body <= _REACH
    if whole and head[-1] in "0123456789])}>":
        found = _made(position, line, head, _LABEL_STAMP, "stamp-line")
        if found is not None and _is_line_of_its_own(found, head):
            return found
    if whole and (first.isdigit() or first in "[(<*"):
        found = _made(position, line, head, _STAMP_LABEL, "stamp-line")
        if found is not None:
            return found
    if ":" in head or "：" in head:
        found = _made(position, line, head, _COLON, "colon")
        if found is not None:
            return found
    if first in "[(0123456789" and "[" in head:
        return _made(position, line, head, _BRACKET, "bracket")
    return None


def _made(position: int, line: Line, head: str, shape: re.Pattern[str], family: Family) -> Candidate | None:
    match = shape.match(head)
    if match is None:
        return None
    label = match.group("label").strip().strip("*_").strip()
    if not is_plausible_label(label):
        return None
    if family == "bracket" and is_transcriber_note(f"[{label}]"):
        return None
    groups = match.groupdict()
    if groups.get("item") and role_from_words(label) is None and not is_code_label(label):
        return None  # "1. Time: …" is a list; "1. Interviewer: …" numbers the turns
    name = next((name for name in ("pre", "mid", "post") if groups.get(name)), None)
    stamp = None if name is None else Span(line.body + match.start(name), line.body + match.end(name))
    alone = line.body + match.end() >= line.end
    strong = family == "stamp-line" or bool(groups.get("bold")) or stamp is not None
    return Candidate(position, position, family, label, label_key(label), Span(line.body, line.body + match.end()),
                     stamp, alone, strong)  # fmt: skip


def _is_line_of_its_own(candidate: Candidate, head: str) -> bool:
    # "We finished at 10:30" ends in a stamp too: without a wide gap or brackets every word must look like a name.
    match = _LABEL_STAMP.match(head)
    if match is None or candidate.stamp is None:
        return False
    if "\t" in match["gap"] or len(match["gap"]) > 1:
        return True
    return all(word[0].isupper() or word[0].isdigit() or word[0] == "(" for word in candidate.label.split())


def _teams(text: str, position: int, line: Line, lines: Sequence[Line], head: str) -> Candidate | None:
    if position + 1 >= len(lines) or line.end - line.body > _LONGEST or lines[position + 1].blank:
        return None
    below = lines[position + 1]
    if below.end - below.body > _LONGEST or not text[below.body].isdigit():
        return None
    if not _SPOKEN.fullmatch(text[below.body : below.end]) or not is_plausible_label(head) or not head[0].isalpha():
        return None
    return Candidate(position, position + 1, "teams", head, label_key(head), Span(line.body, below.end),
                     Span(below.body, below.end), alone=True, strong=True)  # fmt: skip


def _bold(text: str, position: int, line: Line, span: Span) -> Candidate | None:
    run = text[span.start : min(span.end, line.end)]
    end = span.start + len(run.rstrip())
    if len(run.strip()) > _LONGEST + 1 or end >= line.end:
        return None
    rest = text[end : min(line.end, end + 20)]
    colon = run.rstrip().endswith((":", "：")) or rest.lstrip()[:1] in (":", "：")
    label = run.strip().rstrip(":：").strip()
    if not is_plausible_label(label) or not label[0].isalpha():
        return None
    if not colon:
        return (
            None
            if re.search(r"\d:\d", text[span.start : line.end])
            else Candidate(
                position,
                position,
                "bold",
                label,
                label_key(label),
                Span(line.body, end),
                None,
                alone=False,
                strong=False,
            )
        )
    if not run.rstrip().endswith((":", "：")):
        end += len(rest) - len(rest.lstrip()) + 1
    post = re.compile(rf"\s*({BRACKET_STAMP})").match(text, end, line.end)
    stamp = None if post is None else Span(*post.span(1))
    end = end if post is None else post.end()
    return Candidate(position, position, "bold", label, label_key(label), Span(line.body, end), stamp,
                     alone=end >= line.end, strong=True)  # fmt: skip


def _by_pattern(text: str, lines: Sequence[Line], pattern: str) -> Iterable[Candidate]:
    try:
        shape = re.compile(pattern)
    except re.error as error:
        raise IngestError(
            "QC-I013",
            f"the speaker pattern {pattern!r} is no regular expression: {error}",
            hint="Try one like ^(?P<label>[A-Z]+)> for headers such as 'ANNA> …'.",
        ) from error
    for position, line in enumerate(lines):
        if line.blank:
            continue
        head = text[line.body : min(line.end, line.body + _REACH)]
        match = shape.match(head)
        if match is None or match.end() == 0:
            continue
        groups = match.groupdict()
        label = groups.get("label") or (match.group(1) if match.re.groups and match.group(1) else match.group())
        label = label.strip().rstrip(":：").strip()
        inner = re.search(_STAMP, match.group())
        stamp = None if inner is None else Span(line.body + inner.start(), line.body + inner.end())
        end = line.body + len(match.group().rstrip())
        if label:
            yield Candidate(position, position, "pattern", label, label_key(label), Span(line.body, end), stamp,
                            alone=end >= line.end, strong=True)  # fmt: skip
