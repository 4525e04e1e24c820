"""Applied codes: what a coder proposes (Suggestion) and what tables count (Coding)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from qualcode.model.document import Span

__all__ = ["CONTEXT_LENGTH", "Coding", "Status", "Suggestion"]

Status = Literal["suggested", "accepted", "rejected", "coded"]

CONTEXT_LENGTH = 32
"""Code points kept before and after a quote, so that it can be found again in an edited text."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A passage that a coder proposes for a code, with everything that made it do so.

    Attributes:
        document_sha256: of the document's text; offsets mean nothing without it.
        span: the passage a person would mark, code points in the document's text.
        rules: ids of the rules (or name of the model) that spoke for it, best first.
        evidence: the exact spans whose words matched, in order.
        score: 0 … 1, combined over the rules.
        facets: stance and others that the codebook declares.
        flags: ``hedged``, ``hypothetical``.
        codebook_sha256: of the codebook file whose wording was applied.
    """

    document_id: str
    document_sha256: str
    block: int
    span: Span
    quote: str
    prefix: str
    suffix: str
    code: str
    coder: str
    rules: tuple[str, ...]
    evidence: tuple[Span, ...]
    score: float
    facets: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    codebook: str = ""
    codebook_version: str = ""
    codebook_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Coding:
    """One row of ``codings.csv``: a passage, its code, who or what says so, and whether a person agreed.

    ``id`` names it in the project (``""`` without one); ``document`` is the document's name, ``document_id`` its id;
    ``speaker`` the speaker's label (``""`` when the text has none). ``evidence`` holds the matched words as written,
    joined by `` … ``.
    """

    document_id: str
    document: str
    block: int
    speaker: str
    role: str
    span: Span
    quote: str
    code: str
    label: str
    coder: str
    rule: str
    evidence: str
    score: float | None
    stance: str
    status: Status
    decided_by: str
    codebook: str
    codebook_version: str
    facets: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    id: str = ""
