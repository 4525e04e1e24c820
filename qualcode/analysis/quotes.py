"""Quotes for a theme: from different people, from different cases, of readable length, and one that disagrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from qualcode.analysis.study import Study
from qualcode.analysis.tally import chosen_codes, counted_codings
from qualcode.analysis.words import count_words
from qualcode.model.coding import Coding
from qualcode.model.document import Span

__all__ = ["Quote", "choose_quotes", "contrary_codings", "evidence_spans", "pick", "place_of"]

SHORTEST = 12
LONGEST = 60
"""Words of a quote that reads well on a page: long enough to make sense, short enough to be read."""
PER_PERSON = 2
EVIDENCE_JOIN = " … "


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage with all that a reader needs to find it again.

    Attributes:
        block: number of the block (turn) as in ``codings.csv``, counted from 0.
        matched: where in ``text`` the words stand that made the coder propose it, in order; offsets into ``text``.
        contrary: the speaker denies what most others affirm, or affirms what most deny.
        start_ms: when it is said, where the transcript tells; of the cue if there are cues, else of the turn.
    """

    document_id: str
    document: str
    speaker: str
    role: str
    block: int
    span: Span
    text: str
    code: str
    label: str
    stance: str
    contrary: bool
    matched: tuple[Span, ...]
    score: float | None
    start_ms: int | None


def choose_quotes(study: Study, code: str, n: int = 4) -> tuple[Quote, ...]:
    """Return up to ``n`` quotes for a code and the codes below it, in the order of the study, a contrary one last.

    Different people come first (at most two quotes from one), then different cases; among equals the one of 12 to 60
    words, then the higher score, then the earlier. The same study gives the same quotes.

    Raises:
        AnalysisError: QC-A003 for an unknown code.
    """
    (row,) = chosen_codes(study, [code])
    under = {row.id, *(each.id for each in study.codebook.descendants(row.id))}
    return pick(study, [coding for coding in counted_codings(study) if coding.code in under], n)


def pick(study: Study, codings: Sequence[Coding], n: int) -> tuple[Quote, ...]:
    """Return up to ``n`` quotes from these codings, chosen as :func:`choose_quotes` says."""
    order = {case.id: number for number, case in enumerate(study.cases)}
    against = {id(coding) for coding in contrary_codings(codings)}
    unique: dict[tuple[str, Span], Coding] = {}
    for coding in sorted(codings, key=lambda each: _best(each, order)):
        unique.setdefault((coding.document_id, coding.span), coding)
    pool = list(unique.values())
    chosen: list[Coding] = []
    if n > 1:
        chosen += _spread([each for each in pool if id(each) in against], [], 1)
    chosen += _spread([each for each in pool if id(each) not in against], chosen, n - len(chosen))
    if len(chosen) < n:
        left = [each for each in pool if id(each) in against and each not in chosen]
        chosen += _spread(left, chosen, n - len(chosen))
    chosen.sort(key=lambda each: (id(each) in against, order.get(each.document_id, 0), each.span, each.code))
    return tuple(_quote(study, each, id(each) in against) for each in chosen)


def contrary_codings(codings: Sequence[Coding]) -> tuple[Coding, ...]:
    """Return the codings whose stance goes against most: absent or mixed ones, or present ones where most are absent.

    When as many affirm as do not, those that do not are the contrary ones.
    """
    against = [each for each in codings if each.stance in {"absent", "mixed"}]
    with_it = [each for each in codings if each.stance not in {"absent", "mixed"}]
    return tuple(against if len(against) <= len(with_it) else with_it)


def evidence_spans(quote: str, evidence: str) -> tuple[Span, ...]:
    """Return where the matched words stand in the quote: offsets into it, in order, disjoint.

    Words that are not found there (the passage may have been moved by hand) are left out.
    """
    found: list[Span] = []
    at = 0
    for words in evidence.split(EVIDENCE_JOIN) if evidence else ():
        start = _whole(quote, words, at)
        if start >= 0 and words:
            found.append(Span(start, start + len(words)))
            at = start + len(words)
    return tuple(found)


def place_of(study: Study, coding: Coding) -> int | None:
    """Return when a coding begins in milliseconds, or ``None`` where the transcript does not tell."""
    document = study.documents.get(coding.document_id)
    if document is None or not 0 <= coding.block < len(document.blocks):
        return None
    cues = [
        each.start_ms
        for each in document.segments
        if each.block == coding.block and each.start_ms is not None and each.span.start <= coding.span.start
    ]
    return cues[-1] if cues else document.blocks[coding.block].start_ms


def _best(coding: Coding, order: dict[str, int]) -> tuple[int, float, int, Span, str]:
    words = count_words(coding.quote)
    unlike = max(SHORTEST - words, words - LONGEST, 0)
    return (unlike, -(coding.score or 0.0), order.get(coding.document_id, 0), coding.span, coding.code)


def _spread(pool: Sequence[Coding], taken: Sequence[Coding], n: int) -> list[Coding]:
    """Return up to n of the pool (best first), each time from whoever and whichever case has been heard least."""
    people = Counter((each.document_id, each.speaker) for each in taken)
    cases = Counter(each.document_id for each in taken)
    left = list(pool)
    chosen: list[Coding] = []
    while left and len(chosen) < n:
        at = min(range(len(left)), key=lambda place: (
            people[left[place].document_id, left[place].speaker], cases[left[place].document_id], place))  # fmt: skip
        coding = left.pop(at)
        who = (coding.document_id, coding.speaker)
        if coding.speaker and people[who] >= PER_PERSON:
            break
        people[who] += 1
        cases[coding.document_id] += 1
        chosen.append(coding)
    return chosen


def _quote(study: Study, coding: Coding, contrary: bool) -> Quote:
    return Quote(
        coding.document_id, coding.document, coding.speaker, coding.role, coding.block, coding.span, coding.quote,
        coding.code, coding.label, coding.stance, contrary, evidence_spans(coding.quote, coding.evidence), coding.score,
        place_of(study, coding),
    )  # fmt: skip


def _whole(text: str, words: str, start: int) -> int:
    """Return where ``words`` stand in ``text`` at word edges, from ``start`` on; −1 when nowhere."""
    at = text.find(words, start) if words else -1
    while at >= 0:
        end = at + len(words)
        cut_before = at > 0 and text[at - 1].isalnum() and words[0].isalnum()
        cut_after = end < len(text) and text[end].isalnum() and words[-1].isalnum()
        if not cut_before and not cut_after:
            return at
        at = text.find(words, at + 1)
    return -1
