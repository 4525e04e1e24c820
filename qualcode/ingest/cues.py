"""Caption files as cues: times, ids, voices and clean lines, before anybody asks who speaks.

The reader is tolerant where the popular ones drop text: hours are optional, milliseconds follow a full stop or a comma,
the header and the cue numbers may be missing, and a blank line inside a cue costs nothing.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from qualcode.ingest.wording import counted
from qualcode.model.document import IngestWarning, SourceRef

__all__ = ["Cue", "CueFile", "Note", "Voice", "parse_cues", "plain_line", "resolved", "voices_of"]

_STAMP = r"(?:(\d{1,6}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?"
_TIMING = re.compile(rf"{_STAMP}\s*-->\s*(.*)\Z")
_END = re.compile(rf"{_STAMP}(?=\s|\Z)")
_KEYWORD = re.compile(r"(NOTE|STYLE|REGION)(?:\s|\Z)")
_WEBEX_ID = re.compile(r'(?:\d+\s+)?"(.+)"\s+\([^()]*\)\Z')
_ROLLING = re.compile(r"<\d+:\d\d(?::\d\d)?[.,]\d+>|<c[.>]")
_TAG = re.compile(
    r"</?(?:c|i|b|u|s|em|strong|ruby|rt|lang|font|span)(?:[.\s][^<>]*)?>|<\d+:\d\d(?::\d\d)?[.,]\d+>|\{\\[^{}]*\}",
    re.IGNORECASE,
)
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?(?:\s+([^<>]*))?>|</v\s*>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_MACHINE_NOTE = re.compile(r"\s*(?:confidence|duration|language|recognizability)\s*:", re.IGNORECASE)
_NEWLINE = re.compile(r"\r\n|\n|\r")
_HALLUCINATED = 3


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue: its place in the file from 1, id as written, times in milliseconds, lines with their tags in place."""

    number: int
    id: str | None
    start_ms: int | None
    end_ms: int | None
    lines: tuple[str, ...]

    @property
    def ref(self) -> str:
        """The cue's id, or its number when it has none."""
        return self.id if self.id is not None else str(self.number)


@dataclass(frozen=True, slots=True)
class Note:
    """Text of the file that nobody said: a header line or a NOTE; ``after`` is the number of the cue before it."""

    after: int
    text: str


@dataclass(slots=True)
class CueFile:
    """A caption file taken apart."""

    cues: list[Cue] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    warnings: list[IngestWarning] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Voice:
    """A stretch of a cue in one voice: the name in its tag (``None`` outside any tag) and its plain lines."""

    name: str | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Timing:
    line: int
    start_ms: int
    end_ms: int | None
    bad: bool


def parse_cues(text: str, *, vtt: bool) -> CueFile:
    """Return the cues of a caption file, in the order of the file, with every line of text in one of them.

    Args:
        vtt: whether ``NOTE``, ``STYLE`` and ``REGION`` blocks and the ``WEBVTT`` header mean something; in SRT they are
            ordinary text.
    """
    lines = _NEWLINE.split(text.removeprefix("\ufeff"))
    timings = _timings(lines)
    ids = _identifiers(lines, timings)
    found = CueFile()
    oddities: dict[str, list[str]] = {"caption-bad-time": [], "caption-blank-line": [], "caption-duplicate-id": []}
    first = timings[0].line if timings else len(lines)
    _read_header(lines[: first - (0 in ids)], found, vtt=vtt)
    seen: Counter[str] = Counter()
    for index, timing in enumerate(timings):
        last = len(lines) if index + 1 == len(timings) else timings[index + 1].line - (index + 1 in ids)
        cue = Cue(index + 1, ids.get(index), timing.start_ms, timing.end_ms, ())
        chunks = _chunks(lines[timing.line + 1 : last])
        kept: list[str] = []
        for place, chunk in enumerate(chunks):
            keyword = _KEYWORD.match(chunk[0]) if vtt and chunk and place else None
            if keyword is not None and _is_apparatus(keyword[1], chunk):
                _keep_note(keyword[1], chunk, found, after=index + 1)
                continue
            if chunk and kept:
                oddities["caption-blank-line"].append(cue.ref)
            kept += chunk
        if timing.bad:
            oddities["caption-bad-time"].append(cue.ref)
        if cue.id is not None:
            seen[cue.id] += 1
            if seen[cue.id] == 2:
                oddities["caption-duplicate-id"].append(cue.ref)
        found.cues.append(replace(cue, lines=tuple(kept)))
    found.warnings += [_oddity(code, refs) for code, refs in oddities.items() if refs]
    _undo_rolling(found)
    _warn_of_repeats(found)
    return found


def voices_of(cue: Cue) -> list[Voice]:
    """Return the voices of a cue in order, tags taken out and entities resolved; always at least one."""
    pieces: list[tuple[str | None, str]] = []
    raw, name, at = "\n".join(cue.lines), None, 0
    for tag in _VOICE.finditer(raw):
        pieces.append((name, raw[at : tag.start()]))
        name, at = (plain_line(tag[1]).strip() or None if tag[1] else None), tag.end()
    pieces.append((name, raw[at:]))
    if cue.id is not None and (webex := _WEBEX_ID.match(cue.id)):
        pieces = [(label or webex[1], piece) for label, piece in pieces]
    voices: list[Voice] = []
    for label, piece in pieces:
        lines = tuple(line for line in map(plain_line, piece.split("\n")) if line.strip())
        if not lines and label is None:
            continue
        if label is None and voices and lines[0].lstrip().startswith(("//", "[", "(")):
            # An overlap or a mark that the exporter left outside the tag belongs to the voice before it.
            voices[-1] = Voice(voices[-1].name, (*voices[-1].lines, *lines))
        else:
            voices.append(Voice(label, lines))
    return voices or [Voice(None, ())]


def plain_line(raw: str) -> str:
    """Return a line without caption tags, entities resolved; anything else in angle brackets is speech."""
    return resolved(_TAG.sub("", raw))


def resolved(text: str) -> str:
    """Return text with its character entities (``&amp;``, ``&#8212;``) as characters; a bare ``&`` stays."""
    return _ENTITY.sub(lambda found: html.unescape(found[0]).replace("\r", " ").replace("\n", " "), text)


def _timings(lines: Sequence[str]) -> list[_Timing]:
    found: list[_Timing] = []
    for number, line in enumerate(lines):
        if "-->" not in line:
            continue
        match = _TIMING.match(line.strip())
        if match is None or not (match[1] or match[4]):  # "10:30 --> 11:00" can be said; a full stamp cannot
            continue
        start = _milliseconds(match.groups()[:4])
        tail = _END.match(match[5])
        end = _milliseconds(tail.groups()) if tail else None
        bad = end is None or end < start
        found.append(_Timing(number, start, None if bad else end, bad))
    return found


def _milliseconds(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, fraction = parts
    thousandths = int((fraction or "0")[:3].ljust(3, "0"))
    return ((int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)) * 1000 + thousandths


def _identifiers(lines: Sequence[str], timings: Sequence[_Timing]) -> dict[int, str]:
    """Return cue index → id for the lines before timing lines that are ids and not somebody's words."""
    apart: dict[int, str] = {}
    glued: dict[int, str] = {}
    last_words: set[int] = set()  # candidates without which the cue before would hold no text
    for index, timing in enumerate(timings):
        at = timing.line - 1
        floor = timings[index - 1].line if index else -1
        if at <= floor or not lines[at].strip() or (at == 0 and lines[0].startswith("WEBVTT")):
            continue
        if at == 0 or (at - 1 > floor and not lines[at - 1].strip()):
            apart[index] = lines[at].strip()
            if index and not any(line.strip() for line in lines[floor + 1 : at]):
                last_words.add(index)
        elif lines[at].strip().isdecimal():
            glued[index] = lines[at].strip()
    usual = sum(index not in last_words for index in apart) * 2 >= len(timings)
    found: dict[int, str] = {}
    for index, candidate in sorted((apart | glued).items()):
        counts_on = candidate.isdecimal() and int(candidate) in (index, index + 1, _number(found.get(index - 1)) + 1)
        if index in last_words:
            accepted = counts_on or (usual and " " not in candidate and any(c.isdigit() for c in candidate))
        elif index in glued:
            accepted = counts_on and len(glued) * 2 >= len(timings) - 1
        else:
            accepted = usual or counts_on or _WEBEX_ID.match(candidate) is not None
        if accepted:
            found[index] = candidate
    return found


def _number(written: str | None) -> int:
    return int(written) if written is not None and written.isdecimal() else -1


def _chunks(lines: Sequence[str]) -> list[list[str]]:
    """Return runs of lines between empty ones; the first run is empty when the lines start with an empty one."""
    chunks: list[list[str]] = [[]]
    for line in lines:
        if not line:
            if chunks[-1] or len(chunks) == 1:
                chunks.append([])
        elif line.strip():
            chunks[-1].append(line)
    return chunks


def _is_apparatus(keyword: str, chunk: Sequence[str]) -> bool:
    return keyword == "NOTE" or (chunk[0].strip() == keyword and any(set(line) & {"{", ":", "="} for line in chunk[1:]))


def _keep_note(keyword: str, chunk: Sequence[str], found: CueFile, *, after: int) -> None:
    if keyword != "NOTE":
        return  # style sheets and regions say how captions look, not what was said
    text = "\n".join([chunk[0].removeprefix("NOTE").strip(), *chunk[1:]]).strip()
    if text and not _MACHINE_NOTE.match(text):
        found.notes.append(Note(after, text))


def _read_header(lines: Sequence[str], found: CueFile, *, vtt: bool) -> None:
    for place, chunk in enumerate(_chunks(lines)):
        if not chunk:
            continue
        keyword = _KEYWORD.match(chunk[0]) if vtt else None
        if keyword is not None and _is_apparatus(keyword[1], chunk):
            _keep_note(keyword[1], chunk, found, after=0)
            continue
        is_header = vtt and place == 0 and chunk[0].startswith("WEBVTT")
        rest = [chunk[0].removeprefix("WEBVTT").strip(" \t-"), *chunk[1:]] if is_header else list(chunk)
        text = "\n".join(line for line in rest if line and not line.startswith("X-TIMESTAMP-MAP")).strip()
        if text:
            found.notes.append(Note(0, text))
        if text and not is_header:
            found.warnings.append(
                IngestWarning(
                    "caption-before-first-cue",
                    "warn",
                    "the text above the first caption was kept as a note about the file; it is not coded",
                )
            )


def _oddity(code: str, refs: Sequence[str]) -> IngestWarning:
    what = {
        "caption-bad-time": "an end time that is missing or before the start (left empty)",
        "caption-blank-line": "a blank line inside the text (all of the text was kept)",
        "caption-duplicate-id": "an id that occurs more than once",
    }[code]
    shown = ", ".join(refs[:5]) + (" …" if len(refs) > 5 else "")
    message = f"{counted(len(refs), 'caption')} with {what}: {shown}"
    return IngestWarning(code, "warn", message, None, SourceRef(cue=refs[0]))


def _undo_rolling(found: CueFile) -> None:
    """Take out the lines that automatic captions repeat from the cue before, where tags show that style."""
    if not any(_ROLLING.search(line) for cue in found.cues for line in cue.lines):
        return
    before: str | None = None
    taken = 0
    for place, cue in enumerate(found.cues):
        plain = [" ".join(plain_line(line).split()) for line in cue.lines]
        if plain and before is not None and plain[0] == before:
            found.cues[place] = replace(cue, lines=cue.lines[1:])
            taken += 1
        before = plain[-1] if plain else before
    if taken:
        found.warnings.append(
            IngestWarning("caption-rolling", "info", f"the captions roll: {counted(taken, 'repeated line')} taken once")
        )


def _warn_of_repeats(found: CueFile) -> None:
    run, before = 1, ""
    for cue in found.cues:
        words = " ".join(" ".join(map(plain_line, cue.lines)).split())
        run = run + 1 if words and words == before else 1
        before = words
        if run == _HALLUCINATED:
            found.warnings.append(
                IngestWarning(
                    "caption-repeated",
                    "warn",
                    f"the same words stand in {_HALLUCINATED} or more cues running, up to cue {cue.ref}: "
                    "speech recognition may have invented them; listen to that place",
                    None,
                    SourceRef(cue=cue.ref),
                )
            )
