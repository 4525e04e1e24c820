"""``qc.read``, ``qc.code``, ``qc.search``: the library in a notebook's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import IngestError
from qualcode.model.codes import Codebook
from qualcode.model.document import Document
from qualcode.project.coding import Coded, code_documents, coded, load_book
from qualcode.project.reading import Documents, read_files
from qualcode.project.searching import SearchResult, search_documents, text_document

if TYPE_CHECKING:
    from qualcode.ingest import IngestOptions
    from qualcode.notebook.display import Highlighted

__all__ = ["CodingResult", "code", "read", "search"]


class CodingResult(Coded):
    """What :func:`code` returns: a sequence of codings that makes tables and shows marked text."""

    def highlight(self, document: Document | str | int = 0) -> Highlighted:
        """Return a document (or its name, or number) with its coded passages marked."""
        from qualcode.notebook.display import highlight

        found = document if isinstance(document, Document) else self.documents[document]
        return highlight(found, [each for each in self.codings if each.document_id == found.id])


def read(
    path: Path | str | Iterable[Path | str],
    *,
    attributes: Path | str | None = None,
    options: IngestOptions | None = None,
) -> Documents:
    """Return the documents in a file, a folder, or several of them.

    Args:
        path: what to read.
        attributes: a table with a row for each document or speaker.
        options: how to read (roles, aliases, speaker pattern …).

    Raises:
        IngestError: when a file cannot be read; with several, QC-P024, and ``problems`` says why for each.
    """
    from qualcode.errors import Problem

    reading = read_files([path] if isinstance(path, str | Path) else path, options=options)
    if len(reading.failures) == 1:
        raise reading.failures[0]
    if reading.failures:
        raise IngestError("QC-P024", f"{len(reading.failures)} files cannot be read:", problems=[
            Problem(each.code, each.message, each.where, each.hint) for each in reading.failures
        ])  # fmt: skip
    if attributes is None:
        return reading.documents
    from qualcode.ingest.attributes import read_attributes

    return Documents(read_attributes(Path(attributes)).join(reading.documents.items)[0])


def code(
    documents: Sequence[Document] | Document,
    codebook: Codebook | Path | str,
    *,
    title: str = "",
    model: str | None = None,
) -> CodingResult:
    """Return the codings of documents by the rules of a codebook.

    ``model`` names a spaCy pipeline that is installed here, for lemmas and tags; without it, lookup tables serve.

    Raises:
        CodebookError: when the codebook is not sound.
    """
    from qualcode.coding import Corpus

    book = codebook if isinstance(codebook, Codebook) else load_book(str(codebook))
    corpus = Corpus.of(_several(documents), model=model)
    done = coded(corpus, book, code_documents(corpus, book), title=title)
    return CodingResult(done.documents, done.codebook, done.codings, done.units, done.title)


def search(
    documents_or_text: Sequence[Document] | Document | str, query: str, *, codebook: Codebook | Path | str | None = None
) -> SearchResult:
    """Return the hits of a query in documents, or in a text: document, start, end, quote and context of each.

    A text is one turn that nobody in particular says; offsets are code points in it. ``codebook`` gives word lists for
    ``$name``.

    Raises:
        QueryError: when the query does not parse or names something that does not exist.
    """
    if isinstance(documents_or_text, str):
        documents: Sequence[Document] = (text_document(documents_or_text),)
    else:
        documents = _several(documents_or_text)
    book = codebook if isinstance(codebook, Codebook) or codebook is None else load_book(str(codebook))
    return search_documents(documents, query, codebook=book)


def _several(documents: Sequence[Document] | Document) -> tuple[Document, ...]:
    return (documents,) if isinstance(documents, Document) else tuple(documents)
