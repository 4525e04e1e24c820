"""Passages as rows of ``codings.csv``: with names and labels instead of ids, in document order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from qualcode.coding.codings import EVIDENCE_JOIN
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding
from qualcode.model.document import Block, Document, Span
from qualcode.review.passages import Standing

__all__ = ["CONTESTED", "block_at", "codings_of_standings"]

CONTESTED = "contested"
"""The flag of a passage that one person marks and another rejects."""


def codings_of_standings(
    standings: Iterable[Standing], documents: Sequence[Document], codebook: Codebook
) -> tuple[Coding, ...]:
    """Return one coding for each passage, by document (in the order given), start, end and code."""
    order = {document.id: number for number, document in enumerate(documents)}
    labels = {code.id: code.label for code in codebook}
    rank = {code.id: number for number, code in enumerate(codebook.tree())}
    starts = {document.id: [block.span.start for block in document.blocks] for document in documents}
    ranked = sorted(
        standings,
        key=lambda each: (order[each.passage.document_id], each.passage.span, rank.get(each.code, 0), each.id),
    )
    found: list[Coding] = []
    for each in ranked:
        document = documents[order[each.passage.document_id]]
        block = block_at(document, each.passage.span, starts[document.id])
        speakers = [document.speaker(key) for key in block.speaker_ids] if block is not None else []
        origin = each.origin
        found.append(
            Coding(
                document_id=document.id,
                document=document.name,
                block=block.index if block is not None else 0,
                speaker=" & ".join(speaker.label for speaker in speakers),
                role=speakers[0].role if speakers else "unknown",
                span=each.passage.span,
                quote=each.passage.quote,
                code=each.code,
                label=labels.get(each.code, ""),
                coder=origin.coder,
                rule="; ".join(origin.rules),
                evidence=EVIDENCE_JOIN.join(origin.words),
                score=origin.score,
                stance=origin.facets.get("stance", ""),
                status=each.status,
                decided_by="; ".join(each.people),
                codebook=each.codebook,
                codebook_version=origin.codebook_version,
                facets=dict(origin.facets),
                flags=(*origin.flags, *([CONTESTED] if each.contested else [])),
                id=each.id,
            )
        )
    return tuple(found)


def block_at(document: Document, span: Span, starts: Sequence[int] | None = None) -> Block | None:
    """Return the block that a span begins in; the first of the document for one before all, ``None`` without blocks."""
    if not document.blocks:
        return None
    begins = starts if starts is not None else [block.span.start for block in document.blocks]
    at = max(0, bisect_right(begins, span.start) - 1)
    if document.blocks[at].span.end <= span.start and at + 1 < len(document.blocks):
        at += 1  # it begins in the white space before a block
    return document.blocks[at]
