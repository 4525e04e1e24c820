"""Find the headers of turns in a text, whatever family they belong to, and decide which labels are people.

The families (``docs/errors-ingest.md`` shows one of each): a label with a colon, with a stamp before, inside or after
it, bold or not; a header line of its own with a stamp (Otter, Word) or a spoken stamp under it (Teams); a label in
square brackets or braces, after ``#`` or ``@``. A line that could be a header is a :class:`Candidate`; which candidates are
headers is decided over the whole file, because one line alone cannot tell ``Dana: yes`` from ``Note: yes``.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from qualcode.errors import IngestError
from qualcode.ingest.layout import Line
from qualcode.ingest.marks import is_transcriber_note
from qualcode.ingest.speakers import is_code_label, joint_parts, label_key, role_from_words, word_lists
from qualcode.ingest.stamps import BARE_STAMP, BRACKET_STAMP, SPOKEN_STAMP
from qualcode.model.document import IngestWarning, Span

__all__ = ["Candidate", "Choice", "Family", "candidates_of", "choose", "is_plausible_label", "missing_colons"]

Family = Literal["colon", "bold", "bracket", "brace", "hash", "at", "stamp-line", "teams", "pattern"]

_LONGEST, _MOST_WORDS = 40, 4
_REACH = 200
_FEW = 3
_FULL_WORD = 4
_SHORT_FILE_SHARE = 0.8
_MARKED_SHARE = 0.4
_THIN_SHARE = 0.1
_MANY = 15
_MOST_TOLD = 50

_STAMP = rf"(?:{BRACKET_STAMP}|\(?{BARE_STAMP}\)?)"
_LABEL = r"[^\W\d_][^:：\[\]{}<>|=\t]{0,39}?"
_COLON = re.compile(
    rf"\*?(?:(?P<pre>{_STAMP})\s*[=|–-]?\s*)?"
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


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates that are headers, by line, and what is to be said about the rest."""

    headers: Mapping[int, Candidate]
    keys: frozenset[str]
    warnings: tuple[IngestWarning, ...]


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
    rivals = [family for family, count in weight.items()
              if family != best and count >= _FEW and len(keys_of[family]) > 1 and count * 4 > weight[best]]  # fmt: skip
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
    if not 0 < len(labels) <= _MOST_TOLD or any(each.family == "pattern" for each in choice.headers.values()):
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


def is_plausible_label(label: str) -> bool:
    """Return whether a phrase before a colon could name a person: short, no sentence, no known false label."""
    if len(label) > _LONGEST or not label.strip():
        return False
    words = label.split()
    if len(words) > _MOST_WORDS or re.search(r"[?!;\"“”„«»…]", label) or re.search(r"\.(?=\s|\Z)", _TITLE.sub("", label)):
        return False
    lists, key = word_lists(), label_key(label)
    if key in lists.metadata or key in lists.not_speakers:
        return False
    stem = re.sub(r"[\s-]*\d+[a-z]?\Z", "", key)
    if stem != key and stem in lists.not_speakers and role_from_words(label) is None:
        return False
    if len(words) > 1 and not lists.never_in_label.isdisjoint(key.split()):
        return False
    if key in lists.never_in_label and not label[0].isupper():
        return False
    return label[0].isupper() or not label[0].islower() or len(words) == 1 or role_from_words(label) is not None


def _group(family: Family) -> str:
    return "colon" if family in ("colon", "bold") else family


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
        return None if re.search(r"\d:\d", text[span.start : line.end]) else Candidate(
            position, position, "bold", label, label_key(label), Span(line.body, end), None, alone=False, strong=False)
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
        raise IngestError("QC-I013", f"the speaker pattern {pattern!r} is no regular expression: {error}",
                          hint="Try one like ^(?P<label>[A-Z]+)> for headers such as 'ANNA> ...'.") from error  # fmt: skip
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
    if len(keys) < 2 <= len(counts) and len(members) >= _SHORT_FILE_SHARE * paragraphs:  # noqa: PLR2004 - two to talk
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
    if len(turns) < 2:  # noqa: PLR2004 - one header opens no conversation
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
            f"line {each.line + 1}: {each.label!r} looks like a speaker but occurs only once, so it was left in the text"
            f"{meant}use --alias or --role to make it a speaker", each.header,
        )  # fmt: skip
    if rivals:
        yield IngestWarning("mixed-headers", "info",
                            f"headers of turns are written in more than one way: {', '.join([best, *rivals])}")  # fmt: skip
    if len(keys) > _MANY:
        yield IngestWarning("many-labels", "warn",
                            f"{len(keys)} different speaker labels were found; check that all of them are people")  # fmt: skip
