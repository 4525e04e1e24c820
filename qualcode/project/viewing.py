"""Looking: codings as tables count them, search, and the layers that agreement compares."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qualcode.errors import ProjectError
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding
from qualcode.model.document import Span
from qualcode.model.ledger import SETTLED
from qualcode.project.coding import Coded, table_of
from qualcode.project.people import MACHINE
from qualcode.project.reading import Documents
from qualcode.project.searching import SearchResult, search_documents
from qualcode.project.standing import Held, Standings
from qualcode.review.passages import Standing, bring_together

if TYPE_CHECKING:
    from qualcode.analysis.layers import Layer
    from qualcode.model.table import Table

__all__ = ["MACHINE", "Views"]


class Views(Standings):
    """The verbs that look and change nothing."""

    def coded(self, codebook: str | None = None) -> Coded:
        """Return the codings that are kept, for one of the project's codebooks (its id), without running a coder.

        Decided passages stand as people decided; the others as the machine suggests. Rejected ones are among them and
        are never counted. While people code blind, others' codings are not seen.

        Raises:
            ProjectError: QC-P005 when there are no documents, QC-P006 when nothing is coded yet, QC-P007 for a
                codebook that the project does not have, QC-P008 when the codebook lost codes since the run.
        """
        held = self.held(codebook)
        corpus = self._corpus()
        if held.made_from is None and not held.judgements:
            raise self._not_coded()
        waiting = sorted({each.code for each in held.lost if each.status == "suggested"})
        if waiting:
            raise ProjectError("QC-P008", f"documents are coded with {', '.join(waiting)}, which the codebook "
                               f"{held.book.id} no longer has", where=str(self.folder),
                               hint=self._say("Code again:", "code"))  # fmt: skip
        return Coded(
            Documents(corpus.documents),
            held.book,
            self._codings(held.standings, corpus.documents, held.book),
            {each.id: corpus.index.unit_spans(each.id, held.book.unit) for each in corpus.documents},
            self.title,
            self._outdated(held.made_from, self._books) if held.made_from is not None else None,
            tuple(self._cautions(held)),
        )

    def codings(self, codebook: str | None = None) -> Coded:
        """Return the codings that are kept: a sequence of :class:`~qualcode.model.coding.Coding`."""
        return self.coded(codebook)

    def outdated(self) -> str | None:
        """Return in a sentence what changed since the coding; ``None`` when nothing did.

        Raises:
            ProjectError: QC-P006 when the documents are not coded yet.
        """
        return self._outdated(self._suggestions()[1], self._books)

    def search(self, query: str, *, codebook: str | None = None) -> SearchResult:
        """Return the hits of a query; ``code:`` filters see the codings that are kept.

        Raises:
            QueryError: when the query does not parse, or names a code or word list that does not exist.
        """
        from qualcode.query.parse import parse

        parse(query)  # a slip in the query is told before anything is opened
        book = self._book(codebook, self._books) if self.settings.codebooks else None
        codings = self.coded(codebook).codings if "code:" in query and book is not None else ()
        corpus = self._corpus()
        return search_documents(corpus.documents, query, index=corpus.index, codebook=book, codings=codings)

    def table(
        self,
        name: str,
        *,
        by: str | None = None,
        codebook: str | None = None,
        facet: str = "stance",
        wide: bool = True,
        **options: Any,
    ) -> Table:
        """Return a table over the kept codings; ``qualcode table --help`` lists them. ``options`` are the table's own.

        Raises:
            AnalysisError: for a table or an attribute that is not there.
            ProjectError: as :meth:`coded`.
        """
        from qualcode.project.tables import project_table

        made = project_table(self, name, codebook, options, by=by)
        if made is not None:
            return made
        done = self.coded(codebook)
        table = table_of(name, done.study, by=by, facet=facet, wide=wide, **options)
        notes = (*table.notes, *([done.outdated] if done.outdated else []), *done.notes)
        return dataclasses.replace(table, notes=notes)

    def layers(
        self, people: Iterable[str] | None = None, *, machine: bool = True, codebook: str | None = None
    ) -> tuple[Layer, ...]:
        """Return the codings of each person, and what the machine suggests, each by itself, for agreement.

        Who marked documents as worked through (:meth:`done`) is taken at their word; of who never did, the documents in
        which they decided something count as worked through.

        Args:
            people: whose layers; all who decided anything or worked through a document. ``settled`` (what adjudication
                decided) only when it is named: it is not independent of the others.
            machine: whether to add the layer :data:`MACHINE`.
            codebook: one of the project's; the first if not given.

        Raises:
            ProjectError: QC-P033 for a person who decided nothing, QC-P034 while people code blind, QC-P006 when the
                machine's is asked for and nothing is coded yet.
        """
        from qualcode.analysis.layers import Layer

        held = self.held(codebook)
        wanted = list(dict.fromkeys(people)) if people is not None else None
        others = set(wanted or ()) - ({self.person} if held.state.hidden else {self.person, MACHINE})
        if held.unseen or (held.state.blind and others):
            raise self._still_blind()
        documents = self.documents.items
        done = {person for person, _, book in held.state.done if book in ("", held.book.id)}
        known = sorted({each.layer for each in held.judgements} | done)
        if wanted is None:
            wanted = [each for each in known if each != SETTLED]
        for name in wanted:
            if name not in known and name != MACHINE:
                raise ProjectError(
                    "QC-P033",
                    f"{name!r} has decided nothing under {held.book.id}",
                    where=str(self.folder),
                    hint=f"There are: {', '.join(known) or 'none yet'}.",
                )
        names = {each.name: each.id for each in documents}
        now = self._names_now({place for _, place, _ in held.state.done})
        found = []
        for name in wanted:
            if name == MACHINE:
                continue
            mine = [each for each in held.judgements if each.layer == name]
            standings = tuple(each for each in bring_together((), mine) if each.code in held.book)
            marked = {names[now[place]] for person, place, book in held.state.done
                      if person == name and book in ("", held.book.id) and place in now}  # fmt: skip
            through = marked or {each.passage.document_id for each in mine if not each.orphan}
            positive = tuple(
                each
                for each in self._codings(standings, documents, held.book)
                if each.status != "rejected" and each.document_id in through
            )
            found.append(Layer(name, frozenset(through), positive))
        if MACHINE in wanted and held.made_from is None:
            raise self._not_coded()
        if (machine or MACHINE in wanted) and held.made_from is not None and not held.state.hidden:
            found.append(Layer(MACHINE, frozenset(names.values()), self.machine_codings(codebook), machine=True))
        return tuple(found)

    def _names_now(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return what documents are called now, by names that they have or had."""
        known = {each.name: each.name for each in self.documents}
        wanted = set(names)
        if wanted <= set(known):
            return known
        with self._store(to_read=True) as store:
            return known | store.present_names(wanted)

    def _still_blind(self) -> ProjectError:
        return ProjectError(
            "QC-P034",
            "people still code blind in this project",
            where=str(self.folder),
            hint=self._say("When all are done, let them see each other's work:", "release"),
        )

    def _not_coded(self) -> ProjectError:
        return ProjectError("QC-P006", "the documents are not coded yet", where=str(self.folder),
                            hint=self._say("Code them:", "code"))  # fmt: skip

    def machine_codings(self, codebook: str | None = None) -> tuple[Coding, ...]:
        """Return what the coders suggest, whatever people decided about it; nothing while suggestions are hidden."""
        held = self.held(codebook)
        suggested = (each for each in bring_together(held.suggestions, ()) if each.code in held.book)
        return self._codings(suggested, self.documents.items, held.book)

    def _units(self, book: Codebook) -> dict[str, tuple[Span, ...]]:
        corpus = self._corpus()
        return {each.id: corpus.index.unit_spans(each.id, book.unit) for each in corpus.documents}

    def _codings(self, standings: Iterable[Standing], documents: Sequence[Any], book: Codebook) -> tuple[Coding, ...]:
        from qualcode.review.rows import codings_of_standings

        return codings_of_standings(standings, documents, book)

    def _cautions(self, held: Held) -> Iterable[str]:
        """Yield what a reader of the tables should know."""
        contested = sum(1 for each in held.standings if each.contested)
        if contested:
            yield (f"{contested} coding{'s are' if contested != 1 else ' is'} contested: one person marks the passage, "
                   f"another rejects it; counted until settled ({self._say('', 'conflicts').strip()}).")  # fmt: skip
        orphans = len(held.orphans)
        if orphans:
            yield (f"{orphans} coding{'s have' if orphans != 1 else ' has'} no place in the present text and "
                   f"{'are' if orphans != 1 else 'is'} not counted ({self._say('', 'orphans').strip()}).")  # fmt: skip
        lost = sorted({each.code for each in held.lost if each.status != "rejected"})
        if lost:
            yield (f"Codings under {', '.join(lost)} are not counted: {held.book.id} no longer has "
                   f"{'this code' if len(lost) == 1 else 'these codes'}.")  # fmt: skip
        since = sum(each.at > held.ran_at for each in held.judgements) if held.learnt else 0
        if since:
            yield (f"{since} decision{'s were' if since != 1 else ' was'} made since {' and '.join(held.learnt)} last "
                   f"learnt from them ({self._say('', 'code').strip()}).")  # fmt: skip
        if held.unseen:
            yield "People code blind: what others decided is not shown or counted."
        for name in held.strays:
            yield (f"Codings were made with a codebook called {name}, which the settings do not name; they are kept "
                   "and not counted.")  # fmt: skip
        if held.state.hidden:
            yield "People code without suggestions: what the machine suggests is not shown or counted."
