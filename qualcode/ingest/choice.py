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
_MANY = 15
_MOST_TOLD = 50


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
    if not 0 < len(labels) <= _MOST_TOLD or any(each.family in ("pattern", "bare") for each in choice.headers.values()):
        return choice.headers, ()
    shape = re.compile(rf"({'|'.join(map(re.escape, labels))})[ \t]+(?=[A-Z])")
    headers = dict(choice.headers)
    warnings: list[IngestWarning] = []
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
        elif len(warnings) < _MOST_TOLD:
            warnings.append(IngestWarning(
                "label-without-colon", "warn",
                f"line {position + 1} begins with the label {label!r} but has no colon; --lenient-labels splits there",
                span,
            ))  # fmt: skip
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
    strong = {each.key for each in members if each.strong}
    keys = {key for key, count in counts.items() if key in forced or (count > 1 and _may_repeat(first[key], count))}
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
    start, told = min(headers), 0
    for each in live:
        if each.line in headers or each.line < start or each.family not in ("colon", "bold") or each.label[0].islower():
            continue
        told += 1
        if told > _MOST_TOLD:
            break
        near = difflib.get_close_matches(each.key, keys, n=1, cutoff=0.75)
        meant = f"; did you mean {next(h.label for h in headers.values() if h.key == near[0])!r}? " if near else "; "
        yield IngestWarning(
            "possible-label-typo", "warn",
            f"line {each.line + 1}: {each.label!r} looks like a speaker but occurs only once, so it was left in "
            f"the text{meant}use --alias or --role to make it a speaker", each.header,
        )  # fmt: skip
    if rivals:
        ways = ", ".join([best, *rivals])
        yield IngestWarning("mixed-headers", "info", f"headers of turns are written in more than one way: {ways}")
    if len(keys) > _MANY:
        message = f"{len(keys)} different speaker labels were found; check that all of them are people"
        yield IngestWarning("many-labels", "warn", message)
