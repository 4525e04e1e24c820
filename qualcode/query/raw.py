"""Regular expressions over the raw text of turns, by google-re2: linear in the text, so no rule can hang."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qualcode.query.patterns import compile_regex
from qualcode.query.regions import tokens_between
from qualcode.query.spans import Spans, spans_of
from qualcode.text.shard import Shard

__all__ = ["raw_spans"]


def raw_spans(shard: Shard, patterns: Sequence[str]) -> dict[str, Spans]:
    """Return for each pattern the token spans that its matches touch.

    One pass over the turns: a set of all patterns says which of them occur in a turn at all, then each of those is
    searched for (leftmost, not overlapping). A match that touches no token is no hit.
    """
    import re2

    options = re2.Options()
    options.case_sensitive = False
    gate = re2.Set.SearchSet(options)
    for pattern in patterns:
        gate.Add(pattern)
    gate.Compile()
    found: dict[str, list[tuple[int, int]]] = {pattern: [] for pattern in patterns}
    firsts = shard.block_first
    text, held = "", -1
    for block in np.flatnonzero(np.diff(firsts)).tolist():
        document = int(shard.block_document[block])
        if document != held:
            text, held = shard.text(document), document
        base = int(shard.document_base[document])
        start = int(shard.block_start[block])
        turn = text[start - base : int(shard.block_end[block]) - base]
        for number in gate.Match(turn) or ():
            pattern = patterns[number]
            found[pattern].extend(
                (start + match.start(), start + match.end()) for match in compile_regex(pattern).finditer(turn)
                if match.end() > match.start()
            )  # fmt: skip
    result: dict[str, Spans] = {}
    for pattern, places in found.items():
        if not places:
            result[pattern] = spans_of(np.empty(0, np.int32), np.empty(0, np.int32))
            continue
        edges = np.asarray(places, np.int64)
        result[pattern] = tokens_between(shard, edges[:, 0], edges[:, 1])
    return result
