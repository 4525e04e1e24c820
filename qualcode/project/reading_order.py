"""Reading what matters first: what to read next, sittings of reading, how far it is, and replays of a coded study."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from qualcode.errors import LedgerError
from qualcode.ledger.readings import reading_content
from qualcode.model.ledger import NewEntry, Origin, ReadPassage
from qualcode.project.deciding import Decided
from qualcode.project.learning import Learning
from qualcode.project.reading_desk import Desk, Shown, waiting_over
from qualcode.project.sharing import Sharing
from qualcode.review.deciding import hand_coding, verdicts
from qualcode.review.passages import Standing

if TYPE_CHECKING:
    from qualcode.analysis.layers import Layer
    from qualcode.model.document import Span
    from qualcode.model.table import Table
    from qualcode.project.standing import Held
    from qualcode.review.reading.learning import Learner
    from qualcode.review.reading.orders import Order, Ranked
    from qualcode.review.reading.progress import Progress
    from qualcode.review.reading.session import Answer, ReadingSession, Written
    from qualcode.review.reading.simulation import Simulation
    from qualcode.review.reading.sofar import SoFar

__all__ = ["Queue", "ReadingOrder", "Sitting"]

LEARNERS = ("classifier", "quick")


@dataclass(frozen=True, slots=True)
class Queue:
    """What to read next.

    Attributes:
        code: for which code; ``None`` for all: each passage then stands under the likeliest code nobody has decided it
            for.
        order: by which order.
        by: what the scores rest on.
        items: the passages.
        progress: how far the reading for the code is; ``None`` for all.
    """

    code: str | None
    order: str
    by: str
    items: tuple[Shown, ...]
    progress: Progress | None

    def __len__(self) -> int:
        return len(self.items)


class Sitting:
    """A session of reading in a project: :attr:`session` goes on and back, :meth:`show` gives the passage to look at.

    Every answer is a step of the ledger before the next passage comes.
    """

    def __init__(self, desk: Desk, session: ReadingSession, code: str) -> None:
        self._desk = desk
        self.session = session
        self.code = code

    @property
    def label(self) -> str:
        """The code's name."""
        return self._desk.book[self.code].label

    @property
    def definition(self) -> str:
        """The code's definition."""
        return self._desk.book[self.code].definition

    def show(self) -> Shown | None:
        """Return the present passage; ``None`` when there is none left."""
        pick = self.session.pick
        if pick is None:
            return None
        return self._desk.shown(pick, self.code, self.session.ranked, self.session.so_far)


class ReadingOrder(Sharing, Learning):
    """The verbs of reading in order."""

    def queue(
        self,
        code: str | None = None,
        *,
        order: Order | None = None,
        n: int = 20,
        seed: int | None = None,
        learner: str = "classifier",
        codebook: str | None = None,
    ) -> Queue:
        """Return what to read next, best first, with what speaks for it; nothing is written.

        Args:
            code: id or label; without one, every passage stands under the likeliest code that nobody has decided it
                for.
            order: ``mixed``, ``relevance``, ``uncertainty``, ``diversity`` or ``random``; ``mixed`` for a code and
                ``relevance`` for all codes if not given. In a list the random ones stand first: read before the
                others, they are drawn from all that were unread.
            n: how many.
            seed: of chance; the settings' unless given.
            learner: ``classifier``, or ``quick``: a model of this code alone, in milliseconds.
            codebook: one of the project's; the first if not given.

        Raises:
            LedgerError: QC-L042 for an order or a learner that there is not, QC-L043 while suggestions are hidden and
                the order is not ``random``.
            ProjectError: for a code or codebook that is not there, QC-P005 when there are no documents.
        """
        from qualcode.review.reading.orders import next_passages

        desk = self._desk(codebook)
        order = order or ("relevance" if code is None else "mixed")
        self._check_order(order, learner, desk)
        chance = self.settings.seed if seed is None else seed
        if code is None:
            return self._queue_of_all(desk, order, n, chance, learner)
        wanted = self._code_to_give(code, desk.book)
        done = desk.so_far(wanted)
        ranked = self._ranked(desk, wanted, done, order, learner)
        picks = next_passages(order, ranked, done.unread, n=n, code=wanted, seed=chance, lately=done.order,
                              spare=desk.spare(wanted, ranked), batch=True)  # fmt: skip
        items = tuple(desk.shown(pick, wanted, ranked, done) for pick in picks)
        return Queue(wanted, order, ranked.by, items, desk.progress(wanted, done))

    def reading(
        self,
        code: str,
        *,
        order: Order = "mixed",
        seed: int | None = None,
        check: bool = False,
        learn_every: int = 5,
        background: bool = False,
        learner: str = "classifier",
        target: float = 0.95,
        confidence: float = 0.95,
        codebook: str | None = None,
    ) -> Sitting:
        """Begin a sitting: passages one by one, each answer written at once.

        Args:
            code: id or label.
            order, seed, learner, codebook: as for :meth:`queue`.
            check: draw a random sample of the unread passages whose size is fixed now, so large that reading can stop
                when none of it has the code; or go on with one that was begun.
            learn_every: answers between two times of learning.
            background: whether learning has a thread of its own, so that no passage waits for it.
            target, confidence: of the stopping rules.

        Raises:
            LedgerError: as :meth:`queue`; QC-L044 when a check is asked for and nothing is found yet, or too little is
                left for a miss.
            ProjectError: as :meth:`queue`; QC-P041 for a heading.
        """
        from qualcode.review.reading.session import ReadingSession

        desk = self._desk(codebook)
        self._check_order("random" if check else order, learner, desk)
        wanted = self._code_to_give(code, desk.book)
        done = desk.so_far(wanted)
        if check:
            self._check_possible(desk, wanted, done, target, confidence)

        def write(answer: Answer) -> Written:
            return self._write_answer(desk, wanted, answer)

        session = ReadingSession(
            done, _Later(lambda: self._learner(desk, wanted, learner)), write=write, take_back=self.take_back,
            code=wanted, label=desk.book[wanted].label, order=order, check=check,
            seed=self.settings.seed if seed is None else seed, learn_every=learn_every, background=background,
            target=target, confidence=confidence,
        )  # fmt: skip
        return Sitting(desk, session, wanted)

    def reading_progress(
        self,
        code: str | Iterable[str] | None = None,
        *,
        target: float = 0.95,
        confidence: float = 0.95,
        codebook: str | None = None,
    ) -> tuple[Progress, ...]:
        """Return how far the reading is for each code: how much was found, with an interval, and whether to stop.

        Args:
            code: ids or labels; without any, all codes of which a passage was read.
            target, confidence: of the stopping rules.
            codebook: one of the project's; the first if not given.

        Raises:
            StatisticsError: QC-N063 for a target or a confidence that is no share.
        """
        desk = self._desk(codebook)
        given = [code] if isinstance(code, str) else list(code or ())
        wanted = [self._code_to_give(each, desk.book) for each in given]
        if not given:
            wanted = [each.id for each in desk.book if each.codable and each.status != "retired"]
        found = []
        for each in wanted:
            done = desk.so_far(each)
            if given or len(done.order):
                found.append(desk.progress(each, done, target, confidence))
        return tuple(found)

    def reading_table(self, *, codes: Iterable[str] | None = None, confidence: float = 0.95,
                      codebook: str | None = None) -> Table:  # fmt: skip
        """Return :meth:`reading_progress` as a table with a row for each code."""
        from qualcode.review.reading.progress import progress_table

        found = self.reading_progress(list(codes or ()) or None, confidence=confidence, codebook=codebook)
        return progress_table(found)

    def readings(self, codebook: str | None = None) -> tuple[ReadPassage, ...]:
        """Return which passages people read one by one, in the ledger's order; while people code blind, one's own."""
        held = self.held(codebook)
        if not self._database.exists():
            return ()
        with self._store(to_read=True) as store:
            every = store.readings(held.book.id)
        return tuple(each for each in every if not held.state.blind or each.person == self.person)

    def take_back(self, step: str) -> None:
        """Take back one step, if it is the person's latest.

        Raises:
            LedgerError: QC-L005 when something else was done since, QC-L003 when there is nothing to undo.
        """
        with self._store() as store:
            store.undo(self.person, by=self.person, expected=step)

    def simulate(
        self,
        code: str | Iterable[str] | None = None,
        *,
        layer: str | Path | None = None,
        orders: Sequence[Order] = ("mixed", "relevance", "uncertainty", "diversity", "random"),
        seeds: int = 5,
        step: int = 10,
        rules: Sequence[str] = ("row", "ranked", "check", "audit"),
        documents: Iterable[str] | None = None,
        coders: Sequence[str] | None = None,
        learner: str = "quick",
        seed: int | None = None,
        target: float = 0.95,
        confidence: float = 0.95,
        codebook: str | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> Simulation:
        """Read a coded study again in each order, and return how soon each finds what people found.

        Args:
            code: ids or labels; without any, all codes that at least five passages have.
            layer: whose codings are the truth: a person, ``settled``, or a CSV file with the columns document, start,
                end and code; the person who coded most if not given.
            orders: which.
            seeds: how often each order is replayed, with other chance.
            step: passages between two times of learning at first; later a twentieth of what was read.
            rules: stopping rules to look at.
            documents: names; all that the layer worked through if not given (of a file: all that it names).
            coders: which coders' scores are there before the first label: of those that need none, the recipe's and the
                examples if not given.
            learner: as for :meth:`queue`; the classifier ranks better, and takes minutes for each replay.
            seed: the first seed; the settings' unless given.
            target, confidence: of the stopping rules.
            codebook: one of the project's; the first if not given.
            tell: is told what is being done.

        Raises:
            LedgerError: QC-L042 for an order, rule or learner that there is not, QC-L045 when nothing can be replayed.
            ExchangeError: QC-T001 to QC-T007 for a file that cannot be read or does not fit.
            ProjectError: QC-P033 for a person who decided nothing.
        """
        from qualcode.project.replaying import simulate

        return simulate(
            self, code=code, layer=layer, orders=orders, seeds=seeds, step=step, rules=rules, documents=documents,
            coders=coders, learner=learner, seed=self.settings.seed if seed is None else seed, target=target,
            confidence=confidence, codebook=codebook, tell=tell or (lambda _: None),
        )  # fmt: skip

    def worked_through(self, codebook: str | None = None) -> frozenset[str] | None:
        """Return the ids of the documents that were worked through, as :meth:`Learning.worked_through`.

        Once passages were read one by one, those are among them in which somebody coded by hand other passages than
        these: who answers for one passage, or judges a suggestion, has not read the talk around it.
        """
        marked = super().worked_through(codebook)
        if marked is not None:
            return marked
        held = self.held(codebook)
        singly = self._singly(held)
        if not singly:
            return None
        return frozenset(
            each.passage.document_id
            for each in held.judgements
            if each.verdict == "coded" and each.id not in singly and not each.orphan
        )

    def layers(
        self, people: Iterable[str] | None = None, *, machine: bool = True, codebook: str | None = None
    ) -> tuple[Layer, ...]:
        """Return the codings of each person, as :meth:`Views.layers`.

        Of who marked no document as worked through, those count in which they decided more than passages that came to
        them one by one.
        """
        layers = super().layers(people, machine=machine, codebook=codebook)
        held = self.held(codebook)
        singly = self._singly(held)
        if not singly:
            return layers
        marked = {person for person, _, book in held.state.done if book in ("", held.book.id)}
        found = []
        for layer in layers:
            if not layer.machine and layer.coder not in marked:
                through = {each.passage.document_id for each in held.judgements
                           if each.layer == layer.coder and each.id not in singly and not each.orphan}  # fmt: skip
                kept = tuple(each for each in layer.codings if each.document_id in through)
                layer = replace(layer, documents=frozenset(through), codings=kept)
            found.append(layer)
        return tuple(found)

    def _singly(self, held: Held) -> frozenset[str]:
        """Return the ids of the judgements of passages that came to people one by one, also of a change of mind."""
        every = self.readings(held.book.id)
        ids = {each.judgement for each in every if each.judgement}
        read: dict[tuple[str, str, str], list[Span]] = {}
        for each in every:
            read.setdefault((each.person, each.code, each.passage.document_id), []).append(each.passage.span)
        return frozenset(
            each.id
            for each in held.judgements
            if each.id in ids
            or any(each.passage.span.overlaps(span)
                   for span in read.get((each.layer, each.code, each.passage.document_id), ()))
        )  # fmt: skip

    def _verdict(
        self, kind: Literal["accept", "reject"], choice: Any, codebook: str | None, reason: str, *, dry_run: bool
    ) -> Decided:
        from qualcode.review.reading.passages import LISTED, RANDOM

        named = [each for each in choice.ids if each.strip()[:1] in (LISTED, RANDOM)]
        if not named:
            return super()._verdict(kind, choice, codebook, reason, dry_run=dry_run)
        desk = self._desk(codebook)
        asked = [self._code_named(each, desk.book) for each in choice.codes]
        codes = asked or [each.id for each in desk.book if each.codable and each.status != "retired"]
        others = tuple(each for each in choice.ids if each not in named)
        entries: list[NewEntry] = []
        if others:
            rest = replace(choice, ids=others)
            chosen = self._unsettled(
                self._chosen(desk.held, rest, ("suggested", "accepted", "coded", "rejected")), rest
            )
            entries += verdicts(chosen, desk.held.judgements, kind=kind, person=self.person, reason=reason)
        taken = {(row, each.code) for each in entries if each.passage for row in desk.rows_under(each.passage)}
        for name in named:
            entries += self._listed(desk, name.strip(), codes, kind, reason, taken)
        judged = tuple(each for each in entries if each.kind != "read")
        over = len(choice.ids) - len(judged)
        if dry_run or not judged:
            return Decided(kind, judged, passed_over=over)
        named_codes = ", ".join(dict.fromkeys(each.code for each in judged))
        told = f"{len(judged)} passage{'s' * (len(judged) != 1)} ({named_codes})"
        return Decided(kind, judged, self._record(kind, entries, told, books=[desk.book]).id, over)

    def _listed(
        self, desk: Desk, name: str, codes: Sequence[str], kind: Literal["accept", "reject"], reason: str,
        taken: set[tuple[int, str]],
    ) -> list[NewEntry]:  # fmt: skip
        """Return the entries that decide a passage of the queue, named by its id; none for one that is decided.

        Args:
            taken: rows and codes that the same step decides already; what this passage decides is added.

        Raises:
            LedgerError: QC-L021 when there is no such passage.
        """
        from qualcode.review.reading.passages import RANDOM, find_passage

        place = find_passage(desk.units, name, desk.book.id, codes)
        if place is None:
            raise LedgerError("QC-L021", f"there is no passage {name!r}",
                              hint=self._say("An id changes with the words of its transcript. List them:", "queue"),
                              )  # fmt: skip
        row, code = place
        done = desk.so_far(code)
        if not done.unread[row] or (row, code) in taken:
            return []
        also = {other for other, own in taken if own == code and done.unread[other]}
        found = len(done.found) + (len(also) if kind == "accept" else 0)
        content = reading_content(order="random" if name[0] == RANDOM else "listed",
                                  among=int(done.unread.sum()) - len(also), before=found, mark=desk.mark)  # fmt: skip
        made = self._judged(desk, desk.held, row, code, kind, content, reason)
        taken |= {(each, code) for entry in made if entry.passage for each in desk.rows_under(entry.passage)}
        return made

    def _judged(
        self, desk: Desk, held: Held, row: int, code: str, kind: Literal["accept", "reject"],
        content: Mapping[str, Any], reason: str = "",
    ) -> list[NewEntry]:  # fmt: skip
        """Return the entries that decide a passage: the judgement, and that it was read."""
        from qualcode.review.reading.passages import place_of

        place = place_of(desk.units, row)
        waiting = waiting_over(held, place, code)
        if waiting is not None:
            made = list(verdicts([waiting], held.judgements, kind=kind, person=self.person, reason=reason))
        else:
            origin = Origin(codebook_version=desk.book.version, codebook_sha256=desk.book.sha256)
            if kind == "accept":
                made = list(hand_coding([place], held.judgements, codebook=desk.book.id, code=code, origin=origin,
                                        person=self.person, reason=reason))  # fmt: skip
            else:
                alone = Standing("", "suggested", place, desk.book.id, code, origin)
                made = list(verdicts([alone], held.judgements, kind=kind, person=self.person, reason=reason))
        return [*made, NewEntry("read", place, desk.book.id, code, content=content)] if made else []

    def _write_answer(self, desk: Desk, code: str, answer: Answer) -> Written:
        from qualcode.review.reading.passages import place_of
        from qualcode.review.reading.session import Written

        held = self.held(desk.book.id)
        row = answer.pick.row
        content = reading_content(
            order=answer.pick.order, among=answer.among, before=answer.before, mark=desk.mark,
            score=answer.pick.score, check=answer.check, attempt=answer.attempt, judged=answer.said != "undecided",
        )  # fmt: skip
        if answer.said == "undecided":
            entries = [NewEntry("read", place_of(desk.units, row), desk.book.id, code, content=content)]
        else:
            entries = self._judged(desk, held, row, code, "accept" if answer.said == "yes" else "reject", content)
        if not entries:  # somebody decided it meanwhile
            return Written("", (row,))
        told = f"{code}: {answer.said}" + (", drawn at random" if answer.pick.random else "")
        step = self._record("read", entries, told, books=[desk.book]).id
        judged = entries[0].passage
        assert judged is not None
        return Written(step, desk.rows_under(judged))

    def _desk(self, codebook: str | None) -> Desk:
        held = self.held(codebook)
        through = super().worked_through(held.book.id) or frozenset()
        return Desk(held, self._corpus(), self.readings(held.book.id), through,
                    lambda: self.corpus(held.book.id))  # fmt: skip

    def _check_order(self, order: str, learner: str, desk: Desk) -> None:
        from qualcode.review.reading.orders import ORDERS

        for what, value, known in (("order", order, ORDERS), ("learner", learner, LEARNERS)):
            if value not in known:
                raise LedgerError("QC-L042", f"there is no {what} {value!r}", hint=f"One of: {', '.join(known)}.")
        if desk.held.state.hidden and order != "random":
            raise LedgerError("QC-L043", "people code without suggestions here, and this order follows the machine",
                              hint="Read in random order (--order random), or end it: "
                              + self._say("", "release").strip())  # fmt: skip

    def _check_possible(self, desk: Desk, code: str, done: SoFar, target: float, confidence: float) -> None:
        progress = desk.progress(code, done, target, confidence)
        begun = done.checks[-1].left if done.checks else 0
        if not progress.needed and not begun:
            told = "nothing was found yet" if not progress.found else "so little is unread that the aim is reached"
            raise LedgerError("QC-L044", f"there is no sample to draw: {told}",
                              hint=self._say("See how far it is:", "stopping", "--code", code))  # fmt: skip

    def _learner(self, desk: Desk, code: str, name: str) -> Learner:
        from qualcode.review.reading.learning import CoderLearner, QuickLearner

        if name == "quick":
            return QuickLearner(desk.vectors, desk.before([code])[:, 0])
        from qualcode.coding import make_coder

        coder: Any = make_coder(name, codebook=desk.book, codes=(code,))
        others = tuple(each for each in self.decided(desk.book.id) if each.code != code)
        return CoderLearner(
            lambda corpus, codings: coder.fit(corpus, codings).scores(corpus), self.corpus(desk.book.id), desk.units,
            desk.book, code, desk.vectors, desk.before([code])[:, 0], others, desk.through,
        )  # fmt: skip

    def _ranked(self, desk: Desk, code: str, done: SoFar, order: str, learner: str) -> Ranked:
        from qualcode.review.reading.orders import Ranked

        if order == "random":
            import numpy as np

            return Ranked(np.zeros(len(desk.units)), by="nothing")
        return self._learner(desk, code, learner).learn(done.labels)

    def _queue_of_all(self, desk: Desk, order: Order, n: int, seed: int, learner: str) -> Queue:
        """Return passages for the whole book: each under the likeliest code that nobody has decided it for."""
        import numpy as np

        from qualcode.review.reading.orders import Ranked, next_passages

        codes = [each.id for each in desk.book if each.codable and each.status != "retired"]
        done = [desk.so_far(code) for code in codes]
        if learner == "classifier" and order != "random":
            ranked = self._ranked_at_once(desk, codes, done)
        else:
            ranked = [self._ranked(desk, code, each, order, learner) for code, each in zip(codes, done, strict=True)]
        values = np.column_stack([np.where(each.unread, own.values, -1.0)
                                  for each, own in zip(done, ranked, strict=True)])  # fmt: skip
        best = values.argmax(axis=1)
        whole = Ranked(np.maximum(values.max(axis=1), 0), 0.5, "all codes", desk.vectors if order != "random" else None)
        picks = next_passages(order, whole, values.max(axis=1) >= 0, n=n, code=desk.book.id, seed=seed, batch=True)
        items = tuple(
            desk.shown(pick, codes[best[pick.row]], ranked[best[pick.row]], done[best[pick.row]], listed=True)
            for pick in picks
        )  # fmt: skip
        return Queue(None, order, whole.by, items, None)

    def _ranked_at_once(self, desk: Desk, codes: Sequence[str], done: Sequence[SoFar]) -> list[Ranked]:
        """Return the scores of every code: of those with a yes and a no the classifier's, which is fitted once."""
        from qualcode.coding import make_coder
        from qualcode.review.reading.learning import BEFORE, LEARNT, aligned
        from qualcode.review.reading.orders import Ranked

        before = desk.before(codes)
        taught = [{0, 1} <= set(each.labels.tolist()) for each in done]
        scores: Any = None
        if any(taught):
            coder: Any = make_coder("classifier", codebook=desk.book)
            corpus = replace(self.corpus(desk.book.id), read=desk.through)
            scores = coder.fit(corpus, self.decided(desk.book.id)).scores(corpus)
        return [
            Ranked(aligned(scores, desk.units, code), 0.5, LEARNT, desk.vectors) if known
            else Ranked(before[:, at], 0.5, BEFORE, desk.vectors)
            for at, (code, known) in enumerate(zip(codes, taught, strict=True))
        ]  # fmt: skip


class _Later:
    """A learner that is made when it is first asked: reading at random needs none."""

    def __init__(self, make: Callable[[], Learner]) -> None:
        self._make = make

    @cached_property
    def _learner(self) -> Learner:
        return self._make()

    def learn(self, labels: Any) -> Ranked:
        """Return what the learner makes of labels."""
        return self._learner.learn(labels)
