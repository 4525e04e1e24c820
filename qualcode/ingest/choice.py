"""Which candidates are headers: decided over the whole file, because ``Dana: yes`` and ``Note: yes`` look alike."""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from qualcode.ingest.headers import Candidate, Family
from qualcode.ingest.layout import Line
from qualcode.ingest.speakers import is_code_label, joint_parts, label_key, role_from_words
from qualcode.model.document import IngestWarning, Span

__all__ = ["Choice", "choose", "missing_colons"]

_FEW = 3
_TWO = 2
_FULL_WORD = 4
_SHORT_FILE_SHARE = 0.8
_MARKED_SHARE = 0.4
_THIN_SHARE = 0.1
_STAMPED = 0.2
_MANY = 15
_MOST_TOLD = 8
_MOST_LABELS = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates that are headers, by line, and what is to be said about the rest."""

    headers: Mapping[int, Candidate]
    keys: frozenset[str]
    warnings: tuple[IngestWarning, ...]


def choose(
    candidates: Sequence[Candidate],
    *,
    forced: Set[str],
    from_line: int = 0,
    paragraphs: int = 1,
) -> Choice:
    """Return which candidates are headers, decided over the whole file.

    Args:
        candidates: from :func:`candidates_of`.
        forced: keys of labels that the options, a legend or the preamble name.
        from_line: lines before it are preamble and hold no header.
        paragraphs: how many there are from that line on; a short file in which no label repeats is believed when
            nearly all of it is labelled, a few labels in a long text without other evidence are not.
    """
    live = [each for each in candidates if each.line >= from_line]
    by_family: dict[str, list[Candidate]] = defaultdict(list)
    for each in live:
        by_family[_group(each.family)].append(each)
    keys_of = {family: _accepted(members, forced, paragraphs) for family, members in by_family.items()}
    weight = {family: sum(each.key in keys_of[family] for each in members) for family, members in by_family.items()}
    if not any(weight.values()):
        return Choice({}, frozenset(), ())
    best = max(weight, key=lambda family: (weight[family], family == "colon"))
    keys = set(keys_of[best])
    rivals = [
        family
        for family, count in weight.items()
        if family != best and count >= _FEW and len(keys_of[family]) > 1 and count * 4 > weight[best]
    ]
    for family in rivals:
        keys |= keys_of[family]
    headers = {each.line: each for each in live if each.key in keys}
    return Choice(headers, frozenset(keys), tuple(_doubts(live, headers, keys, best, rivals)))


def missing_colons(
    text: str, lines: Sequence[Line], choice: Choice, *, wrapped: bool, lenient: bool
) -> tuple[Mapping[int, Candidate], tuple[IngestWarning, ...]]:
    """Return the headers and warnings for lines that open with a known label but lack its colon (``K No, I think``).

    They become headers only when ``lenient``; otherwise each gets the warning ``label-without-colon``.
    """
    labels = sorted({each.label for each in choice.headers.values()}, key=len, reverse=True)
    unfit = any(each.family in ("pattern", "bare") for each in choice.headers.values())
    if unfit or not 0 < len(labels) <= _MOST_LABELS:
        return choice.headers, ()
    shape = re.compile(rf"({'|'.join(map(re.escape, labels))})[ \t]+(?=[A-Z])")
    headers = dict(choice.headers)
    warnings: list[IngestWarning] = []
    missed = 0
    taken = {line for each in headers.values() for line in range(each.line, each.last_line + 1)}
    for position in range(min(headers) + 1, len(lines)):
        line = lines[position]
        if position in taken or line.blank:
            continue
        match = shape.match(text, line.body, line.end)
        if match is None or (wrapped and not _ends_sentence(text, lines[position - 1])):
            continue
        label, span = match.group(1), Span(*match.span(1))
        if lenient:
            headers[position] = Candidate(position, position, "colon", label, label_key(label), span, None,
                                          alone=False, strong=False)  # fmt: skip
            continue
        missed += 1
        if missed <= _MOST_TOLD:
            warnings.append(IngestWarning(
                "label-without-colon", "warn",
                f"line {position + 1} begins with {label!r}, a speaker, but has no colon, so it was left in the turn "
                "above. If a new turn begins there, add the colon, or use --lenient-labels",
                span,
            ))  # fmt: skip
    if missed > _MOST_TOLD:
        message = f"and {missed - _MOST_TOLD} more lines that begin with a speaker but have no colon"
        warnings.append(IngestWarning("label-without-colon", "warn", message))
    return headers, tuple(warnings)


def _ends_sentence(text: str, line: Line) -> bool:
    return line.blank or text[line.end - 1] in ".?!…\"”'’)]-–"


def _group(family: Family) -> str:
    return "colon" if family in ("colon", "bold") else family


def _accepted(members: Sequence[Candidate], forced: Set[str], paragraphs: int) -> set[str]:
    """Return the labels of one family that are people, none when the file is no conversation in this family."""
    counts = Counter(each.key for each in members)
    if members[0].family == "pattern":
        return set(counts)
    first = {each.key: each for each in reversed(members)}
    keys = {key for key, count in counts.items() if key in forced or (count > 1 and _may_repeat(first[key], count))}
    strong = {each.key for each in members if each.strong}
    settled = [each for each in members if each.key in keys and each.key not in forced]
    if len(settled) >= _FEW and sum(each.strong for each in settled) < _STAMPED * len(settled):
        strong = set()  # in a file without stamps, "10:30 Meeting: …" is what somebody says
    stems = {_stem(first[key].label) for key in keys}
    for key, each in first.items():
        coded = is_code_label(each.label) and (not stems or _stem(each.label) in stems)
        if role_from_words(each.label) is not None or coded or key in strong:
            keys.add(key)
    asks = any(role_from_words(first[key].label) in ("interviewer", "moderator") for key in keys)
    enough = _MARKED_SHARE if asks else _SHORT_FILE_SHARE
    if len(keys) < _TWO <= len(counts) and len(members) >= enough * paragraphs:
        # A short file: whoever else is labelled must be the other one who talks.
        keys |= {key for key in counts if first[key].label[0].isupper()}
    keys |= {key for key, each in first.items() if len(joint_parts(each.label, keys)) > 1}
    return keys if _is_conversation(members, keys, forced, paragraphs) else set()


def _is_conversation(members: Sequence[Candidate], keys: Set[str], forced: Set[str], paragraphs: int) -> bool:
    if keys & forced:
        return True
    turns = [each for each in members if each.key in keys]
    share = len(turns) / max(paragraphs, 1)
    if members[0].family in ("bracket", "brace", "hash", "at"):
        # One bracketed word that repeats is a note ("[crosstalk]" in another language), not a conversation.
        return len(keys) > 1 and (share >= _MARKED_SHARE or any(each.stamp for each in turns))
    asks = any(role_from_words(each.label) in ("interviewer", "moderator") for each in turns)
    if asks and (len(turns) > 1 or len(turns[0].label) >= _FULL_WORD):
        return True
    if len(turns) < _TWO:
        return share >= _SHORT_FILE_SHARE and bool(turns)
    named = any(each.strong or is_code_label(each.label) or role_from_words(each.label) for each in turns)
    return share >= (_THIN_SHARE if len(keys) > 1 or named else _MARKED_SHARE)


def _may_repeat(candidate: Candidate, count: int) -> bool:
    lower = candidate.label[0].islower()
    return not lower or count >= _FEW or role_from_words(candidate.label) is not None or is_code_label(candidate.label)


def _stem(label: str) -> str:
    return re.sub(r"[\s\d_-]+[a-z]?\Z", "", label_key(label))


def _doubts(
    live: Sequence[Candidate],
    headers: Mapping[int, Candidate],
    keys: Set[str],
    best: str,
    rivals: Sequence[str],
) -> Iterable[IngestWarning]:
    start = min(headers)
    odd = [
        each
        for each in live
        if each.line not in headers
        and each.line >= start
        and each.family in ("colon", "bold")
        and not each.label[0].islower()
    ]
    times = Counter(each.key for each in odd)
    first = {each.key: each for each in reversed(odd)}
    yield from (_doubt(first[key], times[key], headers, keys) for key in list(times)[:_MOST_TOLD])
    if len(times) > _MOST_TOLD:
        more = len(times) - _MOST_TOLD
        message = f"{more} more such words before a colon were left in the text"
        yield IngestWarning("possible-label-typo", "warn", message)
    if rivals:
        ways = ", ".join([best, *rivals])
        message = f"turns begin in more than one way in this file ({ways}); all were read"
        yield IngestWarning("mixed-headers", "info", message)
    if len(keys) > _MANY:
        yield IngestWarning(
            "many-labels", "warn",
            f"{len(keys)} different speakers were found, which is many: check that all of them are people. If not, "
            "say what a label looks like: --speaker-pattern REGEX",
        )  # fmt: skip


def _doubt(odd: Candidate, times: int, headers: Mapping[int, Candidate], keys: Set[str]) -> IngestWarning:
    near = difflib.get_close_matches(odd.key, keys, n=1, cutoff=0.75)
    often = "once" if times == 1 else f"{times} times"
    message = f"line {odd.line + 1}: {odd.label!r} stands like a speaker, {often}; it was left in the text. "
    if near:
        meant = next(each.label for each in headers.values() if each.key == near[0])
        message += f'If it is {meant!r}: --alias "{odd.label}={meant}". If it is somebody else: '
    else:
        message += "If somebody speaks there: "
    return IngestWarning("possible-label-typo", "warn", f'{message}--role "{odd.label}=participant"', odd.header)
