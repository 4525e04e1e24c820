"""Suggestions as rows of ``codings.csv``: with names and labels instead of ids, in document order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding, Suggestion
from qualcode.model.document import Document

__all__ = ["EVIDENCE_JOIN", "codings_of"]

EVIDENCE_JOIN = " \u2026 "


def codings_of(
    suggestions: Iterable[Suggestion], documents: Sequence[Document], codebook: Codebook
) -> tuple[Coding, ...]:
    """Return one coding for each suggestion, by document (in the order given), start, end and code."""
    order = {document.id: number for number, document in enumerate(documents)}
    labels = {code.id: code.label for code in codebook}
    rank = {code.id: number for number, code in enumerate(codebook.tree())}
    ranked = sorted(suggestions, key=lambda each: (order[each.document_id], each.span, rank.get(each.code, 0)))
    found: list[Coding] = []
    for each in ranked:
        document = documents[order[each.document_id]]
        block = document.blocks[each.block]
        speakers = [document.speaker(speaker_id) for speaker_id in block.speaker_ids]
        found.append(
            Coding(
                document_id=document.id,
                document=document.name,
                block=each.block,
                speaker=" & ".join(speaker.label for speaker in speakers),
                role=speakers[0].role if speakers else "unknown",
                span=each.span,
                quote=each.quote,
                code=each.code,
                label=labels.get(each.code, ""),
                coder=each.coder,
                rule="; ".join(each.rules),
                evidence=EVIDENCE_JOIN.join(document.quote(span) for span in each.evidence),
                score=each.score,
                stance=each.facets.get("stance", ""),
                status="suggested",
                decided_by="",
                codebook=each.codebook,
                codebook_version=each.codebook_version,
                facets=dict(each.facets),
                flags=each.flags,
            )
        )
    return tuple(found)
