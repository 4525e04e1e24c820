"""Documents and a codebook to codings, and everything that tables and reports need of them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from qualcode.errors import AnalysisError, CodebookError
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding, Suggestion
from qualcode.model.document import Document, Span, sha256_of
from qualcode.project.reading import Documents
from qualcode.project.settings import SETTINGS_FILE, CoderRecipe, Settings

if TYPE_CHECKING:
    from qualcode.analysis.study import Study
    from qualcode.coding import Corpus
    from qualcode.model.table import Table
    from qualcode.review.reruns import Rerun

__all__ = ["TABLES", "Coded", "check_table", "code_documents", "fingerprint", "load_book", "table_of"]

TABLES = ("themes", "matrix", "spread", "facets", "uncoded", "saturation", "cooccurrence", "attributes")
"""Names of the tables that can be made of coded documents."""

_RULES = (CoderRecipe("rules"),)


@dataclass(frozen=True, repr=False)
class Coded(Sequence[Coding]):
    """Documents with their codings: a sequence of codings in document order.

    Attributes:
        documents: what was coded.
        codebook: with what.
        codings: the result.
        units: for each document id the units that tables count.
        title: of the study.
        outdated: in a sentence, what changed since the coding; ``None`` when nothing did.
        notes: what a reader of its tables should know: contested, orphaned and hidden codings.
        rerun: what a run of the coders changed against the one before.
    """

    documents: Documents
    codebook: Codebook
    codings: tuple[Coding, ...]
    units: dict[str, tuple[Span, ...]]
    title: str = ""
    outdated: str | None = None
    notes: tuple[str, ...] = ()
    rerun: Rerun | None = None

    @overload
    def __getitem__(self, index: int) -> Coding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Coding]: ...
    def __getitem__(self, index: int | slice) -> Coding | Sequence[Coding]:
        return self.codings[index]

    def __len__(self) -> int:
        return len(self.codings)

    def __iter__(self) -> Iterator[Coding]:
        return iter(self.codings)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__}: {len(self)} codings of {len(self.documents)} documents with {self.codebook.id}>"
        )

    @cached_property
    def study(self) -> Study:
        """The study value that every function of ``qualcode.analysis`` takes."""
        from qualcode.analysis.study import study_of

        return study_of(self.documents, self.codebook, self.codings, units=self.units, title=self.title)

    def table(self) -> Table:
        """Return the codings as a table with the columns of ``codings.csv``."""
        from qualcode.interchange.tabular import codings_table

        return codings_table(self.codings)

    def to_pandas(self) -> Any:
        """Return :meth:`table` as a ``pandas.DataFrame``: cell for cell what ``codings.csv`` holds."""
        return self.table().to_pandas()

    def themes(self, *, by: str | None = None) -> Table:
        """Return the theme table; with ``by``, for each value of an attribute."""
        return table_of("themes", self.study, by=by)

    def matrix(self, *, wide: bool = True) -> Table:
        """Return themes by documents with counts and a quote each; not ``wide``: a row for each cell."""
        return table_of("matrix", self.study, wide=wide)

    def _repr_html_(self) -> str:
        return self.themes()._repr_html_()


def load_book(
    name: str, folder: Path | None = None, settings: Settings | None = None, *, queries: bool = True
) -> Codebook:
    """Return a codebook by name or file, with what the project's settings override.

    A file is looked for in the project's folder first; rules are parsed only with ``queries``.

    Raises:
        CodebookError: when there is none, or it is not sound.
    """
    from qualcode.codebook import load_codebook

    head, at, variant = name.rpartition("@")
    place: str | Path = name
    asked = None
    if folder is not None:
        if (folder / name).is_file():
            place = folder / name
        elif at and (folder / head).is_file():
            place, asked = folder / head, variant
        elif name.endswith((".yaml", ".yml")) and not Path(name).is_file():
            raise CodebookError("QC-C001", "there is no such codebook, though the settings name it",
                                where=str(folder / name),
                                hint=f"Put it back, or mend 'codebooks' in {SETTINGS_FILE}.")  # fmt: skip
    book = load_codebook(place, variant=asked, queries=queries)
    if settings is not None and settings.unit is not None:
        book = dataclasses.replace(book, unit=settings.unit)
    if settings is not None and settings.roles_left_out is not None:
        book = dataclasses.replace(book, roles_left_out=settings.roles_left_out)
    return book


def code_documents(
    corpus: Corpus, codebook: Codebook, *, coders: Sequence[CoderRecipe] = _RULES, decided: Sequence[Coding] = ()
) -> tuple[Suggestion, ...]:
    """Return what the coders of a recipe suggest, coder after coder; see :func:`suggested`."""
    return suggested(corpus, codebook, coders=coders, decided=decided)[0]


def suggested(
    corpus: Corpus, codebook: Codebook, *, coders: Sequence[CoderRecipe], decided: Sequence[Coding]
) -> tuple[tuple[Suggestion, ...], tuple[str, ...]]:
    """Return what the coders of a recipe suggest, and the names of those that learnt from what people decided.

    Args:
        corpus: the documents; ``read`` names those that people worked through.
        codebook: with what.
        coders: the recipe.
        decided: what people hold under this codebook, rejected passages too: what coders learn from.

    Raises:
        CodingError: for a coder that does not exist or cannot run.
    """
    from qualcode.coding import make_coder
    from qualcode.coding.registry import STEADY

    found: list[Suggestion] = []
    learnt: list[str] = []
    for recipe in coders:
        coder = make_coder(recipe.name, codebook=codebook, **recipe.parameters)
        fitted = coder.fit(corpus, decided)
        if fitted is not coder and recipe.name not in STEADY:
            learnt.append(recipe.name)
        found += fitted.suggest(corpus)
    return tuple(found), tuple(learnt)


def coded(
    corpus: Corpus,
    codebook: Codebook,
    suggestions: Sequence[Suggestion],
    *,
    title: str = "",
    outdated: str | None = None,
) -> Coded:
    """Return suggestions for one codebook together with their documents and counting units."""
    from qualcode.coding.codings import codings_of

    codings = codings_of(suggestions, corpus.documents, codebook)
    units = {each.id: corpus.index.unit_spans(each.id, codebook.unit) for each in corpus.documents}
    return Coded(Documents(corpus.documents), codebook, codings, units, title, outdated)


def table_of(name: str, study: Study, *, by: str | None = None, facet: str = "stance", wide: bool = True) -> Table:
    """Return one of :data:`TABLES`.

    Args:
        name: which.
        study: of what.
        by: an attribute to split the table by; ``themes`` can be split by one of speakers too. A matrix that is split
            has a row for each cell. ``attributes`` tests the codes against it, and cannot be made without.
        facet: whose values ``facets`` counts.
        wide: ``matrix`` with a column for each document; else a row for each cell.

    Raises:
        AnalysisError: QC-A020 for a name that is not there, QC-A021 for an attribute of speakers, QC-A022 for
            ``attributes`` without one; what the table says.
    """
    check_table(name)
    if name == "themes":
        from qualcode.analysis import themes

        return themes(study, by=by)
    if name == "attributes":
        return _attributes(study, by)
    if by is None:
        return _whole(name, study, facet, wide=wide)
    return _split(name, study, by, facet)


def check_table(name: str) -> None:
    """Raise AnalysisError QC-A020 when there is no table of this name."""
    if name not in TABLES:
        from difflib import get_close_matches

        near = get_close_matches(name, TABLES, n=1)
        raise AnalysisError("QC-A020", f"there is no table {name!r}",
                            hint=f"Did you mean {near[0]!r}?" if near else f"Tables: {', '.join(TABLES)}.")  # fmt: skip


def _whole(name: str, study: Study, facet: str, *, wide: bool) -> Table:
    from qualcode import analysis

    if name == "matrix":
        return analysis.matrix(study, wide=wide)
    if name == "spread":
        return analysis.spread(study)
    if name == "facets":
        return analysis.facets(study, facet)
    if name == "saturation":
        return analysis.saturation(study)
    if name == "cooccurrence":
        return analysis.cooccurrence(study)
    return analysis.uncoded(study)


def _attributes(study: Study, by: str | None) -> Table:
    """Return codes by an attribute; it is this table's subject, so it splits nothing."""
    from qualcode.analysis import association, attribute_names

    if by is None:
        names = attribute_names(study)
        raise AnalysisError("QC-A022", "this table holds the codes against an attribute, and none is named",
                            hint=f"Name one with --by: {', '.join(names)}." if names
                            else "Attributes come from a table: qualcode ingest DIR --attributes FILE")  # fmt: skip
    return association(study, by=by)


def _split(name: str, study: Study, by: str, facet: str) -> Table:
    """Return a table for each group of documents, one under the other, the group in a leading column."""
    from qualcode.analysis import groups_by
    from qualcode.model.table import Column

    groups = groups_by(study, by)
    if not any(case.attributes.get(by) for case in study.cases):
        raise AnalysisError("QC-A021", f"{by!r} is an attribute of speakers, and {name!r} counts documents",
                            hint=f"Split the theme table by it: qualcode table themes DIR --by {by}")  # fmt: skip
    parts = []
    for group in groups:
        cases = tuple(case for case in study.cases if case.id in group.documents)
        codings = tuple(each for each in study.codings if each.document_id in group.documents)
        part = _whole(name, dataclasses.replace(study, cases=cases, codings=codings), facet, wide=False)
        parts.append((group.value, part))
    first = parts[0][1]
    rows = tuple((value, *row) for value, part in parts for row in part.rows)
    lead = f"{by} (attribute)" if by in {column.name for column in first.columns} else by
    columns = (Column(lead, "text", "group of documents; every group is counted by itself"), *first.columns)
    return dataclasses.replace(first, title=f"{first.title} by {by}", columns=columns, rows=rows)


def fingerprint(
    documents: Sequence[Document],
    codebooks: Sequence[Codebook],
    coders: Sequence[CoderRecipe],
    model: str | None = None,
    vectors: str | None = None,
) -> str:
    """Return 64 hex digits that change when coding again would be given something else to work on."""
    content = [
        [[each.id, each.text_sha256, sorted(each.attributes.items()),
          [[who.label, who.role, sorted(who.attributes.items())] for who in each.speakers]] for each in documents],
        [[book.id, book.sha256, book.variant, book.unit, book.roles_left_out] for book in codebooks],
        [[each.name, sorted((key, repr(value)) for key, value in each.parameters.items())] for each in coders],
        model,
    ]  # fmt: skip
    if vectors is not None:
        content.append(vectors)
    if any(each.name != "rules" for each in coders):
        content.append([_bank_digest(book) for book in codebooks])
    return sha256_of(json.dumps(content, ensure_ascii=False))


def _bank_digest(book: Codebook) -> str:
    """Return the SHA-256 of a book's example bank; empty without one."""
    from qualcode.codebook.bank import bank_path

    path = bank_path(book)
    return sha256_of(path.read_bytes()) if path is not None and path.is_file() else ""
