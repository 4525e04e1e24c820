"""Topic models of a project: compared, fitted with what they need, and kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from qualcode.errors import ProjectError
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding
from qualcode.project.editing import Editing
from qualcode.project.learning import Learning
from qualcode.project.opened import INDEX
from qualcode.project.topicfiles import fit_key, kept_comparison, kept_model

if TYPE_CHECKING:
    from qualcode.analysis.study import Study
    from qualcode.coding.topics.comparison import Comparison
    from qualcode.coding.topics.mapping import CodeMap
    from qualcode.coding.topics.model import Kind, Pooled, Pooling, TopicModel
    from qualcode.coding.topics.sheet import TopicSheet

__all__ = ["ENOUGH_DECIDED", "FITS", "KS", "TalkOptions", "TopicModels", "TopicOptions", "TopicStudy"]

KS = (4, 6, 8, 10, 12, 16)
"""Numbers of topics that are compared when none is given, as far as there is talk for them."""
FITS = 5
"""Fits with different seeds of chance, which show what another run would find."""
ENOUGH_DECIDED = 20
"""With fewer passages decided by people, topics are compared with what the machine suggests."""
SEGMENTS_A_TOPIC = 4


class TalkOptions(TypedDict, total=False):
    """What all models of topics are made with.

    ``seed``: of chance, the settings' unless given. ``fits``: fits with different seeds. ``pool``, ``words``: how talk
    is cut into segments, and how long these are. ``without``: words that are left out, such as people's names.
    ``codes``: whose seeds are used, those of codes below them too. ``codebook``: one of the project's.
    """

    seed: int | None
    fits: int
    pool: Pooling
    words: int
    without: Sequence[str]
    codes: Sequence[str]
    codebook: str | None


class TopicOptions(TalkOptions, total=False):
    """What one model is made with.

    ``kind``: ``nmf``, ``lda`` (gensim) or ``tomotopy``. ``free``: as many topics beside one for each code with a
    seed word that somebody says, in the place of a number of topics.
    """

    kind: Kind | None
    free: int | None


@dataclass(frozen=True)
class TopicStudy:
    """A fitted model with all that is told of it.

    Attributes:
        sheet: topic by topic.
        pooled: the talk, in segments.
        others: fits with other seeds of chance; of NMF, in which there is hardly any, fits of 80 % of the segments.
        codes: how each topic goes with each code; ``None`` when nothing is coded.
        study: cases and codebook.
    """

    sheet: TopicSheet
    pooled: Pooled
    others: tuple[TopicModel, ...]
    codes: CodeMap | None
    study: Study

    @property
    def model(self) -> TopicModel:
        """The model."""
        return self.sheet.model


class TopicModels(Editing, Learning):
    """Comparing and fitting. What is fitted is kept in ``.index/topics``, which may be deleted."""

    def compare_topics(
        self,
        ks: Sequence[int] | None = None,
        *,
        free: Sequence[int] | None = None,
        kinds: Sequence[Kind] | None = None,
        progress: Callable[[str], None] | None = None,
        **options: Unpack[TalkOptions],
    ) -> Comparison:
        """Return models of different kinds and numbers of topics, each fitted with several seeds; no winner is named.

        Args:
            ks: numbers of topics; some usual ones unless given.
            free: numbers of free topics beside one for each code that has seeds, in the place of ``ks``.
            kinds: which methods; NMF and the default LDA unless given.
            progress: is told what is fitted.
            options: as in :class:`TalkOptions`.

        Raises:
            ProjectError: QC-P005 when there are no documents, QC-P050 when both ``ks`` and ``free`` are given.
            CodingError: when there is too little talk, or a setting cannot be used.
        """
        from qualcode.coding.topics.comparison import compare
        from qualcode.coding.topics.seeding import excluded_of, heard

        if ks is not None and free is not None:
            raise self._both_given()
        book, pooled = self._pooled(options)
        seeds = self._seeds(book, options, wanted=free is not None)
        if free is not None:
            numbers = [len(heard(pooled, seeds)) + each for each in free]
        else:
            numbers = list(ks) if ks is not None else [k for k in KS if k * SEGMENTS_A_TOPIC <= len(pooled)] or [2]
        chance, fits = self._seed(options), options.get("fits", FITS)

        excluded = dict(excluded_of(book)) if seeds else {}
        key = fit_key(
            pooled, compared=numbers, kinds=tuple(kinds or ()), fits=fits, seed=chance, seeds=seeds, excluded=excluded
        )
        return kept_comparison(
            self._kept,
            key,
            lambda: compare(pooled, numbers, kinds=kinds, seeds=fits, seed=chance, seed_words=seeds or None,
                            excluded=excluded, progress=progress),
        )  # fmt: skip

    def topics(self, k: int | None = None, **options: Unpack[TopicOptions]) -> TopicStudy:
        """Return a fitted model told topic by topic: words, quotes, people and cases, and the codes it goes with.

        Codes are tested against what people decided, in the documents that they worked through, once there are
        :data:`ENOUGH_DECIDED` passages; before, against what the machine suggests.

        Args:
            k: number of topics, none of them seeded.
            options: as in :class:`TopicOptions`; ``free`` in the place of ``k`` for seeded topics.

        Raises:
            ProjectError: QC-P005 when there are no documents, QC-P050 without a number of topics or with both.
            CodingError: when there is too little talk for so many, or a setting cannot be used.
        """
        from qualcode.analysis.study import study_of
        from qualcode.coding.topics.mapping import map_to_codes
        from qualcode.coding.topics.sheet import topic_sheet

        book, pooled = self._pooled(options)
        model, others = self._fitted(k, pooled, book, options)
        coded_by, codings, read = self._told_codes(book)
        codes = map_to_codes(model, pooled, codings, documents=read) if coded_by else None
        reproduced = _reproduced(model, others)
        sheet = topic_sheet(model, pooled, codes=codes, coded_by=coded_by, reproduced=reproduced, fits=len(others),
                            index=self._corpus().index)  # fmt: skip
        left_out = options.get("without") or ()
        if left_out:
            sheet = dataclasses.replace(sheet, notes=(f"Words left out: {', '.join(left_out)}.", *sheet.notes))
        study = study_of(pooled.units.documents, book, (), units={}, title=self.title)
        return TopicStudy(sheet, pooled, others, codes, study)

    # What the verbs rest on

    @property
    def _kept(self) -> Path:
        return self.folder / INDEX / "topics"

    def _pooled(self, options: TalkOptions) -> tuple[Codebook, Pooled]:
        from qualcode.coding.topics.pooling import WORDS, pool
        from qualcode.coding.topics.words import STOP_WORDS
        from qualcode.text.fold import fold
        from qualcode.text.lemmas import lemmas_of

        book = self._book(options.get("codebook"), self._books)
        without = {fold(each) for each in options.get("without") or ()}
        without |= {lemma for each in without for lemma in lemmas_of(each)}
        pooled = pool(self._corpus(), by=options.get("pool", "run"), words=options.get("words", WORDS),
                      roles_left_out=book.roles_left_out, stop_words=STOP_WORDS | without)  # fmt: skip
        return book, pooled

    def _seed(self, options: TalkOptions) -> int:
        seed = options.get("seed")
        return self.settings.seed if seed is None else seed

    def _seeds(self, book: Codebook, options: TalkOptions, *, wanted: bool) -> dict[str, tuple[str, ...]]:
        """Return the seed words by code; nothing unless they are ``wanted``."""
        from qualcode.coding.topics.seeding import seeds_of

        chosen = options.get("codes") or ()
        if not wanted:
            if chosen:
                raise ProjectError("QC-P050", "codes seed topics only where free topics stand beside them",
                                   hint="Say how many: --free 4, in the place of --k.")  # fmt: skip
            return {}
        found = dict(seeds_of(book, [self._code_named(each, book) for each in chosen] if chosen else None))
        if not found:
            raise ProjectError("QC-P050", f"no code of {book.id} has seed words" + " among these" * bool(chosen),
                               where=book.path, hint="Write some: seeds: {words: [trust, honest]}. "
                               "Or find topics without: --k 8.")  # fmt: skip
        return found

    def _fitted(
        self, k: int | None, pooled: Pooled, book: Codebook, options: TopicOptions
    ) -> tuple[TopicModel, tuple[TopicModel, ...]]:
        from qualcode.coding.topics.fit import default_lda, fit_topics
        from qualcode.coding.topics.seeding import excluded_of, heard

        free = options.get("free")
        if (k is None) == (free is None):
            if k is not None:
                raise self._both_given()
            raise ProjectError("QC-P050", "the number of topics is not given", where=str(self.folder),
                               hint=self._say("Compare some first:", "topics"))  # fmt: skip
        seeds = self._seeds(book, options, wanted=free is not None)
        number = k if k is not None else len(heard(pooled, seeds)) + (free or 0)
        excluded = dict(excluded_of(book)) if seeds else {}
        asked = options.get("kind")
        kind = asked or default_lda()
        first = self._seed(options)

        def one(seed: int, *, again: bool = False) -> TopicModel:
            drawn = _drawn(pooled, number, seed) if again and kind == "nmf" else None
            key = fit_key(
                pooled, kind=kind, asked=asked is not None, k=number, seed=seed, seeds=seeds, excluded=excluded,
                drawn=drawn is not None,
            )  # fmt: skip
            return kept_model(
                self._kept,
                key,
                pooled,
                lambda: fit_topics(
                    pooled, number, kind=asked, seed=seed, seeds=seeds or None, excluded=excluded, sample=drawn
                ),
            )

        more = range(first + 1, first + max(options.get("fits", FITS), 1))
        return one(first), tuple(one(seed, again=True) for seed in more)

    def _told_codes(self, book: Codebook) -> tuple[str, Sequence[Coding], frozenset[str] | None]:
        """Return who gave the codes that topics are compared with, these codings, and the documents to look in."""
        held = self.held(book.id)
        decided = [each for each in self.decided(book.id) if each.status != "rejected"]
        if len(decided) >= ENOUGH_DECIDED:
            read = self.worked_through(book.id)
            return "people", decided, read if read else frozenset(each.document_id for each in decided)
        if held.made_from is not None and not held.state.hidden:
            return "machine", self.machine_codings(book.id), frozenset(each.id for each in self.documents)
        return "", (), None

    def _both_given(self) -> ProjectError:
        return ProjectError("QC-P050", "the number of topics is given twice", where=str(self.folder),
                            hint="k is for topics without seeds, free for those beside the codes' own.")  # fmt: skip


def _reproduced(model: TopicModel, others: Sequence[TopicModel]) -> Sequence[float] | None:
    """Return for each topic how alike it is to its match in other fits, on average."""
    from qualcode.coding.topics.matching import stability

    return stability([model, *others]).by_topic if others else None


def _drawn(pooled: Pooled, k: int, seed: int) -> Any:
    """Return the segments in which NMF finds its topics anew: there is hardly any chance in it otherwise."""
    import numpy as np

    from qualcode.coding.topics.comparison import SAMPLE

    n = len(pooled)
    return np.sort(np.random.default_rng(seed).choice(n, max(min(k, n), round(SAMPLE * n)), replace=False))
