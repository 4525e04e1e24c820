"""Suggestions and judgements on one text, made in a word."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

from qualcode.model.coding import Suggestion
from qualcode.model.document import Span, sha256_of
from qualcode.model.ledger import SETTLED, Judgement, Origin, Passage, Verdict

__all__ = ["TEXT", "judgement", "judgements", "passage", "suggestion", "suggestions"]

TEXT = "abcdefghijklmnopqrstuvwxyzabcdefghijklmn"
_SHA256 = sha256_of(TEXT)
_numbers = itertools.count()


def passage(start: int, end: int, document: str = "d1") -> Passage:
    """Return the passage of :data:`TEXT` between two offsets."""
    return Passage(document, _SHA256, Span(start, end), TEXT[start:end])


def suggestion(start: int, end: int, code: str = "A", document: str = "d1", coder: str = "rules") -> Suggestion:
    """Return what a rule suggests."""
    return Suggestion(document, _SHA256, 0, Span(start, end), TEXT[start:end], "", "", code, coder, (f"{code}-1",),
                      (Span(start, start + 1),), 1.0, codebook="book")  # fmt: skip


def judgement(
    start: int, end: int, verdict: Verdict = "accepted", person: str = "Ann", code: str = "A", *, document: str = "d1",
    settles: tuple[str, ...] = (), orphan: str = "", coder: str = "rules",
) -> Judgement:  # fmt: skip
    """Return what a person holds; with ``settles`` in the layer of adjudication."""
    number = next(_numbers)
    return Judgement(f"{number:016x}.0", SETTLED if settles else person, person, verdict,
                     passage(start, end, document), "book", code, Origin(coder), f"2026-01-01T00:00:{number:09d}Z",
                     orphan=orphan, settles=settles)  # fmt: skip


places = st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda pair: (pair[0], pair[0] + pair[1]))
codes = st.sampled_from(["A", "B"])
suggestions = st.lists(
    st.builds(lambda place, code: suggestion(*place, code), places, codes),
    max_size=8, unique_by=lambda each: (each.span, each.code),
)  # fmt: skip
judgements = st.lists(
    st.builds(
        lambda place, verdict, person, code, orphan: judgement(*place, verdict, person, code, orphan=orphan),
        places, st.sampled_from(["accepted", "rejected", "coded"]), st.sampled_from(["Ann", "Ben"]), codes,
        st.sampled_from(["", "", "", "gone"]),
    ),
    max_size=6,
)  # fmt: skip
