"""How good the machine's coding is, held against what people coded: as a value, a page, tables."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import ProjectError
from qualcode.project.judging import Judging, examples_of, named_apart
from qualcode.project.learning import Learning
from qualcode.project.writing import check_replaceable, write_together

if TYPE_CHECKING:
    from qualcode.analysis.evaluation import Evaluation
    from qualcode.analysis.levels import Level

__all__ = ["Evaluating"]


class Evaluating(Learning):
    """The verb that judges the machine."""

    def evaluate(
        self,
        against: str | Path | None = None,
        *,
        coders: Sequence[str] | None = None,
        candidate: str | Path | None = None,
        people: Iterable[str | Path] | None = None,
        documents: Iterable[str] | None = None,
        learn_from: Iterable[str] | None = None,
        level: Level | None = None,
        codes: Iterable[str] | None = None,
        codebook: str | None = None,
        replicates: int = 2000,
        seed: int = 0,
        confidence: float = 0.95,
        terms: bool = True,
        progress: Callable[[str], None] | None = None,
    ) -> Evaluation:
        """Return how good the machine's coding is, held against codings by hand.

        What is judged are the suggestions of the last run. Where these come from a coder that learns, and there is
        something that it can have learnt from, the coder is run again instead, each document coded by a coder that has
        learnt from the others alone.

        Args:
            against: a person, ``settled`` (what people decided, conflicts settled), or a table of codings
                (:func:`~qualcode.interchange.handcoded.read_coded`). If not given: the one person who decided
                anything, or what is settled among several.
            coders: names of coders to run now and to judge, with the parameters that the recipe has for them.
            candidate: a table of codings to judge instead of a machine's.
            people: persons and tables to compare with each other too; if not given, all who decided anything, when
                they are two or more.
            documents: names (or their beginnings) of the documents to compare; all that were worked through by hand.
            learn_from: documents that coders learn from; if not given, the others of those that are compared.
            level: what is compared: sentence, turn, passage, token or document; the codebook's unit if not given.
            codes: ids or labels; these and the codes below them only.
            codebook: one of the project's; the first if not given.
            replicates, seed, confidence: of the bootstrap intervals; 0 replicates for none.
            terms: look at the words inside rules, too.
            progress: told what is being done.

        Raises:
            ProjectError: QC-P033, QC-P034 for layers that cannot be had, QC-P006 when nothing is coded, QC-P031 for a
                document that is not there, QC-P070 when nobody has decided anything.
            ExchangeError: QC-T001 to QC-T007 for a table that cannot be read.
            AnalysisError: QC-A070 when there is no document to compare, QC-A071 when there is nothing to learn from,
                QC-A003 for a code, QC-A030 to QC-A032 for layers and levels.
            CodingError: when a coder does not exist or cannot run.
        """
        from qualcode.analysis.evaluation.evaluated import Told, evaluate, rule_texts
        from qualcode.analysis.evaluation.grid import nothing_in_common

        book = self._book(codebook, self._books)
        find = Judging(self, book, documents)
        reference = find.side(against if against is not None else find.usual())
        compared = [each.id for each in self.documents if each.id in reference.layer.documents]
        if not compared:
            raise nothing_in_common(reference.layer.coder, "the documents that are named")
        corpus = self.corpus(codebook)
        judged = find.judged(corpus, coders, candidate, reference, compared, learn_from, progress)
        sides = [find.side(each, standard=False) for each in find.people(people)]
        notes = (*reference.notes, *(note for side in sides for note in side.notes), *judged.notes)
        study = find.study(corpus, compared, level)
        return evaluate(
            study,
            reference.layer,
            judged.layer,
            people=named_apart([each.layer for each in sides], reference.layer),
            level=level,
            codes=codes,
            ranking=judged.run.ranking if judged.run is not None else None,
            rejected=[each for each in self.decided(codebook) if each.status == "rejected"],
            coders=judged.coders,
            texts={**rule_texts(study), **examples_of(book, judged.layer)},
            index=corpus.index if terms else None,
            told=Told(judged.told, judged.learnt, reference.told, tuple(dict.fromkeys(notes)), reference.origin),
            replicates=replicates,
            seed=seed,
            confidence=confidence,
        )

    def evaluation_page(
        self,
        made: Evaluation,
        path: Path | str | None = None,
        *,
        command: str = "qualcode evaluate",
        date: str | None = None,
        dry_run: bool = False,
    ) -> Path:
        """Write an evaluation as one HTML page and return its path, ``output/evaluation.html`` unless given.

        Raises:
            ProjectError: QC-P013 when another file is in the way.
            ExportError: QC-E020 when it cannot be written.
        """
        from qualcode.report.evaluation import EVALUATION_MARK, evaluation_html, evaluation_page
        from qualcode.report.provenance import provenance

        target = self._target(path, "evaluation.html")
        check_replaceable(target, EVALUATION_MARK)
        page = evaluation_page(
            made,
            title=self.title,
            date=date or datetime.date.today().isoformat(),
            made_with=provenance(command=command),
        )
        if not dry_run:
            write_together({target: evaluation_html(page)})
        return target

    def evaluation_files(self, made: Evaluation, folder: Path | str, *, dry_run: bool = False) -> tuple[Path, ...]:
        """Write all tables of an evaluation as CSV into a folder and return their paths.

        Raises:
            ProjectError: QC-P010 when it is a file, QC-P013 when another file is in the way.
            ExportError: QC-E020 when they cannot be written.
        """
        from qualcode.analysis.evaluation import evaluation_tables

        folder = Path(folder)
        if folder.exists() and not folder.is_dir():
            raise ProjectError("QC-P010", "this is a file, and a folder is needed", where=str(folder),
                               hint="Give the folder that the tables go into.")  # fmt: skip
        files: dict[Path, str | bytes] = {}
        for table in evaluation_tables(made):
            text = table.to_csv()
            target = folder / f"{table.name}.csv"
            check_replaceable(target, text.split("\n", 1)[0])
            files[target] = text
        if not dry_run:
            write_together(files)
        return tuple(files)
