"""Several people's work: merging projects, where people differ, settling it, and coding blind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from qualcode.errors import LedgerError, ProjectError
from qualcode.model.codes import Codebook
from qualcode.model.document import Span, sha256_of
from qualcode.model.ledger import SETTLED, Entry, Judgement, NewEntry, Operation, Passage
from qualcode.project.deciding import Decided
from qualcode.project.history import History
from qualcode.project.opened import DATABASE
from qualcode.review.conflicts import Conflict, conflicts_of
from qualcode.review.deciding import adjudication

if TYPE_CHECKING:
    from qualcode.store import Store
    from qualcode.store.united import United

__all__ = ["Merged", "Sharing"]


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge brought.

    Attributes:
        operations: how many operations came in.
        people: whose.
        documents: names of documents that came in.
        differing: names of documents of which the others have another text; their codings were put on ours.
        orphans: how many codings found no place in our texts.
        conflicts: where people differ now.
        codebooks: ids of codebooks of which the others have another wording than ours, and ours stays.
        followed: ids of codebooks that took over the changes others made to the wording that is here.
        files: transcripts that were copied.
        left_out: names of documents that the others have and that were taken out here; they stay out.
    """

    operations: int
    people: tuple[str, ...]
    documents: tuple[str, ...]
    differing: tuple[str, ...]
    orphans: int
    conflicts: tuple[Conflict, ...]
    codebooks: tuple[str, ...] = ()
    followed: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    left_out: tuple[str, ...] = ()


class Sharing(History):
    """The verbs for working together."""

    def merge(self, *others: Path | str, dry_run: bool = False) -> Merged:
        """Take over the work in other projects (folders or databases) and return what came; theirs stay as they are.

        What is here already is not taken twice, so merging again, or in another order, comes to the same. The same
        transcript is known by its text; codings of another version of it are put on our words, or become orphans.
        Changes that only they made to a codebook are made here too; where both sides changed it, ours stays, and codes
        that it does not have are told. The files of documents that only they have are copied to ``transcripts/``;
        a document that was taken out here does not come back so, but is told.

        Raises:
            ProjectError: QC-P038 when nothing is named or a project is merged with itself, QC-P035 when a codebook is
                changed meanwhile.
            LedgerError: QC-L010 when a ledger was changed by hand.
            StoreError: when a database cannot be read.
        """
        from qualcode.store import Store

        paths = [_database_of(Path(each)) for each in others]
        if not paths or any(each.resolve() == self._database.resolve() for each in paths):
            raise ProjectError("QC-P038", "name the other people's projects", where=str(self.folder),
                               hint=self._say("For example:", "merge", "THEIR-DIR"))  # fmt: skip
        with ExitStack() as stack:
            opened = [stack.enter_context(Store.open(each, read_only=True)) for each in paths]
            if dry_run:
                return self._would_merge(opened)
            theirs = {book for each in opened for book in _wordings(each)}
            books = self._books
            store = stack.enter_context(self._store())
            steps: list[_Step] = []

            def follow(united: United) -> tuple[list[NewEntry], list[tuple[str, str, str]]]:
                steps.extend(_steps(store, united, books))
                return self._take_over(store, steps)

            united = store.unite(opened, person=self.person, also=follow)
        files: list[Path] = []
        if self._place is None:
            self._finish_files()
            files = self._copy_transcripts(united.documents, [each.parent for each in paths])
        every = [self.held(book.id) for book in self._books]
        ours = {(book.id, book.sha256) for book in self._books} | {(each.book.id, each.after) for each in steps}
        return Merged(
            len(united.operations),
            united.people,
            united.documents,
            united.differing,
            sum(len(each.orphans) for each in every),
            tuple(found for each in every if not each.state.blind for found in conflicts_of(each.judgements)),
            tuple(sorted({name for name, sha256 in theirs - ours if name in {book for book, _ in ours}})),
            tuple(each.book.id for each in steps),
            tuple(files),
            united.left_out,
        )

    def conflicts(self, codebook: str | None = None) -> tuple[Conflict, ...]:
        """Return where one person marks a passage and another rejects it, and nobody has settled it.

        Raises:
            ProjectError: QC-P034 while people code blind.
        """
        held = self.held(codebook)
        if held.state.blind:
            raise self._still_blind()
        return conflicts_of(held.judgements)

    def adjudicate(
        self,
        conflict: str,
        *,
        verdict: str,
        code: str | None = None,
        quote: str | None = None,
        span: tuple[int, int] | Span | None = None,
        reason: str = "",
        codebook: str | None = None,
        dry_run: bool = False,
    ) -> Decided:
        """Settle a conflict, and return what was written; both originals stay in their layers.

        Args:
            conflict: its id (or the beginning of it), or the id of a coding.
            verdict: ``accept`` or ``reject``.
            code: another code that is right instead.
            quote, span: other words than those of the first who marked the passage.
            reason: why.
            codebook: one of the project's.
            dry_run: only say what would be written.

        Raises:
            LedgerError: QC-L037 when there is no such conflict, QC-L038 for another verdict.
            ProjectError: QC-P034 while people code blind.
        """
        held = self.held(codebook)
        if held.state.blind:
            raise self._still_blind()
        if verdict not in ("accept", "reject"):
            raise LedgerError("QC-L038", f"{verdict!r} settles nothing", hint="Say accept or reject.")
        settles = _those(conflict, conflicts_of(held.judgements), held.judgements)
        earlier = [each for each in settles if each.layer == SETTLED]
        target = self._code_to_give(code, held.book) if code is not None else settles[0].code
        right = [each for each in settles if each.verdict != "rejected"] or list(settles)
        places = _apart(each.passage for each in right)
        if quote is not None or span is not None:
            names = {each.id: each.name for each in self.documents}
            places = [self._passage(names[settles[0].passage.document_id], quote, span)]
        origin = replace(right[0].origin, codebook_version=held.book.version, codebook_sha256=held.book.sha256)
        asked: list[tuple[str, Literal["accepted", "rejected"], Passage, str]] = [
            (target, "accepted" if verdict == "accept" else "rejected", place, reason) for place in places
        ]
        if target != settles[0].code and verdict == "accept":
            # Under the code that people argued about, the passages are settled as well: they are not that.
            asked += [(settles[0].code, "rejected", place, reason or f"it is {target}")
                      for place in _apart(each.passage for each in right)]  # fmt: skip
        entries = [
            adjudication(settles, passage=place, codebook=held.book.id, code=under, origin=origin, verdict=outcome,
                         earlier=earlier if number == 0 else (), reason=told)
            for number, (under, outcome, place, told) in enumerate(asked)
        ]  # fmt: skip
        return self._decide("adjudicate", tuple(entries), len(entries), held, dry_run)

    def done(
        self,
        document: str | Iterable[str],
        *,
        undone: bool = False,
        codebook: str | None = None,
        dry_run: bool = False,
    ) -> Operation:
        """Note that the person has worked through a document (or, ``undone``, has not): what is not coded is a "no".

        Agreement takes a document for coded by a person only then, once the person has marked any.
        """
        book = self._book(codebook, self._books)
        named = [document] if isinstance(document, str) else list(document)
        names = [self._document_named(each).name for each in named]
        if undone:
            names += self._marked_before(names, book)
        entries = [NewEntry("done", codebook=book.id, content={"name": name, "done": not undone}) for name in names]
        told = "not worked through" if undone else "worked through"
        return self._record("done", entries, f"{', '.join(names)}: {told}", dry_run=dry_run)

    def _marked_before(self, names: Sequence[str], book: Codebook) -> list[str]:
        """Return earlier names of documents under which the person marked them as worked through."""
        mine = {place for person, place, under in self.held(book.id).state.done
                if person == self.person and under in ("", book.id)}  # fmt: skip
        now = self._names_now(mine)
        return sorted(place for place in mine - set(names) if now.get(place) in names)

    def blind(self, *, machine: bool = False, dry_run: bool = False) -> Operation:
        """Begin coding blind: until :meth:`release` others' codings (with ``machine``, suggestions too) are hidden."""
        told = "people code blind" + (", without suggestions" if machine else "")
        return self._record("blind", [NewEntry("blind", content={"machine": machine})], told, dry_run=dry_run)

    def release(self, *, dry_run: bool = False) -> Operation:
        """End coding blind: from now on everybody sees everything."""
        return self._record("release", [NewEntry("release")], "everybody sees all codings", dry_run=dry_run)

    def _take_over(self, store: Store, steps: Iterable[_Step]) -> tuple[list[NewEntry], list[tuple[str, str, str]]]:
        """Return what follows others' changes of codebooks: entries of the ledger and files to write."""
        entries: list[NewEntry] = []
        files: list[tuple[str, str, str]] = []
        for step in steps:
            path, adopted = self._own_file(step.book)
            before = Path(step.book.path or "").read_bytes()
            if self._place is None:
                if adopted:
                    self._adopt(step.book, path, before)
                self._check_unchanged(store, path, before)
            inside = path.relative_to(self.folder).as_posix()
            content = {"path": inside, "before": sha256_of(before), "after": step.after, "local": True}
            entries.append(NewEntry("codebook", codebook=step.book.id, content=content))
            files.append((inside, sha256_of(before), step.after))
        return entries, files

    def _copy_transcripts(self, names: Sequence[str], folders: Sequence[Path]) -> list[Path]:
        """Copy the files of documents that came in, where they are as they were read, and return the copies."""
        from qualcode.project.writing import write_together

        found: dict[Path, str | bytes] = {}
        for name in names:
            document = self.documents[name]
            target = self.folder / "transcripts" / document.source_name
            for folder in folders:
                source = folder / "transcripts" / document.source_name
                if target in found or target.exists() or not source.is_file():
                    continue
                data = source.read_bytes()
                if sha256_of(data) == document.source_sha256:
                    found[target] = data
        return list(write_together(found)) if found else []

    def _would_merge(self, opened: Sequence[Store]) -> Merged:
        """Merge into a copy of the database that is thrown away, and say what came of it."""
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            copy = type(self)(self.folder, person=self.person)
            if self._database.exists():
                self.backup(Path(folder) / DATABASE)
            copy._place = Path(folder) / DATABASE
            return copy.merge(*[each.path for each in opened])


@dataclass(frozen=True, slots=True)
class _Step:
    """A codebook whose file goes on to a wording that others brought it to; ``after`` is the SHA-256 of that."""

    book: Codebook
    after: str


def _steps(store: Store, united: United, books: Iterable[Codebook]) -> Iterator[_Step]:
    """Yield the codebooks of which the others only went on from the wording that is here, with what they came to.

    Who takes a change back that was followed here goes on too.
    """
    from qualcode.ledger.standing import UNDOING, fallen

    steering = [each for verb in ("undo", "redo", "merge") for each in store.operations(verb=verb)]
    noted = Entry("merge", content={"operations": list(united.operations)}, id=f"{united.summary}.0")
    last = max((each.clock for each in steering), default=0) + 1
    gone = fallen([*steering, Operation("merge", last, "", "", "merge", "", (noted,))])
    came = frozenset(united.operations)
    undone = {target for each in steering if each.id in came and each.id not in gone
              for entry in each.entries if entry.kind in UNDOING for target in entry.targets}  # fmt: skip
    steps: dict[tuple[str, str], set[str]] = {}
    for operation in store.operations(verb="codebook"):
        for entry in operation.entries:
            if entry.kind == "codebook" and "after" in entry.content:
                before, after = str(entry.content["before"]), str(entry.content["after"])
                if operation.id not in gone:
                    steps.setdefault((entry.codebook, before), set()).add(after)
                elif operation.id in undone:  # they went on from here by going back
                    steps.setdefault((entry.codebook, after), set()).add(before)
    for book in books:
        at, passed = book.sha256, {book.sha256}
        while len(ahead := steps.get((book.id, at), set()) - passed) == 1:
            (at,) = ahead
            passed.add(at)
        if at != book.sha256 and store.codebook_text(at) is not None:
            yield _Step(book, at)


def _database_of(place: Path) -> Path:
    return place / DATABASE if place.is_dir() else place


def _wordings(store: Store) -> set[tuple[str, str]]:
    """Return the codebooks that a project last worked with: id and SHA-256 of the file."""
    found: dict[str, str] = {}
    for entry in store.entries("codebook", "run"):
        if entry.kind == "codebook" and "after" in entry.content:
            found[entry.codebook] = str(entry.content["after"])
        elif entry.kind == "run":
            for book, (_, sha256) in entry.content.get("codebooks", {}).items():
                found[book] = sha256
    return set(found.items())


def _those(name: str, conflicts: Sequence[Conflict], judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """Return the judgements that a conflict's or a coding's id stands for, and what settled between them before."""
    placed = [each for each in judgements if not each.orphan]
    near = [each for each in conflicts if name and each.id.startswith(name)]
    coding = [each for each in placed if each.id == name] or [
        each for each in placed if name and each.id.startswith(name)
    ]
    if len(near) + len(coding) != 1:
        many = len(near) + len(coding)
        told = f"{many} conflicts or codings begin with" if many else "there is no conflict"
        raise LedgerError("QC-L037", f"{told} {name!r}", hint="List them: qualcode conflicts DIR")
    meant = {each.id for each in (near[0].judgements if near else _around(coding[0], placed))}
    meant |= {key for each in placed if each.id in meant for key in each.settles}
    meant |= {each.id for each in placed if not meant.isdisjoint(each.settles)}
    found = [each for each in placed if each.id in meant]
    # What people themselves hold comes first: of settlements, the latest.
    return tuple(sorted(found, key=lambda each: (each.layer == SETTLED, each.passage.span, each.at, each.id)))


def _around(one: Judgement, judgements: Iterable[Judgement]) -> Iterator[Judgement]:
    """Yield the judgements of the same code that overlap one."""
    place = (one.codebook, one.code, one.passage.document_id)
    for each in judgements:
        if (each.codebook, each.code, each.passage.document_id) == place and each.passage.span.overlaps(
            one.passage.span
        ):
            yield each


def _apart(passages: Iterable[Passage]) -> list[Passage]:
    """Return passages of one document that do not overlap one that comes before them."""
    found: list[Passage] = []
    for each in passages:
        if not any(each.span.overlaps(other.span) for other in found):
            found.append(each)
    return found
