"""Random values for every field that the store keeps; the texts are made up by hypothesis."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from qualcode.model.coding import Suggestion
from qualcode.model.document import (
    Block,
    BlockKind,
    Document,
    IngestWarning,
    Mark,
    MarkKind,
    Role,
    Segment,
    SegmentKind,
    SourceRef,
    Span,
    Speaker,
    TimeSource,
    sha256_of,
)

__all__ = ["documents", "suggestions"]

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers(0, 2**40)
spans = st.tuples(numbers, numbers).map(lambda pair: Span(min(pair), max(pair)))
maybe_number = st.none() | numbers
mappings = st.dictionaries(words, words, max_size=3)
references = st.builds(
    SourceRef, page=maybe_number, paragraph=maybe_number, cue=st.none() | words, row=maybe_number, column=maybe_number,
    line=maybe_number, path=st.none() | words,
)  # fmt: skip
speakers = st.builds(
    Speaker,
    id=words,
    label=words,
    role=st.sampled_from(get_args(Role)),
    aliases=st.lists(words, max_size=2).map(tuple),
    attributes=mappings,
)
blocks = st.builds(
    Block, index=numbers, kind=st.sampled_from(get_args(BlockKind)), span=spans,
    speaker_ids=st.lists(words, max_size=2).map(tuple), label_span=st.none() | spans, start_ms=maybe_number,
    end_ms=maybe_number, time_source=st.sampled_from(get_args(TimeSource)), source_ref=st.none() | references,
)  # fmt: skip
segments = st.builds(
    Segment, block=numbers, kind=st.sampled_from(get_args(SegmentKind)), span=spans, start_ms=maybe_number,
    end_ms=maybe_number, source_ref=st.none() | references,
)  # fmt: skip
marks = st.builds(Mark, span=spans, kind=st.sampled_from(get_args(MarkKind)), value=st.none() | words)
warnings = st.builds(
    IngestWarning, code=words, severity=st.sampled_from(["info", "warn", "error"]), message=words,
    span=st.none() | spans, source_ref=st.none() | references,
)  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Return a document whose parts need not fit together: the store keeps whatever it is given."""
    text = draw(words)
    few = {"max_size": 3}
    return Document(
        id=draw(words), name=draw(words), text=text, text_sha256=sha256_of(text), source_name=draw(words),
        source_sha256=draw(words), format=draw(words), parser=draw(words), parser_version=draw(words),
        options=draw(mappings), encoding=draw(st.none() | words), newline=draw(st.none() | words),
        language=draw(st.none() | words), attributes=draw(mappings),
        speakers=tuple(draw(st.lists(speakers, unique_by=lambda each: each.id, **few))),
        blocks=tuple(draw(st.lists(blocks, unique_by=lambda each: each.index, **few).map(
            lambda found: sorted(found, key=lambda each: each.index)))),
        segments=tuple(draw(st.lists(segments, **few))), marks=tuple(draw(st.lists(marks, **few))),
        warnings=tuple(draw(st.lists(warnings, **few))),
    )  # fmt: skip


def suggestions(document_id: str) -> st.SearchStrategy[Suggestion]:
    """Return suggestions for one document."""
    return st.builds(
        Suggestion, document_id=st.just(document_id), document_sha256=words, block=numbers, span=spans, quote=words,
        prefix=words, suffix=words, code=words, coder=words, rules=st.lists(words, max_size=3).map(tuple),
        evidence=st.lists(spans, max_size=3).map(tuple), score=st.floats(0, 1), facets=mappings,
        flags=st.lists(words, max_size=2).map(tuple), codebook=words, codebook_version=words, codebook_sha256=words,
    )  # fmt: skip
