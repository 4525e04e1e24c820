"""Transcripts with coded passages marked, as HTML that a notebook shows. Text can never become markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from qualcode.model.coding import Coding
from qualcode.model.document import CODEABLE_KINDS, Block, Document
from qualcode.model.textgrid import plain

__all__ = ["Highlighted", "highlight"]

_TINTS = ("#fde9a9", "#cfe8ff", "#d7f2d0", "#f6d5ec", "#e3dbfa", "#ffdcc7", "#d2f0ee", "#e9e4d2")


@dataclass(frozen=True, slots=True)
class Highlighted:
    """HTML that shows itself in a notebook; ``str()`` gives the markup."""

    html: str

    def __str__(self) -> str:
        return self.html

    def _repr_html_(self) -> str:
        return self.html


def highlight(document: Document, codings: Sequence[Coding]) -> Highlighted:
    """Return a document's turns with the passages of these codings marked.

    Where passages overlap, each stretch names all codes that cover it. A mark's title says which codes, in what stance,
    by which rule. Codings of other documents are left out.
    """
    mine = [each for each in codings if each.document_id == document.id]
    tint = {code: _TINTS[at % len(_TINTS)] for at, code in enumerate(dict.fromkeys(each.code for each in mine))}
    by_block: dict[int, list[Coding]] = {}
    for each in mine:
        by_block.setdefault(each.block, []).append(each)
    parts = [_turn(document, block, by_block.get(block.index, []), tint) for block in document.blocks]
    legend = " ".join(
        f'<mark style="background:{colour};color:#111;padding:0 .3em">{_safe(code)} {_safe(_label(mine, code))}</mark>'
        for code, colour in tint.items()
    )
    head = f"<p><strong>{_safe(document.name)}</strong>, {len(mine)} coded passages</p><p>{legend}</p>"
    return Highlighted(
        f'<div class="qualcode-text" style="max-width:48em;line-height:1.5">{head}{"".join(parts)}</div>'
    )


def _turn(document: Document, block: Block, codings: Sequence[Coding], tint: dict[str, str]) -> str:
    start = block.label_span.end if block.label_span is not None else block.span.start
    who = " &amp; ".join(_safe(document.speaker(each).label) for each in block.speaker_ids)
    head = f"<strong>{who}:</strong> " if who else ""
    style = "" if block.kind in CODEABLE_KINDS else ' style="color:#666"'
    edges = sorted({start, block.span.end, *(at for each in codings for at in (each.span.start, each.span.end))})
    edges = [at for at in edges if start <= at <= block.span.end]
    body = ""
    for first, last in pairwise(edges):
        text = _safe(document.text[first:last])
        over = [each for each in codings if each.span.start <= first and last <= each.span.end]
        body += _mark(text, over, tint) if over else text
    return f"<p{style}>{head}{body.strip()}</p>"


def _mark(text: str, codings: Sequence[Coding], tint: dict[str, str]) -> str:
    title = "; ".join(_told(each) for each in codings)
    more = "border-bottom:2px solid #555;" if len(codings) > 1 else ""
    colour = tint[codings[0].code]
    return f'<mark style="background:{colour};color:#111;{more}" title="{_safe(title)}">{text}</mark>'


def _told(coding: Coding) -> str:
    parts = [part for part in (coding.stance, coding.rule) if part]
    return f"{coding.code} {coding.label}" + (f" ({', '.join(parts)})" if parts else "")


def _label(codings: Sequence[Coding], code: str) -> str:
    return next(each.label for each in codings if each.code == code)


def _safe(text: str) -> str:
    return escape(plain(text), quote=True)
