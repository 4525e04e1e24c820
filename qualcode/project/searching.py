"""Search: a query over documents to hits in their context, and counts that say of what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from qualcode.errors import AnalysisError
from qualcode.model.document import Block, Document, Span, sha256_of

if TYPE_CHECKING:
    from qualcode.model.codes import Codebook
    from qualcode.model.coding import Coding
    from qualcode.model.table import Table
    from qualcode.text import TokenIndex

__all__ = ["SearchHit", "SearchResult", "coded_spans", "search_documents", "text_document"]

CONTEXT = 120
"""Code points of the same turn kept before and after a hit."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One hit. ``before`` and ``after`` are the words of the same turn around it, line breaks made blanks.

    ``turn`` is the number of the block as in ``codings.csv``, from 0; ``start`` and ``end`` are code points.
    """

    document: str
    start: int
    end: int
    quote: str
    turn: int
    speaker: str
    role: str
    before: str
    after: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class SearchResult(Sequence[SearchHit]):
    """The hits of a query in document order; ``searched`` is how many documents were looked at.

    ``notes`` tell of filters that can find nothing here, such as an attribute that no document has.
    """

    query: str
    hits: tuple[SearchHit, ...]
    searched: int
    notes: tuple[str, ...] = ()

    @overload
    def __getitem__(self, index: int) -> SearchHit: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[SearchHit]: ...
    def __getitem__(self, index: int | slice) -> SearchHit | Sequence[SearchHit]:
        return self.hits[index]

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[SearchHit]:
        return iter(self.hits)

    def __repr__(self) -> str:
        return f"<SearchResult: {self.query!r}, {self.summary}>"

    @property
    def documents(self) -> int:
        """In how many documents there is a hit."""
        return len({each.document for each in self.hits})

    @property
    def speakers(self) -> int:
        """How many speakers say it; a speaker is a label in a document."""
        return len({(each.document, each.speaker) for each in self.hits if each.speaker})

    @property
    def summary(self) -> str:
        """The counts in words."""
        hits = "1 hit" if len(self) == 1 else f"{len(self)} hits"
        speakers = "1 speaker" if self.speakers == 1 else f"{self.speakers} speakers"
        documents = "1 document" if self.searched == 1 else f"{self.searched} documents"
        return f"{hits} in {self.documents} of {documents}, {speakers}"

    def table(self) -> Table:
        """Return a row for each hit: document, start, end, quote, turn, speaker, role, before, after."""
        from qualcode.model.table import Column, Table

        columns = (
            Column("document", "text", "name of the document"),
            Column("start", "integer", "first code point of the hit in the document's text"),
            Column("end", "integer", "code point after the hit"),
            Column("quote", "text", "the words of the hit, letter for letter"),
            Column("turn", "integer", "number of the block (turn) in the document, from 0, as in codings.csv"),
            Column("speaker", "text", "who says it; empty when nobody is named"),
            Column("role", "text", "interviewer, participant …"),
            Column("before", "text", "words of the same turn before the hit"),
            Column("after", "text", "words of the same turn after the hit"),
        )
        rows = tuple(
            (
                each.document,
                each.start,
                each.end,
                each.quote,
                each.turn,
                each.speaker,
                each.role,
                each.before,
                each.after,
            )
            for each in self.hits
        )
        return Table("search", f"Hits of {self.query}", columns, rows, notes=(f"{self.summary}.", *self.notes))

    def to_pandas(self) -> Any:
        """Return :meth:`table` as a ``pandas.DataFrame``."""
        return self.table().to_pandas()

    def by(self, attribute: str) -> Table:
        """Return hits, documents and speakers for each value of an attribute of documents or speakers.

        Raises:
            AnalysisError: QC-A004 when no document with a hit has it.
        """
        from qualcode.model.table import Column, Table

        if self.hits and not any(attribute in each.attributes for each in self.hits):
            known = sorted({name for each in self.hits for name in each.attributes})
            raise AnalysisError("QC-A004", f"no document with a hit has the attribute {attribute!r}",
                                hint=f"There are: {', '.join(known)}." if known else
                                "Attributes come from a table: qualcode ingest DIR --attributes FILE")  # fmt: skip
        groups: dict[str, list[SearchHit]] = {}
        for hit in self.hits:
            groups.setdefault(hit.attributes.get(attribute, ""), []).append(hit)
        rows = tuple(
            (value or "not given", len(hits), len({each.document for each in hits}),
             len({(each.document, each.speaker) for each in hits if each.speaker}))
            for value, hits in sorted(groups.items(), key=lambda each: (not each[0], each[0].casefold()))
        )  # fmt: skip
        columns = (
            Column(attribute, "text", "value of the attribute"),
            Column("hits", "integer", "hits"),
            Column("documents", "integer", "documents with a hit"),
            Column("speakers", "integer", "speakers with a hit"),
        )
        return Table("search_by", f"Hits of {self.query} by {attribute}", columns, rows)

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def search_documents(
    documents: Sequence[Document],
    query: str,
    *,
    index: TokenIndex | None = None,
    codebook: Codebook | None = None,
    codings: Sequence[Coding] = (),
) -> SearchResult:
    """Return the hits of a query in documents.

    Args:
        documents: what to search.
        query: in the query language.
        index: over exactly these documents; made in memory when not given.
        codebook: gives word lists (``$name``), the unit of AND and NOT, and names of codes.
        codings: what ``code:`` filters look at.

    Raises:
        QueryError: when the query does not parse or names something that does not exist.
    """
    from qualcode.project.filters import filter_notes
    from qualcode.query import evaluate
    from qualcode.query.parse import filters_used, parse
    from qualcode.text import TokenIndex

    expression = parse(query)  # before the index is made: a slip in the query is told at once
    filters = filters_used(expression)
    for each in filters:
        if each.kind == "code":
            _check_code(each.value, codebook, query, each.column)
    if index is None:
        index = TokenIndex.build(documents)
    spans = coded_spans(codings, codebook) if codebook is not None else ()
    unit = codebook.unit if codebook is not None else "sentence"
    overlaps = codebook.overlaps if codebook is not None else "longest"
    lexicons = codebook.lexicons if codebook is not None else {}
    hits = evaluate(expression, index, unit=unit, overlaps=overlaps, lexicons=lexicons, codings=spans)
    by_id = {document.id: document for document in documents}
    found: dict[str, list[tuple[int, int, int]]] = {}
    for ordinal, block, start, end in zip(
        hits.document.tolist(), hits.block.tolist(), hits.start.tolist(), hits.end.tolist(), strict=True
    ):
        found.setdefault(hits.document_ids[ordinal], []).append((block, start, end))
    told = tuple(
        _hit(document, document.blocks[block], Span(start, end))
        for document in by_id.values()
        for block, start, end in found.get(document.id, ())
    )
    return SearchResult(query, told, len(by_id), filter_notes(filters, documents))


def coded_spans(codings: Sequence[Coding], codebook: Codebook) -> tuple[Any, ...]:
    """Return codings as ``code:`` filters read them: each answers to its code's names and those of the codes above."""
    from qualcode.query import CodedSpan
    from qualcode.text import fold

    names = {
        code.id: frozenset(
            fold(name)
            for each in (code, *codebook.ancestors(code.id))
            for name in (each.id, each.label, *each.alt_labels)
        )
        for code in codebook
    }
    return tuple(
        CodedSpan(each.document_id, each.span, names[each.code])
        for each in codings
        if each.code in names and each.status != "rejected"
    )


def text_document(text: str, name: str = "text") -> Document:
    """Return a plain string as a document of one turn that nobody in particular says; offsets are those of ``text``."""
    digest = sha256_of(text)
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    blocks = (Block(0, "unattributed", Span(start, end)),) if start < end else ()
    return Document(id=digest[:16], name=name, text=text, text_sha256=digest, source_name=name, source_sha256=digest,
                    format="text", parser="string", parser_version="1", blocks=blocks)  # fmt: skip


def _check_code(name: str, codebook: Codebook | None, query: str, column: int) -> None:
    from difflib import get_close_matches

    from qualcode.query.problems import Source

    source = Source(query)
    if codebook is None:
        raise source.refusal("QC-Q040", f"code:{name} needs a codebook", column,
                             hint="Search in a project that is coded, or leave the filter out.")  # fmt: skip
    if codebook.find(name) is None:
        names = [each for code in codebook for each in (code.id, code.label)]
        near = get_close_matches(name, names, n=1)
        raise source.refusal("QC-Q041", f"the codebook {codebook.id} has no code {name!r}", column,
                             hint=f"Did you mean {near[0]!r}?" if near else
                             f"List them: qualcode codebook show {codebook.id}")  # fmt: skip


def _hit(document: Document, block: Block, span: Span) -> SearchHit:
    speakers = [document.speaker(each) for each in block.speaker_ids]
    first = block.label_span.end if block.label_span is not None else block.span.start
    first = max(first, span.start - CONTEXT)
    last = min(block.span.end, span.end + CONTEXT)
    attributes = {name: value for each in speakers for name, value in each.attributes.items()}
    return SearchHit(
        document=document.name,
        start=span.start,
        end=span.end,
        quote=document.quote(span),
        turn=block.index,
        speaker=" & ".join(each.label for each in speakers),
        role=speakers[0].role if speakers else "unknown",
        before=" ".join(document.text[first : span.start].split()),
        after=" ".join(document.text[span.end : last].split()),
        attributes={**attributes, **document.attributes},
    )
