"""How every passage of a project stands: what the machine suggests, and what people hold of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qualcode.errors import ProjectError
from qualcode.ledger.fold import State
from qualcode.model.codes import Codebook
from qualcode.model.coding import Suggestion
from qualcode.model.document import Document
from qualcode.model.ledger import Judgement
from qualcode.project.bookfiles import BookFiles
from qualcode.review.passages import Standing, bring_together, seen_by

if TYPE_CHECKING:
    from qualcode.store import Store

__all__ = ["Held", "Standings"]


@dataclass(frozen=True, slots=True)
class Held:
    """What a project holds for one codebook, as the person at work may see it.

    Attributes:
        book: the codebook.
        suggestions: of the last run, for this book.
        judgements: what people hold, orphans among them; while people code blind, only the person's own.
        standings: both brought together; without what lies in codes that the book no longer has.
        lost: passages under codes that the book no longer has.
        state: who has worked through what, and blindness.
        made_from: fingerprint of what the last run was made from; ``None`` when there was none.
        unseen: how many judgements of others are hidden.
        strays: ids of codebooks under which somebody decided and which the project does not name.
        ran_at: when the last run was made (UTC, ISO 8601); ``learnt``: the coders in it that learnt from decisions.
    """

    book: Codebook
    suggestions: tuple[Suggestion, ...]
    judgements: tuple[Judgement, ...]
    standings: tuple[Standing, ...]
    lost: tuple[Standing, ...]
    state: State
    made_from: str | None
    unseen: int = 0
    strays: tuple[str, ...] = ()
    ran_at: str = ""
    learnt: tuple[str, ...] = ()

    @property
    def orphans(self) -> tuple[Judgement, ...]:
        """The judgements that have no place in the present text."""
        return tuple(each for each in self.judgements if each.orphan)


class Standings(BookFiles):
    """Reading what stands."""

    _known: tuple[object, Held] | None = None
    _run: tuple[object, tuple[Suggestion, ...]] | None = None
    _waits: dict[int, Standing] | None = None

    def held(self, codebook: str | None = None) -> Held:
        """Return how every passage stands under one of the project's codebooks.

        Raises:
            ProjectError: QC-P004 and QC-P007 when there is no such codebook.
        """
        books = self._books
        book = self._book(codebook, books)
        if not self._database.exists():
            return Held(book, (), (), (), (), State(), None)
        with self._store(to_read=True) as store, store.snapshot():
            meta = store.meta()
            named = tuple(each.id for each in books)
            mark = (self._file_number, meta["replica"], meta.get("revision"), self.person, book, named)
            if self._known is not None and self._known[0] == mark:
                return self._known[1]
            state = store.state()
            suggestions = () if state.hidden else self._suggested(store, book, state)
            every = store.judgements(codebook=book.id)
            strays = tuple(sorted(set(store.judged()) - set(named)))
            ran_at, content = store.run_note()
        held = self._brought_together(book, suggestions, every, state, meta.get("coded_from"))
        self._known = (mark, replace(held, strays=strays, ran_at=ran_at, learnt=tuple(content.get("learnt", ()))))
        return self._known[1]

    def _brought_together(
        self,
        book: Codebook,
        suggestions: tuple[Suggestion, ...],
        every: Sequence[Judgement],
        state: State,
        made_from: str | None,
    ) -> Held:
        seen = seen_by(every, self.person, blind=state.blind)
        standings = bring_together(suggestions, seen, known=self._waits)
        known = {code.id for code in book}
        return Held(
            book,
            suggestions,
            seen,
            tuple(each for each in standings if each.code in known),
            tuple(each for each in standings if each.code not in known),
            state,
            made_from,
            len(every) - len(seen),
        )

    def _suggested(self, store: Store, book: Codebook, state: State) -> tuple[Suggestion, ...]:
        """Return what is suggested under a codebook, in the words of the present texts and under the present names.

        What was suggested in another version of a text is left out: its words may not be there.
        """
        mark = (self._file_number, store.run(), tuple(state.documents.items()))
        if self._run is None or self._run[0] != mark:
            present = store.texts()
            self._waits = {}
            self._run = (mark, tuple(each for each in store.suggestions()
                                     if present.get(each.document_id) == each.document_sha256))  # fmt: skip
        mine = tuple(each for each in self._run[1] if each.codebook == book.id)
        # The store lets codes follow what was done after the run. What is left is what others did before it, in a
        # ledger that came in since.
        wordings = {each.codebook_sha256 for each in mine if each.code not in book} - {book.sha256}
        moved = {
            (sha256, old): new for sha256 in wordings for old, new in self._moves_since(store, book, sha256).items()
        }
        if not moved:
            return mine
        return tuple(
            each if each.code in book else replace(each, code=moved.get((each.codebook_sha256, each.code), each.code))
            for each in mine
        )

    def _moves_since(self, store: Store, book: Codebook, sha256: str) -> Mapping[str, str]:
        """Return how codes were moved between a wording of a codebook and the present one, old id to new.

        Empty when that was not done step by step with the verbs that change a codebook (or undone again), so that
        nobody can tell.
        """
        steps: dict[str, list[tuple[str, Mapping[str, str]]]] = {}
        for operation in store.operations(verb="codebook"):
            for entry in operation.entries:
                if entry.kind == "codebook" and entry.codebook == book.id and "after" in entry.content:
                    before, after = str(entry.content["before"]), str(entry.content["after"])
                    codes, added = entry.content.get("codes", {}), entry.content.get("added", ())
                    steps.setdefault(before, []).append((after, codes))
                    # Back from a renaming a code has its old name; codes that were merged cannot be told apart.
                    back = {new: old for old, new in codes.items() if new in added}
                    steps.setdefault(after, []).append((before, back))
        reached: dict[str, Mapping[str, str]] = {sha256: {}}
        ahead = [sha256]
        while ahead and book.sha256 not in reached:
            at = ahead.pop(0)
            for target, codes in steps.get(at, ()):
                if target not in reached:
                    moved = {old: codes.get(new, new) for old, new in reached[at].items()}
                    reached[target] = {**codes, **moved}
                    ahead.append(target)
        return reached.get(book.sha256, {})

    def _document_named(self, name: str) -> Document:
        """Return a document by its name or id, or the beginning of a name that only one has.

        Raises:
            ProjectError: QC-P031.
        """
        documents: Sequence[Document] = self.documents
        exact = [each for each in documents if name in (each.name, each.id)]
        near = exact or [each for each in documents if name and each.name.startswith(name)]
        if len(near) == 1:
            return near[0]
        from difflib import get_close_matches

        names = [each.name for each in documents]
        meant = get_close_matches(name, names, n=1)
        told = f"{len(near)} documents begin with {name!r}" if near else f"there is no document {name!r}"
        hint = (
            f"Did you mean {meant[0]!r}?"
            if meant
            else f"There are: {', '.join(names[:8]) or 'none yet'}" + ("…" * (len(names) > 8))
        )
        raise ProjectError("QC-P031", told, where=str(self.folder), hint=hint)

    def _code_named(self, name: str, book: Codebook) -> str:
        """Return the id of a code by id, label or alternative label.

        Raises:
            ProjectError: QC-P032.
        """
        found = book.find(name)
        if found is not None:
            return found.id
        from difflib import get_close_matches

        names = [each for code in book for each in (code.id, code.label)]
        near = get_close_matches(name, names, n=1)
        raise ProjectError("QC-P032", f"the codebook {book.id} has no code {name!r}", where=str(self.folder),
                           hint=f"Did you mean {near[0]!r}?" if near else
                           f"List them: qualcode codebook show {book.id}")  # fmt: skip

    def _code_to_give(self, name: str, book: Codebook) -> str:
        """Return the id of a code that passages can be given: no heading, and not retired.

        Raises:
            ProjectError: QC-P032 when there is none of this name, QC-P041 for a heading and a retired code.
        """
        code = book[self._code_named(name, book)]
        if code.status == "retired":
            raise ProjectError("QC-P041", f"the code {code.id} is retired", where=str(self.folder),
                               hint=f"Use {code.replaced_by}." if code.replaced_by else "Use another.")  # fmt: skip
        if not code.codable:
            below = [each.id for each in book.descendants(code.id) if each.codable and each.status != "retired"]
            raise ProjectError("QC-P041", f"{code.id} is a heading, which no passage is given", where=str(self.folder),
                               hint=f"Use one of those below it: {', '.join(below)}." if below else
                               "Use another.")  # fmt: skip
        return code.id
