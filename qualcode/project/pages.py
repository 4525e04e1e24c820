"""Two pages to work from: codings that lost their place, and passages on which coders differ."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.project.memos import Memos
from qualcode.project.sharing import Sharing
from qualcode.project.viewing import MACHINE
from qualcode.project.writing import check_replaceable, write_together

if TYPE_CHECKING:
    from qualcode.analysis.levels import Level
    from qualcode.model.codes import Codebook
    from qualcode.report.commands import Commands

__all__ = ["Pages"]


class Pages(Memos, Sharing):
    """The verbs that write work-lists: one HTML file each, which needs no network, no script and no server."""

    def orphans_page(
        self,
        path: Path | str | None = None,
        *,
        codebook: str | None = None,
        date: str | None = None,
        dry_run: bool = False,
    ) -> Path:
        """Write the codings that lost their place, old text beside new, and return the path of the page.

        Under each proposal stands the command that takes it (:meth:`~History.place`). With nothing lost, the page says
        so.

        Args:
            path: ``output/orphans.html`` unless given.
            codebook: one of the project's; the first if not given.
            date: in its head, ``YYYY-MM-DD``; today's if not given.
            dry_run: make it, write nothing.

        Raises:
            ProjectError: QC-P013 when another file is in the way, QC-P007 for a codebook that is not there.
            ExportError: QC-E020 when it cannot be written.
        """
        from qualcode.report.orphans import Lost, orphans_page
        from qualcode.report.worklists import ORPHANS_MARK, orphans_html

        target = self._target(path, "orphans.html")
        check_replaceable(target, ORPHANS_MARK)
        book = self._book(codebook, self._books)
        documents = {each.name: each for each in self.documents}
        found = self.orphans(codebook)
        lost: list[Lost] = []
        if found:
            with self._store(to_read=True) as store:
                for each in found:
                    passage = each.judgement.passage
                    old = store.version(passage.document_id, passage.document_sha256)
                    lost.append(Lost(each.judgement, each.document, old, documents.get(each.document), each.proposals))
        page = orphans_page(
            lost,
            book,
            title=self.title,
            commands=self._commands(book),
            date=date or _today(),
            memos=self.memos(),
        )
        if not dry_run:
            write_together({target: orphans_html(page)})
        return target

    def disagreements_page(
        self,
        path: Path | str | None = None,
        *,
        people: Iterable[str] | None = None,
        level: Level | None = None,
        codebook: str | None = None,
        date: str | None = None,
        dry_run: bool = False,
    ) -> Path:
        """Write the passages on which people differ, as the work-list of a meeting, and return the path of the page.

        What is settled already (:meth:`~Sharing.adjudicate`) is not listed again.

        Args:
            path: ``output/disagreements.html`` unless given.
            people: whose readings; all who decided anything if not given. ``machine`` is what was suggested.
            level: what is compared: sentence, turn, passage, token or document; the codebook's unit if not given.
            codebook: one of the project's; the first if not given.
            date: in its head, ``YYYY-MM-DD``; today's if not given.
            dry_run: make it, write nothing.

        Raises:
            ProjectError: QC-P034 while people code blind, QC-P033 for a person who decided nothing, QC-P013 when
                another file is in the way.
            AnalysisError: QC-A032 for a level that cannot be had.
            ExportError: QC-E020 when it cannot be written.
        """
        from qualcode.model.ledger import SETTLED
        from qualcode.report.disputes import disagreements_page
        from qualcode.report.worklists import DISAGREEMENTS_MARK, disagreements_html

        conflicts = self.conflicts(codebook)
        target = self._target(path, "disagreements.html")
        check_replaceable(target, DISAGREEMENTS_MARK)
        wanted = None if people is None else [people] if isinstance(people, str) else list(people)
        layers = self.layers(wanted, machine=wanted is not None and MACHINE in wanted, codebook=codebook)
        done = self.coded(codebook)
        page = disagreements_page(
            done.study,
            [each for each in layers if each.coder != SETTLED],
            self.held(codebook).judgements,
            conflicts,
            level=level or done.study.unit,
            commands=self._commands(done.codebook),
            date=date or _today(),
            memos=self.memos(),
        )
        if not dry_run:
            write_together({target: disagreements_html(page)})
        return target

    def _commands(self, book: Codebook) -> Commands:
        """Return the project's commands; a codebook that is not the first has to be named in them."""
        from qualcode.report.commands import Commands

        return Commands(str(self.folder), book.id if book.id != self._books[0].id else "")


def _today() -> str:
    return datetime.date.today().isoformat()
