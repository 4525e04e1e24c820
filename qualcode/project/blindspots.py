"""Blind spots of a project: talk that no code touched, in groups."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from qualcode.project.learning import Learning

if TYPE_CHECKING:
    from qualcode.analysis.blindspots import BlindSpots
    from qualcode.analysis.study import Study
    from qualcode.coding import Corpus
    from qualcode.model.table import Table
    from qualcode.report.model import BlindspotChapter

__all__ = ["BlindspotOptions", "BlindspotVerbs", "chapter_of"]


class BlindspotOptions(TypedDict, total=False):
    """How talk is grouped: see :func:`qualcode.analysis.blindspots.blindspots`."""

    clusters: int | None
    decided_only: bool
    minimum: int
    fewest_words: int
    replicates: int
    seed: int | None


class BlindspotVerbs(Learning):
    """The part of a project that looks at what no code touched."""

    def blindspots(self, *, codebook: str | None = None, **options: Unpack[BlindspotOptions]) -> BlindSpots:
        """Return participants' talk that no code touched, in groups that share words.

        Args:
            codebook: one of the project's; the first if not given.
            options: ``seed`` is the settings' unless given; the others are those of
                :func:`qualcode.analysis.blindspots.blindspots`.

        Raises:
            AnalysisError: QC-A040 for a number out of range, QC-A041 when nothing is coded, QC-A042 when people decided
                nothing and only that counts.
            ProjectError: as :meth:`coded`.
        """
        return _found(self.coded(codebook).study, self.corpus(codebook), self.settings.seed, options)

    def blindspot_table(
        self, *, codebook: str | None = None, long: bool = False, **options: Unpack[BlindspotOptions]
    ) -> Table:
        """Return blind spots as a table: a row for each group or, ``long``, for each passage."""
        from qualcode.analysis.blindspots import blindspot_passages, blindspot_table

        done = self.coded(codebook)
        found = _found(done.study, self.corpus(codebook), self.settings.seed, options)
        table = (blindspot_passages if long else blindspot_table)(done.study, found)
        told = (*table.notes, *([done.outdated] if done.outdated else []), *done.notes)
        return dataclasses.replace(table, notes=told)

    def blindspot_chapter(self, codebook: str | None = None) -> BlindspotChapter | None:
        """Return what a report says of them; ``None`` when nothing is coded."""
        return chapter_of(self.coded(codebook).study, self.corpus(codebook), folder=str(self.folder),
                          seed=self.settings.seed, codebook=codebook or "")  # fmt: skip


def chapter_of(
    study: Study, corpus: Corpus, *, folder: str, seed: int = 0, codebook: str = ""
) -> BlindspotChapter | None:
    """Return what the report of a study says of its blind spots; ``None`` when nothing is coded.

    ``folder`` is the project's, for the commands to type next; empty where there is no project.
    """
    from qualcode.report.blindspots import blindspot_chapter

    if not study.codings:
        return None
    return blindspot_chapter(_found(study, corpus, seed, {}), folder=folder, codebook=codebook)


def _found(study: Study, corpus: Corpus, seed: int, options: BlindspotOptions) -> BlindSpots:
    from qualcode.analysis.blindspots import blindspots
    from qualcode.codebook.bank import load_bank

    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    return blindspots(study, corpus, bank=load_bank(study.codebook), **{"seed": seed, **given})
