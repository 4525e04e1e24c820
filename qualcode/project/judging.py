"""Who is judged by the machine's evaluation, and against whom: names and files to layers of codings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from qualcode.coding.registry import STEADY
from qualcode.errors import ProjectError
from qualcode.model.codes import Codebook, Unit
from qualcode.model.coding import Coding
from qualcode.model.ledger import SETTLED
from qualcode.project.deciding import places_of
from qualcode.project.people import MACHINE
from qualcode.review.rows import CONTESTED

if TYPE_CHECKING:
    from qualcode.analysis.evaluation import Run
    from qualcode.analysis.layers import Layer
    from qualcode.analysis.study import Study
    from qualcode.coding import Corpus
    from qualcode.model.document import Document, Span
    from qualcode.project.learning import Learning

__all__ = ["Judged", "Judging", "Side", "examples_of", "named_apart"]

_UNKNOWN = "a table: it does not say who coded, or what they had seen of the machine's suggestions"

_FILES = frozenset({".csv", ".tsv", ".txt"})


@dataclass(frozen=True, slots=True)
class Side:
    """A layer of codings by hand: what it is called, what else is to be said of it, what is known of its origin."""

    layer: Layer
    told: str
    notes: tuple[str, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is judged: its layer, in words, how coders that learn were kept honest, and which coders had a part."""

    layer: Layer
    told: str
    run: Run | None = None
    learnt: str = ""
    notes: tuple[str, ...] = ()
    coders: tuple[str, ...] = ()


class Judging:
    """Finds layers in a project.

    Args:
        project: the project.
        book: the codebook; its rules need not be parsed.
        documents: names (or their beginnings) of the documents to compare; ``None`` for all.
    """

    def __init__(self, project: Learning, book: Codebook, documents: Iterable[str] | None) -> None:
        self.project, self.book = project, book
        self.held = project.held(book.id)
        self.chosen = self._named(documents)

    def usual(self) -> str:
        """Return the layer to hold the machine against when none is named."""
        people = sorted({each.layer for each in self.held.judgements} - {SETTLED})
        if not people:
            raise self._nobody()
        return people[0] if len(people) == 1 else SETTLED

    def _nobody(self) -> ProjectError:
        return ProjectError(
            "QC-P070",
            "nobody has decided anything yet that the machine can be held against",
            where=str(self.project.folder),
            hint=self.project._say("Code by hand, or name a table of codings:", "evaluate", "--against", "FILE.csv"),
        )

    def _named(self, names: Iterable[str] | None) -> tuple[Document, ...] | None:
        if names is None:
            return None
        asked = [names] if isinstance(names, str) else names
        found = {each.id: each for each in map(self.project._document_named, asked)}
        return tuple(found.values()) or None

    def side(self, name: str | Path, *, standard: bool = True) -> Side:
        """Return a layer of codings by hand, in the documents to compare: of a person, settled, or in a table.

        Documents that are asked for by name and of which a table says nothing were worked through without a code, when
        it is the standard; of other tables nobody knows, and they are missing there.
        """
        side = self._whole_side(name, standard=standard)
        if self.chosen is None:
            return side
        wanted = frozenset(each.id for each in self.chosen)
        return replace(side, layer=replace(side.layer, documents=side.layer.documents & wanted))

    def _whole_side(self, name: str | Path, *, standard: bool) -> Side:
        from qualcode.analysis.layers import Layer

        known = {each.layer for each in self.held.judgements}
        if isinstance(name, Path) or (name not in known and Path(name).suffix.lower() in _FILES):
            return self._table(Path(name), standard=standard)
        if name != SETTLED:
            (layer,) = self.project.layers([name], machine=False, codebook=self.book.id)
            return Side(layer, layer.coder)
        if self.held.unseen:
            raise self.project._still_blind()
        every = self.project.decided(self.book.id)
        kept = tuple(each for each in every if each.status != "rejected")
        if not every:
            raise self._nobody()
        through = self.project.worked_through(self.book.id) or frozenset(each.document_id for each in every)
        contested = sum(CONTESTED in each.flags for each in kept)
        notes = (f"{contested:,} of the codings by hand are contested, and count until somebody settles them.",)
        people = sorted({each.layer for each in self.held.judgements} - {SETTLED})
        told = f"what {_listed(people)} decided, conflicts settled" if len(people) > 1 else f"what {people[0]} decided"
        layer = Layer(SETTLED, through, tuple(each for each in kept if each.document_id in through))
        return Side(layer, told, notes if contested else ())

    def _table(self, path: Path, *, standard: bool) -> Side:
        """Return a table of codings as a layer."""
        from qualcode.analysis.layers import Layer
        from qualcode.interchange.handcoded import read_coded

        others = self.chosen is not None
        found = read_coded(path, self.project.documents.items, self.book, elsewhere=others, find=_stands)
        asked = frozenset(each.id for each in self.chosen or ())
        empty = [each.name for each in self.chosen or () if each.id not in found.documents]
        quiet = {"no code", "other documents"}  # that others are left out was asked for
        notes = [_passed(path.name, why, number) for why, number in found.passed_over.items() if why not in quiet]
        if found.moved:
            notes.append(f"{found.moved:,} rows of {path.name} were put on their words, which stand elsewhere now.")
        if empty and standard:
            notes.append(f"{path.name} has no row for {_listed(empty)}; taken as read through, without a code.")
        elif empty:
            notes.append(f"{path.name} has no row for {_listed(empty)}, which is missing there: not compared.")
        if not found.codings:
            raise ProjectError("QC-P071", f"{path.name} holds no coding by hand", where=str(path),
                               hint="Rows that are only suggested or rejected are not taken.")  # fmt: skip
        name = path.stem if path.stem not in {MACHINE, ""} else path.name
        documents = found.documents | asked if standard else found.documents
        return Side(Layer(name, documents, found.codings), path.name, tuple(notes), _UNKNOWN)

    def people(self, people: Iterable[str | Path] | None) -> list[str | Path]:
        """Return whom to compare with each other: those named, else all who decided anything, if two or more."""
        if people is not None:
            return list(dict.fromkeys([people] if isinstance(people, str | Path) else people))
        found: list[str | Path] = [*sorted({each.layer for each in self.held.judgements} - {SETTLED})]
        return found if len(found) > 1 and not self.held.state.blind else []

    def judged(
        self,
        corpus: Corpus,
        coders: Sequence[str] | None,
        candidate: str | Path | None,
        reference: Side,
        compared: Sequence[str],
        learn_from: Iterable[str] | None,
        progress: Callable[[str], None] | None,
    ) -> Judged:
        """Return what is judged: the last run, coders that are run now, or a table."""
        from qualcode.analysis.layers import Layer
        from qualcode.coding.codings import codings_of

        everywhere = frozenset(each.id for each in corpus.documents)
        if candidate is not None:
            return self._candidate(Path(candidate), everywhere)
        taught = self._named(learn_from)
        steady: list[Coding] = []
        notes: list[str] = []
        if self.held.state.hidden:
            raise self.project._still_blind()  # the report quotes what the machine suggests
        if coders is None:
            if self.held.made_from is None:
                raise self.project._not_coded()
            steady = list(self.project.machine_codings(self.book.id))
            order = [each.name for each in self.project.settings.coders]
            names = sorted(
                {each.coder for each in steady},
                key=lambda name: (order.index(name) if name in order else len(order), name),
            )
            had = [*order, *names]
            outdated = self.project._outdated(self.held.made_from, self.project._books)
            notes += [outdated] if outdated else []
            seen = any(each.document_id in compared for each in self.project.decided(self.book.id))
            again = [name for name in names if name not in STEADY] if seen else []
            steady = [each for each in steady if each.coder not in again]
            told = f"the last run ({', '.join(names) or 'which suggests nothing'})"
        else:
            again = had = list(dict.fromkeys(coders))
            told = ", ".join(again)
        if not again:
            return Judged(
                Layer(MACHINE, everywhere, tuple(steady), machine=True), told, notes=tuple(notes), coders=tuple(had)
            )
        run, teacher = self._run(again, corpus, compared, reference, taught, progress)
        found = codings_of(run.suggestions, corpus.documents, self.book)
        if coders is None and run.learnt:
            notes.append(f"{_listed(list(run.learnt))} had learnt from decisions in these documents, so what the last "
                         "run suggests by that is not judged; it was run again.")  # fmt: skip
        # Where only some coders were run again, the others' suggestions elsewhere still tell which rules hit there.
        layer = Layer(MACHINE, everywhere, (*steady, *found), machine=True)
        ranked = replace(run, ranking=None) if steady else run
        return Judged(layer, told, ranked, self._learnt(run, compared, teacher), tuple(notes), tuple(had))

    def _run(
        self,
        names: Sequence[str],
        corpus: Corpus,
        compared: Sequence[str],
        reference: Side,
        taught: tuple[Document, ...] | None,
        progress: Callable[[str], None] | None,
    ) -> tuple[Run, str]:
        """Return what coders suggest now, and in words who taught those that learn."""
        from qualcode.analysis.evaluation import run_held_out
        from qualcode.coding import make_coder

        book = self.project._book(
            self.book.id, self.project.codebooks
        )  # with its rules parsed, and faults in them told
        recipes = {each.name: each.parameters for each in self.project.settings.coders}
        made = [make_coder(name, codebook=book, **recipes.get(name, {})) for name in names]
        teachers = [each.id for each in taught] if taught is not None else None
        decided = self.project.decided(self.book.id)
        read = self.project.worked_through(self.book.id)
        teacher = "what was decided in the project"
        if not self._teaches(decided, read, compared, teachers):
            # The standard teaches instead; a table holds codings in other documents than those that are asked about.
            decided, teacher = reference.layer.codings, reference.told
            read = reference.layer.documents | {each.document_id for each in decided}
        run = run_held_out(
            made,
            corpus,
            compared,
            codings=decided,
            read=read,
            learn_from=teachers,
            model=self.project.settings.model,
            progress=progress,
        )
        return run, teacher

    def _teaches(
        self,
        decided: Sequence[Coding],
        read: frozenset[str] | None,
        compared: Sequence[str],
        teachers: Sequence[str] | None,
    ) -> bool:
        """Return whether what was decided in the project teaches something about each document that is compared."""
        known = {each.document_id for each in decided}
        known = (known | (read or frozenset())) & set(compared if teachers is None else teachers)
        return bool(decided) and all(known - {each} for each in compared)

    def _learnt(self, run: Run, compared: Sequence[str], teacher: str) -> str:
        """Return how coders that learn were kept from judging what they had learnt from, in a sentence or two."""
        if not run.learnt:
            return ""
        verb = "learns" if len(run.learnt) == 1 else "learn"
        who = f"{_listed(list(run.learnt))} {verb} from codings by hand ({teacher})"
        names = {each.id: each.name for each in self.project.documents}
        if len(run.folds) == 1:
            tests, teachers = run.folds[0]
            taught = _listed([names[each] for each in teachers])
            coded = _counted(len(tests), "other document")
            return f"{who}. It learnt from {taught} ({_counted(run.codings, 'coding')}), and coded {coded}."
        fewest, most = (choose(len(teachers) for _, teachers in run.folds) for choose in (min, max))
        number = f"{most} others" if fewest == most else f"{fewest} or {most} others"
        number = "other" if most == 1 else number
        return (f"No document was coded by what had learnt from it: for each of the {len(compared)}, "
                f"{_listed(list(run.learnt))} learnt from codings by hand in the {number} alone ({teacher}, "
                f"{run.codings:,} in all).")  # fmt: skip

    def _candidate(self, path: Path, everywhere: frozenset[str]) -> Judged:
        from qualcode.analysis.layers import Layer
        from qualcode.interchange.handcoded import read_coded

        found = read_coded(path, self.project.documents.items, self.book, suggested=True, elsewhere=True, find=_stands)
        notes = [_passed(path.name, why, number) for why, number in found.passed_over.items() if why != "no code"]
        if found.moved:
            notes.append(f"{found.moved:,} rows of {path.name} were put on their words, which stand elsewhere now.")
        layer = Layer(f"{path.stem} (candidate)", everywhere, found.codings, machine=True)
        return Judged(layer, path.name, notes=tuple(notes))

    def study(self, corpus: Corpus, compared: Sequence[str], level: str | None) -> Study:
        """Return the documents to compare, cut into units of a level."""
        from qualcode.analysis.study import study_of

        unit = cast(Unit, level) if level in ("sentence", "passage", "turn") else self.book.unit
        wanted = set(compared)
        documents = [each for each in corpus.documents if each.id in wanted]
        units = {each.id: corpus.index.unit_spans(each.id, unit) for each in documents}
        return study_of(documents, self.book, (), units=units, unit=unit, title=self.project.title)


def _stands(text: str, words: str) -> Sequence[Span]:
    return places_of(text, words) or places_of(text, words, loosely=True)


def named_apart(layers: Sequence[Layer], reference: Layer) -> list[Layer]:
    """Return the layers with names of their own; the very reference keeps its name."""
    found: list[Layer] = []
    for each in layers:
        name, number = each.coder, 2
        while name in {one.coder for one in found} or (name == reference.coder and each.codings != reference.codings):
            name, number = f"{each.coder} ({number})", number + 1
        found.append(replace(each, coder=name))
    return found


def examples_of(book: Codebook, layer: Layer) -> dict[str, tuple[str, str]]:
    """Return what the examples say that spoke for a coding, by id."""
    if not any(each.coder not in {"rules", "person", ""} for each in layer.codings):
        return {}
    from qualcode.codebook.bank import load_bank
    from qualcode.coding.exemplars.material import exemplars_of

    return {each.id: (each.text, "an example") for each in exemplars_of(book, load_bank(book))}


def _passed(name: str, why: str, number: int) -> str:
    told = {"suggested": "only suggested", "other documents": "of documents that the project does not have"}
    return f"{number:,} rows of {name} were passed over: {told.get(why, why)}."


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
