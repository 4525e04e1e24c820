"""What every suggestion must keep, looked at one by one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from qualcode.coding.base import Corpus
from qualcode.model.codes import Codebook
from qualcode.model.coding import CONTEXT_LENGTH, Suggestion
from qualcode.model.document import CODEABLE_KINDS, Document, Span

__all__ = ["broken"]


def broken(found: Sequence[object], name: str, corpus: Corpus, codebook: Codebook) -> Iterator[tuple[str, str]]:
    """Yield for each promise that is broken what is wrong, and what to do.

    Args:
        found: what a coder suggests for the corpus.
        name: of the coder.
        corpus: the documents.
        codebook: the coder's.
    """
    documents = {document.id: document for document in corpus.documents}
    order = {document.id: number for number, document in enumerate(corpus.documents)}
    last: tuple[int, Span] | None = None
    seen: set[tuple[str, Span, str]] = set()
    for each in found:
        if not isinstance(each, Suggestion):
            yield f"{_short(each)} is no Suggestion", "Make suggestions with qualcode.coding.propose."
            continue
        document = documents.get(each.document_id)
        if document is None:
            yield (
                f"a suggestion is for a document {each.document_id!r} that is not in the corpus",
                ("Suggest for corpus.documents only."),
            )
            continue
        for what, todo in (*_of_place(each, document, codebook), *_of_rest(each, name, codebook)):
            yield f"{what} (code {each.code}, {document.name} {each.span.start}:{each.span.end})", todo
        place = (order[each.document_id], each.span)
        if last is not None and place < last:
            yield (
                f"suggestions are not in order: {document.name} {each.span.start} comes too late",
                ("Put them in order with qualcode.coding.in_order."),
            )
        last = place
        if (each.document_id, each.span, each.code) in seen:
            yield (
                f"code {each.code} is suggested twice for {document.name} {each.span.start}:{each.span.end}",
                ("Make one suggestion of those with the same place and code."),
            )
        seen.add((each.document_id, each.span, each.code))


def _of_place(each: Suggestion, document: Document, codebook: Codebook) -> Iterator[tuple[str, str]]:
    span, text = each.span, document.text
    numbers = (each.block, *(at for place in (span, *each.evidence) for at in (place.start, place.end)))
    if any(type(number) is not int for number in numbers):
        odd = next(type(number).__name__ for number in numbers if type(number) is not int)
        yield f"a place is of type {odd}, which no database takes", "Give int(…), or make it with propose."
    points = "Offsets are code points in document.text (indices of a Python str), half-open; never bytes or tokens."
    if each.document_sha256 != document.text_sha256:
        yield "the document's hash is not that of its text", "Copy document.text_sha256."
    if span.end > len(text) or not any(map(str.isalnum, document.quote(span))):
        yield "the span holds no word", points
        return
    if each.quote != document.quote(span):
        yield f"the quote {_short(each.quote)} is not the text there, {_short(document.quote(span))}", points
    before, after = text[max(0, span.start - CONTEXT_LENGTH) : span.start], text[span.end : span.end + CONTEXT_LENGTH]
    if (each.prefix, each.suffix) != (before, after):
        yield "prefix and suffix are not what stands around the quote", "Make suggestions with qualcode.coding.propose."
    if not 0 <= each.block < len(document.blocks) or not document.blocks[each.block].span.contains(span):
        yield f"the span does not lie in block {each.block}", "A passage never crosses a turn: cut it there."
        return
    block = document.blocks[each.block]
    if block.kind not in CODEABLE_KINDS:
        yield f"a block of kind {block.kind!r} is coded", "Ask qualcode.coding.units_of for what may be coded."
    if block.label_span is not None and span.overlaps(block.label_span):
        yield "the speaker's label is in the passage", "Ask qualcode.coding.units_of for what may be coded."
    if document.role_of(block) in codebook.roles_left_out:
        yield (
            f"the words of a speaker in the role {document.role_of(block)!r} are coded",
            ("Leave out codebook.roles_left_out: units_of(corpus, unit, roles_left_out=codebook.roles_left_out)."),
        )
    if not isinstance(each.evidence, tuple) or list(each.evidence) != sorted(each.evidence):
        yield "evidence is no tuple of spans in order", "Make suggestions with qualcode.coding.propose."
    if any(not span.contains(place) or not len(place) for place in each.evidence):
        yield "evidence lies outside the passage, or is empty", "Cut evidence to the passage."


def _of_rest(each: Suggestion, name: str, codebook: Codebook) -> Iterator[tuple[str, str]]:
    code = next((code for code in codebook if code.id == each.code), None)
    usable = "Use codes with code.codable, and not those whose code.status is 'retired'."
    if code is None:
        yield f"the codebook has no code {each.code!r}", usable
    elif not code.codable or code.status == "retired":
        yield f"{each.code!r} is {'retired' if code.codable else 'a heading'}", usable
    if each.coder != name:
        yield f"the suggestion's coder is {each.coder!r}, the coder's name is {name!r}", "Give coder=self.name."
    if (each.codebook, each.codebook_version, each.codebook_sha256) != (codebook.id, codebook.version, codebook.sha256):
        yield (
            "the suggestion does not name the codebook's id, version and hash",
            ("Make suggestions with qualcode.coding.propose."),
        )
    if (
        not isinstance(each.score, float | int)
        or isinstance(each.score, bool)
        or not math.isfinite(each.score)
        or not 0 <= each.score <= 1
    ):
        yield f"the score is {each.score!r}, and must be from 0 to 1", "Scale scores, or give a fixed one."
    if (
        not isinstance(each.rules, tuple)
        or not each.rules
        or not all(isinstance(rule, str) and rule.strip() for rule in each.rules)
    ):
        yield (
            f"rules are {each.rules!r}, and must be a tuple of words that say what spoke for the passage",
            ("Give the id of a rule or an example, or the name of a model."),
        )
    allowed = {facet.id: facet.values for facet in codebook.facets}
    for facet, value in each.facets.items():
        if value not in allowed.get(facet, ()):
            yield f"the facet {facet}={value} is not in the codebook", "Use the facets and values of codebook.facets."
    if not isinstance(each.flags, tuple) or not all(isinstance(flag, str) and flag for flag in each.flags):
        yield f"flags are {each.flags!r}, and must be a tuple of words", "Leave them out."


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
