"""Suggestions made and put in order: what a coder need not write itself."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from qualcode.coding.base import Suggestions
from qualcode.model.codes import Codebook
from qualcode.model.coding import CONTEXT_LENGTH, Suggestion
from qualcode.model.document import Document, Span

__all__ = ["in_order", "propose"]


def propose(
    codebook: Codebook,
    document: Document,
    span: Span,
    code: str,
    *,
    coder: str,
    rules: Sequence[str],
    score: float,
    evidence: Iterable[Span] = (),
    facets: Mapping[str, str] | None = None,
    flags: Sequence[str] = (),
) -> Suggestion:
    """Return a suggestion with all that follows from its place: block, quote, context, hash, the codebook's wording.

    Args:
        codebook: whose code it is.
        document: where it stands.
        span: the passage that a person would mark, code points in the document's text, inside one block.
        code: the code's id.
        coder: the name of the coder.
        rules: what spoke for it, best first: ids of rules or examples, or the name of a model.
        score: from 0 to 1; kept to four places.
        evidence: the words in the passage that count, anywhere in it and in any order.
        facets: what differs from the facets' defaults.
        flags: such as ``hedged``.

    Raises:
        ValueError: when the passage does not lie in one block.
        TypeError: when ``rules`` or ``flags`` is one word, and not a list of words.
    """
    if isinstance(rules, str) or isinstance(flags, str):
        raise TypeError("'rules' and 'flags' are lists of words: write [\"…\"]")
    span = _plain(span)  # numbers of numpy look like whole numbers, and no database takes them
    number = bisect_right(document.blocks, span.start, key=lambda block: block.span.start) - 1
    if number < 0 or not document.blocks[number].span.contains(span):
        raise ValueError(f"the passage {span.start}:{span.end} of {document.name!r} does not lie in one block")
    defaults = {facet.id: facet.default for facet in codebook.facets if facet.default is not None}
    return Suggestion(
        document_id=document.id,
        document_sha256=document.text_sha256,
        block=number,
        span=span,
        quote=document.quote(span),
        prefix=document.text[max(0, span.start - CONTEXT_LENGTH) : span.start],
        suffix=document.text[span.end : span.end + CONTEXT_LENGTH],
        code=code,
        coder=coder,
        rules=tuple(rules),
        evidence=tuple(sorted(set(map(_plain, evidence)))),
        score=round(float(score), 4),
        facets={**defaults, **(facets or {})},
        flags=tuple(flags),
        codebook=codebook.id,
        codebook_version=codebook.version,
        codebook_sha256=codebook.sha256,
    )


def _plain(span: Span) -> Span:
    return span if type(span.start) is int is type(span.end) else Span(int(span.start), int(span.end))


def in_order(suggestions: Iterable[Suggestion], documents: Sequence[Document], codebook: Codebook) -> Suggestions:
    """Return suggestions by document (in the order given), start, end, and place of the code in the codebook."""
    order = {document.id: number for number, document in enumerate(documents)}
    rank = {code.id: number for number, code in enumerate(codebook.tree())}
    return Suggestions(
        tuple(sorted(suggestions, key=lambda each: (order[each.document_id], each.span, rank[each.code])))
    )
