"""Captions (WebVTT, SubRip) → turns: a turn is a run of cues of one speaker, each cue a segment with its own times.

Who speaks comes from voice tags, from ``(Dana Reed)`` on a line of its own, or from ``Name:`` where the whole file
shows that these are names. A cue without a name belongs to the speaker before it only in files whose names mark the
changes of speaker; elsewhere it stays unattributed. Nobody is ever guessed by alternation.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from qualcode.errors import IngestError
from qualcode.ingest.build import CueSegment, SourceInfo, Turn, rendered_document
from qualcode.ingest.cues import Cue, CueFile, Note, parse_cues, voices_of
from qualcode.ingest.decode import decode
from qualcode.ingest.headers import is_plausible_label
from qualcode.ingest.marks import find_marks
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.speakers import is_code_label, label_key, word_lists
from qualcode.ingest.wording import counted
from qualcode.model.document import Document, IngestWarning, SourceRef

__all__ = ["read_srt", "read_vtt"]

_LABEL = re.compile(r"[-–—>»]{0,2}\s*([^\W_][^:：]{0,39}?)\s*(?::(?=\s|\Z)|：)\s*")
_OWN_LINE = re.compile(r"\(([^()]{2,40})\)\s*\Z")
_DASH = re.compile(r"\s*[-–—](?![-–—>])\s*(?=\S)")
_SENTENCE_END = re.compile(r"[.?!…][\"'”’)\]]*\Z")
_GAP_MS = 2000
_SHARE_OF_CHANGES = 0.75
_SHARE_OF_CUES = 0.6
_REPEATED = 3


@dataclass(slots=True)
class _Piece:
    """A part of one cue in one voice; ``fresh`` says that the file marks another speaker here without naming him."""

    cue: Cue
    label: str | None
    text: str
    fresh: bool = False
    opens_cue: bool = True


@dataclass(slots=True)
class _Run:
    """A turn in the making."""

    label: str | None
    parts: list[_Piece] = field(default_factory=list)


def read_vtt(data: bytes, source: SourceInfo, options: IngestOptions) -> tuple[Document, ...]:
    """Return the one document of a WebVTT file.

    Raises:
        IngestError: QC-I050 when the file holds no cue with a time.
    """
    return (_read(data, source, options, vtt=True),)


def read_srt(data: bytes, source: SourceInfo, options: IngestOptions) -> tuple[Document, ...]:
    """Return the one document of a SubRip file; cue numbers may be missing and times may have full stops.

    Raises:
        IngestError: QC-I050 when the file holds no cue with a time.
    """
    return (_read(data, source, options, vtt=False),)


def _read(data: bytes, source: SourceInfo, options: IngestOptions, *, vtt: bool) -> Document:
    decoded = decode(data, name=source.name, forced=options.encoding)
    source = replace(source, encoding=decoded.encoding, newline=decoded.newline)
    parsed = parse_cues(decoded.text, vtt=vtt)
    if not parsed.cues:
        raise IngestError(
            "QC-I050",
            "there is no caption in the file: no line has the shape 00:00:04.200 --> 00:00:06.000",
            where=source.name,
            hint="Export the captions again, or read the file as plain text: --format txt.",
        )
    notes: list[IngestWarning] = [*decoded.warnings, *parsed.warnings]
    pieces = _named_pieces(parsed, options, notes)
    runs = _runs(pieces, notes)
    return rendered_document(list(_turns(runs, parsed.notes, options)), source=source, options=options, warnings=notes)


def _named_pieces(parsed: CueFile, options: IngestOptions, notes: list[IngestWarning]) -> list[_Piece]:
    """Return the parts of all cues, each under the name that the file gives it, if any."""
    spoken = [(cue, voices_of(cue)) for cue in parsed.cues]
    bare = [voice.lines for _, voices in spoken for voice in voices if voice.name is None and voice.lines]
    own_lines = _names_on_own_lines(bare)
    known = {label_key(voice.name) for _, voices in spoken for voice in voices if voice.name is not None}
    pattern = _compiled(options)
    labels = known | _accepted_labels(bare, parsed.notes, options, notes) if pattern is None else known
    pieces: list[_Piece] = []
    for cue, voices in spoken:
        first = True
        for voice in voices:
            if voice.name is not None:
                found = [_Piece(cue, voice.name, _joined(voice.lines))]
            else:
                found = list(_split(cue, voice.lines, labels, own_lines, pattern))
            for piece in found:
                piece.opens_cue, first = first, False
                pieces.append(piece)
    return pieces


def _split(
    cue: Cue,
    lines: Sequence[str],
    labels: set[str],
    own_lines: set[str],
    pattern: re.Pattern[str] | None,
) -> Iterator[_Piece]:
    dashed = sum(_DASH.match(line) is not None for line in lines) > 1
    piece = _Piece(cue, None, "")
    collected: list[str] = []
    for place, line in enumerate(lines):
        label, rest, fresh = None, line, False
        own = _OWN_LINE.match(line.strip()) if place + 1 < len(lines) else None
        if own is not None and label_key(own[1]) in own_lines:
            label, rest = own[1].strip(), ""
        elif (named := _label_of(line.strip(), labels, pattern)) is not None:
            label, rest = named
        elif dashed and (dash := _DASH.match(line)) is not None:
            rest, fresh = line[dash.end() :], True
        if label is not None or fresh:
            if collected or piece.label is not None:
                piece.text = _joined(collected)
                yield piece
            piece, collected = _Piece(cue, label, "", fresh=fresh), []
        if rest.strip():
            collected.append(rest)
    piece.text = _joined(collected)
    yield piece


def _label_of(line: str, labels: set[str], pattern: re.Pattern[str] | None) -> tuple[str, str] | None:
    if pattern is not None:
        match = pattern.match(line)
        if match is None:
            return None
        label = match["label"] if "label" in pattern.groupindex else match[1 if pattern.groups else 0]
        return (label.strip(" :"), line[match.end() :].lstrip(" :")) if label else None
    match = _LABEL.match(line)
    if match is None or label_key(match[1]) not in labels:
        return None
    return match[1].strip(), line[match.end() :]


def _compiled(options: IngestOptions) -> re.Pattern[str] | None:
    if options.speaker_pattern is None:
        return None
    try:
        return re.compile(options.speaker_pattern)
    except re.error as problem:
        raise IngestError(
            "QC-I013",
            f"the speaker pattern {options.speaker_pattern!r} is no regular expression: {problem}",
            hint="Try one like ^(?P<label>[A-Z]+)> for headers such as 'ANNA> ...'.",
        ) from problem


def _accepted_labels(
    bare: Sequence[Sequence[str]], header: Sequence[Note], options: IngestOptions, notes: list[IngestWarning]
) -> set[str]:
    """Return the keys of the labels that the whole file shows to be names: as in plain text, of family A."""
    lists = word_lists()
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    openings = 0
    for lines in bare:
        for place, line in enumerate(lines):
            match = _LABEL.match(line.strip())
            if match is not None and is_plausible_label(match[1]):
                key = label_key(match[1])
                written.setdefault(key, match[1].strip())
                counts[key] += 1
                openings += place == 0
    stated = {label_key(label) for label in (*options.roles, *options.aliases)}
    preamble = label_key(" ".join(note.text for note in header if note.after == 0))
    every_cue = bool(bare) and openings >= _SHARE_OF_CUES * len(bare)
    accepted: set[str] = set()
    for key, count in counts.items():
        sure = (
            key in stated
            or key in lists.roles
            or is_code_label(written[key])
            or (key in preamble and re.search(rf"\b{re.escape(key)}\b", preamble) is not None)
        )
        enough = _REPEATED if written[key][0].islower() else 2
        if sure or every_cue or count >= enough:
            accepted.add(key)
    if len(accepted) == 1 and not stated & accepted and not every_cue:
        # One "name" alone, now and then, is how people announce things: "The rule: ...".
        only = next(iter(accepted))
        if only not in lists.roles and not is_code_label(written[only]) and counts[only] < _SHARE_OF_CUES * len(bare):
            accepted = set()
    if accepted:
        notes += [
            IngestWarning(
                "possible-label-typo",
                "warn",
                f"{written[key]!r} looks like a speaker but occurs once; it was left in the text. If somebody of that "
                f'name speaks: --role "{written[key]}=participant"',
            )
            for key in counts
            if key not in accepted and counts[key] == 1
        ]
    return accepted


def _names_on_own_lines(bare: Sequence[Sequence[str]]) -> set[str]:
    counts: Counter[str] = Counter()
    for lines in bare:
        own = _OWN_LINE.match(lines[0].strip()) if len(lines) > 1 else None
        if own is not None and is_plausible_label(own[1]) and not find_marks(own[0], 0, len(own[0])):
            counts[label_key(own[1])] += 1
    if sum(counts.values()) >= _SHARE_OF_CUES * len(bare):
        return set(counts)
    return {key for key, count in counts.items() if count > 1} if len(counts) > 1 else set()


def _runs(pieces: Sequence[_Piece], notes: list[IngestWarning]) -> list[_Run]:
    named = [label_key(piece.label) for piece in pieces if piece.label is not None]
    changes = sum(one != other for one, other in pairwise(named))
    marks_changes = len(set(named)) > 1 and changes >= _SHARE_OF_CHANGES * (len(named) - 1)
    runs: list[_Run] = []
    inherited = unattributed = 0
    for piece in pieces:
        if not piece.text and piece.label is None:
            continue
        before = runs[-1] if runs else None
        if piece.label is not None:
            joins = (
                before is not None and before.label is not None and label_key(before.label) == label_key(piece.label)
            )
        elif piece.fresh or before is None:
            joins = False
        elif before.label is not None:
            # An empty turn is a name that stands alone in its cue; the words follow in the next.
            joins = marks_changes or not any(part.text for part in before.parts)
            inherited += joins
        else:
            joins = _goes_on(before.parts[-1], piece)
        if joins and before is not None:
            before.parts.append(piece)
        else:
            runs.append(_Run(piece.label, [piece]))
            unattributed += piece.label is None
    if inherited:
        notes.append(
            IngestWarning(
                "speaker-inherited",
                "info",
                f"{counted(inherited, 'caption')} without a name went to the speaker named before them, because this "
                "file "
                "names a speaker only where the speaker changes",
            )
        )
    if not named:
        notes.append(
            IngestWarning(
                "no-speakers",
                "warn",
                "the captions do not say who speaks. Their words can be coded, but tables by speaker stay empty. "
                "If one person speaks throughout: --default-speaker NAME",
            )
        )
    elif unattributed:
        notes.append(
            IngestWarning(
                "unattributed-cues",
                "warn",
                f"{unattributed} passage{'s do' if unattributed > 1 else ' does'} not say who speaks. If that is "
                "always the same person: --default-speaker NAME",
            )
        )
    return runs


def _goes_on(last: _Piece, piece: _Piece) -> bool:
    """Return whether two nameless cues are parts of one sentence: no full stop and no long pause between them."""
    if _SENTENCE_END.search(last.text):
        return False
    if last.cue.end_ms is None or piece.cue.start_ms is None:
        return True
    return piece.cue.start_ms - last.cue.end_ms <= _GAP_MS


def _turns(runs: Sequence[_Run], notes: Sequence[Note], options: IngestOptions) -> Iterator[Turn]:
    placed = 0
    for run in runs:
        while placed < len(notes) and notes[placed].after < run.parts[0].cue.number:
            yield _note(notes[placed])
            placed += 1
        yield _turn(run, options)
    yield from map(_note, notes[placed:])


def _note(note: Note) -> Turn:
    return Turn(None, note.text, kind="note" if note.after else "meta")


def _turn(run: _Run, options: IngestOptions) -> Turn:
    texts: list[str] = []
    cues: list[CueSegment] = []
    at = 0
    for part in run.parts:
        if not part.text:
            continue
        if texts:
            at += 1
        cues.append((at, at + len(part.text), part.cue.start_ms, part.cue.end_ms, part.cue.ref))
        texts.append(part.text)
        at += len(part.text)
    first = run.parts[0]
    ends = [part.cue.end_ms for part in run.parts if part.cue.end_ms is not None]
    return Turn(
        run.label if run.label is not None else options.default_speaker,
        " ".join(texts),
        start_ms=first.cue.start_ms,
        end_ms=max(ends) if ends else None,
        time_source="file" if first.opens_cue else "inherited",
        source_ref=SourceRef(cue=first.cue.ref),
        segments=tuple(cues),
    )


def _joined(lines: Sequence[str]) -> str:
    return " ".join(line.strip() for line in lines if line.strip())
