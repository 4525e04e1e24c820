"""Deciding: code by hand, accept, reject, move, take back; one step of the ledger each time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Literal

from qualcode.errors import LedgerError
from qualcode.model.codes import Codebook
from qualcode.model.document import Document, Span
from qualcode.model.ledger import Draft, NewEntry, Operation, Origin, Passage, passage_at
from qualcode.project.standing import Held
from qualcode.project.viewing import Views
from qualcode.review.choosing import Choice, choose
from qualcode.review.deciding import hand_coding, moves, removals, verdicts
from qualcode.review.passages import Standing, without_place

__all__ = ["Decided", "Decisions"]

Names = str | Iterable[str] | None

_ALIKE = ("'\u2019\u2018\u02bc", '"\u201c\u201d\u201e', "\u2013\u2014\u2011\u2010-")
"""Characters that a person who types a quote takes for one another: apostrophes, quotes, dashes."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did (or, with ``dry_run``, would do).

    Attributes:
        verb: ``code``, ``accept``, ``reject``, ``move`` or ``uncode``.
        entries: what was written, passage by passage.
        operation: its id, which ``undo`` names; empty with ``dry_run`` and when there was nothing to do.
        passed_over: how many chosen passages were already decided so.
    """

    verb: str
    entries: tuple[NewEntry, ...]
    operation: str = ""
    passed_over: int = 0

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def passages(self) -> tuple[tuple[str, Passage], ...]:
        """Each code with the passage it is about."""
        return tuple((each.code, each.passage) for each in self.entries if each.passage is not None)


class Decisions(Views):
    """The verbs that decide."""

    def code_by_hand(
        self,
        code: str,
        *,
        document: str | None = None,
        quote: str | None = None,
        span: tuple[int, int] | Span | None = None,
        where: str | None = None,
        codebook: str | None = None,
        facets: Mapping[str, str] | None = None,
        reason: str = "",
        dry_run: bool = False,
    ) -> Decided:
        """Code a passage by hand, or all that a search finds, and return what was written.

        Args:
            code: id or label of the code.
            document: name of the document; needed with ``span``, and with ``quote`` when several have the words.
            quote: the words, white space aside (case, quotes and dashes too, when they stand nowhere to the letter);
                they must stand in one place only.
            span: code points in the document's text, half-open.
            where: a query; each hit's sentence (the codebook's unit) is coded.
            codebook: one of the project's; the first if not given.
            facets: values of the codebook's facets.
            reason: why.
            dry_run: only say what would be written.

        Raises:
            LedgerError: QC-L023 when not exactly one of ``quote``, ``span`` and ``where`` is given, QC-L024 for a span
                that does not lie in the text, QC-L025 for words that are not there, QC-L026 for words
                that stand in several places.
            ProjectError: for a document or code that is not there.
        """
        held = self.held(codebook)
        wanted = self._code_to_give(code, held.book)
        self._check_facets(held.book, facets or {})
        if sum(each is not None for each in (quote, span, where)) != 1:
            raise LedgerError(
                "QC-L023",
                "say what to code: a quote, a span or a search",
                hint="One of --quote TEXT, --span START:END (with --document) and --where QUERY.",
            )
        if where is not None:
            places = list(self._units_of(where, held.book, document))
        else:
            places = [self._passage(document, quote, span)]
        origin = Origin(facets=dict(facets or {}), codebook_version=held.book.version,
                        codebook_sha256=held.book.sha256)  # fmt: skip
        entries = tuple(
            hand_coding(places, held.judgements, codebook=held.book.id, code=wanted, origin=origin,
                        person=self.person, reason=reason)
        )  # fmt: skip
        return self._decide("code", entries, len(places), held, dry_run)

    def accept(
        self,
        *,
        ids: Names = None,
        code: Names = None,
        rule: Names = None,
        coder: Names = None,
        document: Names = None,
        where: str | None = None,
        all: bool = False,  # noqa: A002 - the word of the command line
        codebook: str | None = None,
        reason: str = "",
        dry_run: bool = False,
    ) -> Decided:
        """Accept what is suggested, and return what was written. What is given narrows the choice together.

        Args:
            ids: of passages, as ``codings`` lists them.
            code: ids or labels; a code stands for those below it too.
            rule: ids of rules.
            coder: names of coders.
            document: names of documents.
            where: a query; a passage that a hit touches is meant.
            all: everything, when nothing else is given.
            codebook: one of the project's; the first if not given.
            reason: why.
            dry_run: only say what would be written.

        Raises:
            LedgerError: QC-L020 when nothing says which, QC-L021 and QC-L022 for ids.
        """
        return self._verdict("accept", self._choice(ids, code, rule, coder, document, where, all), codebook, reason,
                             dry_run=dry_run)  # fmt: skip

    def reject(
        self,
        *,
        ids: Names = None,
        code: Names = None,
        rule: Names = None,
        coder: Names = None,
        document: Names = None,
        where: str | None = None,
        all: bool = False,  # noqa: A002 - the word of the command line
        codebook: str | None = None,
        reason: str = "",
        dry_run: bool = False,
    ) -> Decided:
        """Reject what is suggested, with a reason, and return what was written; chosen as in :meth:`accept`."""
        return self._verdict("reject", self._choice(ids, code, rule, coder, document, where, all), codebook, reason,
                             dry_run=dry_run)  # fmt: skip

    def move(
        self,
        *,
        to: str,
        ids: Names = None,
        code: Names = None,
        rule: Names = None,
        coder: Names = None,
        document: Names = None,
        where: str | None = None,
        all: bool = False,  # noqa: A002 - the word of the command line
        codebook: str | None = None,
        reason: str = "",
        dry_run: bool = False,
    ) -> Decided:
        """Put passages under another code, and return what was written; chosen as in :meth:`accept`.

        A suggestion is rejected under its own code and coded under the new one. Codings under a code that the codebook
        no longer has can be moved as well.
        """
        held = self.held(codebook)
        target = self._code_to_give(to, held.book)
        asked = self._choice(ids, code, rule, coder, document, where, all)
        chosen = self._chosen(held, asked, ("suggested", "accepted", "coded"), with_lost=True)
        chosen = self._unsettled(chosen, asked)
        entries = tuple(moves(chosen, held.judgements, to=target, person=self.person, reason=reason,
                              suggested=held.suggestions))  # fmt: skip
        return self._decide("move", entries, len(chosen), held, dry_run)

    def uncode(
        self,
        *,
        ids: Names = None,
        code: Names = None,
        rule: Names = None,
        coder: Names = None,
        document: Names = None,
        where: str | None = None,
        all: bool = False,  # noqa: A002 - the word of the command line
        codebook: str | None = None,
        reason: str = "",
        dry_run: bool = False,
    ) -> Decided:
        """Take back what the person decided (a suggestion waits again), and return what was written.

        Chosen as in :meth:`accept`, among codings by hand, accepted and rejected ones, and orphans that ``ids`` names.
        """
        held = self.held(codebook)
        asked = self._choice(ids, code, rule, coder, document, where, all)
        # What has no place in the text is taken back only when it is named: a person has to see it first.
        chosen = self._chosen(
            held, asked, ("accepted", "coded", "rejected"), with_lost=True, with_orphans=bool(asked.ids)
        )
        chosen = self._unsettled(chosen, asked)
        entries = tuple(removals(chosen, person=self.person, reason=reason))
        return self._decide("uncode", entries, len(chosen), held, dry_run)

    def chosen(
        self,
        *,
        ids: Names = None,
        code: Names = None,
        rule: Names = None,
        coder: Names = None,
        document: Names = None,
        where: str | None = None,
        status: Names = None,
        codebook: str | None = None,
    ) -> tuple[Standing, ...]:
        """Return passages and how they stand; all when nothing narrows the choice. ``status`` is one or several."""
        held = self.held(codebook)
        statuses = _names(status) or ("suggested", "accepted", "rejected", "coded")
        return self._chosen(held, self._choice(ids, code, rule, coder, document, where, everything=True), statuses,
                            with_lost=True)  # fmt: skip

    def _verdict(
        self, kind: Literal["accept", "reject"], choice: _Asked, codebook: str | None, reason: str, *, dry_run: bool
    ) -> Decided:
        held = self.held(codebook)
        # What is decided is changed, or decided by one more person, only when it is named.
        statuses = ("suggested", "accepted", "coded", "rejected") if choice.ids else ("suggested",)
        chosen = self._unsettled(self._chosen(held, choice, statuses), choice)
        entries = tuple(verdicts(chosen, held.judgements, kind=kind, person=self.person, reason=reason))
        return self._decide(kind, entries, len(chosen), held, dry_run)

    def _chosen(
        self,
        held: Held,
        asked: _Asked,
        statuses: Iterable[str],
        *,
        with_lost: bool = False,
        with_orphans: bool = False,
    ) -> tuple[Standing, ...]:
        every = (*held.standings, *((each for each in held.lost if each.judgements) if with_lost else ()))
        if with_orphans:
            every += without_place(held.orphans)
        return choose(every, self._resolved(asked, held), statuses=frozenset(statuses))

    def _unsettled(self, chosen: tuple[Standing, ...], asked: _Asked) -> tuple[Standing, ...]:
        """Return those that adjudication has not settled: it stands above what people decide by themselves.

        Raises:
            LedgerError: QC-L029 when one that is settled is named.
        """
        if asked.ids:
            self._check_unsettled(chosen)
        return tuple(each for each in chosen if not each.settled)

    def _check_unsettled(self, chosen: Iterable[Standing]) -> None:
        for each in chosen:
            if each.settled:
                raise LedgerError("QC-L029", f"{each.id} is settled between several people",
                                  hint=self._say("Settle it anew:", "adjudicate", each.id))  # fmt: skip

    def _resolved(self, asked: _Asked, held: Held) -> Choice:
        """Return a choice with ids in the place of names."""
        codes: set[str] | None = None
        if asked.codes:
            codes = set()
            lost = {each.code for each in held.lost}
            for name in asked.codes:
                wanted = name if name in lost else self._code_named(name, held.book)
                codes.add(wanted)
                if wanted in held.book:
                    codes |= {each.id for each in held.book.descendants(wanted)}
        if asked.rules or asked.coders:
            _check_known(asked, held, {each.name for each in self.settings.coders})
        documents = {self._document_named(name).id for name in asked.documents} if asked.documents else None
        where: dict[str, list[Span]] | None = None
        if asked.where is not None:
            where = {}
            for document, span in self._hits(asked.where, held.book):
                where.setdefault(document.id, []).append(span)
        return Choice(
            ids=asked.ids,
            codes=frozenset(codes) if codes is not None else None,
            rules=frozenset(asked.rules) if asked.rules else None,
            coders=frozenset(asked.coders) if asked.coders else None,
            documents=frozenset(documents) if documents is not None else None,
            where=where,
            everything=asked.everything,
        )

    @staticmethod
    def _choice(
        ids: Names, code: Names, rule: Names, coder: Names, document: Names, where: str | None, everything: bool
    ) -> _Asked:
        return _Asked(_names(ids), _names(code), _names(rule), _names(coder), _names(document), where, everything)

    def _hits(self, query: str, book: Codebook) -> Iterator[tuple[Document, Span]]:
        """Yield what a query finds, in the documents as they are now."""
        hits = self.search(query, codebook=book.id)
        documents = {each.name: each for each in self.documents}
        for hit in hits:
            yield documents[hit.document], Span(hit.start, hit.end)

    def _units_of(self, query: str, book: Codebook, document: str | None) -> Iterator[Passage]:
        """Yield the counting units that a query's hits lie in, each once."""
        wanted = self._document_named(document).id if document is not None else None
        units = self._units(book)
        seen: set[tuple[str, Span]] = set()
        for found, span in self._hits(query, book):
            if wanted not in (None, found.id):
                continue
            over = _over(units[found.id], span) or [span]
            place = Span(over[0].start, over[-1].end)
            if (found.id, place) not in seen:
                seen.add((found.id, place))
                yield passage_at(found, place)

    def _passage(self, document: str | None, quote: str | None, span: tuple[int, int] | Span | None) -> Passage:
        if span is not None:
            if document is None:
                raise LedgerError("QC-L023", "a span needs its document", hint="Add --document NAME.")
            found = self._document_named(document)
            start, end = (span.start, span.end) if isinstance(span, Span) else span
            if not 0 <= start < end <= len(found.text) or not found.text[start:end].strip():
                raise LedgerError("QC-L024", f"{start}:{end} is no place in {found.name}, which has "
                                  f"{len(found.text)} characters", hint="Offsets count code points from 0; the end is "
                                  "after the last one.")  # fmt: skip
            return passage_at(found, Span(start, end))
        assert quote is not None
        among = [self._document_named(document)] if document is not None else list(self.documents)
        places = [(each, found) for each in among for found in places_of(each.text, quote)]
        if not places:  # a keyboard has not the transcript's quotes and dashes; what is coded is what stands there
            places = [(each, found) for each in among for found in places_of(each.text, quote, loosely=True)]
        if not places:
            raise LedgerError(
                "QC-L025",
                f"these words stand nowhere: {_short(quote)}",
                where=document,
                hint="Copy them from the transcript, or give --span START:END.",
            )
        if len(places) > 1:
            told = ", ".join(f"{each.name} {found.start}:{found.end}" for each, found in places[:6])
            raise LedgerError("QC-L026", f"these words stand in {len(places)} places: {_short(quote)}",
                              hint=f"Say more of them, or give --document and --span: {told}")  # fmt: skip
        return passage_at(*places[0])

    def _check_facets(self, book: Codebook, facets: Mapping[str, str]) -> None:
        known = {each.id: each.values for each in book.facets}
        for name, value in facets.items():
            if name not in known or value not in known[name]:
                told = "; ".join(f"{key}: {', '.join(values)}" for key, values in known.items()) or "none"
                raise LedgerError("QC-L027", f"the codebook {book.id} has no facet {name}={value}",
                                  hint=f"Its facets are {told}.")  # fmt: skip

    def _decide(self, verb: str, entries: tuple[NewEntry, ...], chosen: int, held: Held, dry_run: bool) -> Decided:
        decided = {(each.content.get("from", each.code), each.passage) for each in entries}
        over = max(0, chosen - len(decided))
        if dry_run or not entries:
            return Decided(verb, entries, passed_over=over)
        operation = self._record(verb, entries, _told(verb, entries), books=[held.book])
        return Decided(verb, entries, operation.id, over)

    def _record(
        self,
        verb: str,
        entries: Iterable[NewEntry],
        summary: str,
        *,
        books: Sequence[Codebook] = (),
        dry_run: bool = False,
    ) -> Operation:
        """Write an operation and return it; with ``dry_run`` only return it, without an id."""
        draft = Draft(verb, self.person, tuple(entries), summary)
        if dry_run:
            from qualcode.store.ledger import written

            return written(draft, id="", clock=0, replica="", at="")
        texts = [Path(book.path).read_bytes() for book in books if book.path is not None]
        with self._store() as store:
            return store.record(draft, codebooks=texts)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was said of which passages are meant, in names."""

    ids: tuple[str, ...]
    codes: tuple[str, ...]
    rules: tuple[str, ...]
    coders: tuple[str, ...]
    documents: tuple[str, ...]
    where: str | None
    everything: bool


def _over(units: Sequence[Span], span: Span) -> list[Span]:
    """Return the units, which are in order and apart, that a span shares a character with."""
    first = max(0, bisect_right(units, span.start, key=lambda unit: unit.start) - 1)
    found: list[Span] = []
    for unit in islice(units, first, None):
        if unit.start >= span.end:
            break
        if unit.overlaps(span):
            found.append(unit)
    return found


def places_of(text: str, quote: str, *, loosely: bool = False) -> list[Span]:
    """Return where words stand in a text, any white space for any other; overlapping places count apart.

    ``loosely``, case and the kinds of quotes, apostrophes and dashes are not told apart either.
    """
    import re

    words = quote.split()
    if not words:
        return []
    spelt = _spelt_loosely if loosely else re.escape
    pattern = re.compile(r"\s+".join(map(spelt, words)), re.IGNORECASE if loosely else 0)
    found: list[Span] = []
    at = 0
    while (match := pattern.search(text, at)) is not None:
        found.append(Span(*match.span()))
        at = match.start() + 1
    return found


def _spelt_loosely(word: str) -> str:
    import re

    return "".join(next((f"[{kinds}]" for kinds in _ALIKE if each in kinds), re.escape(each)) for each in word)


def _names(given: Names) -> tuple[str, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)


def _short(words: str, length: int = 60) -> str:
    told = " ".join(words.split())
    return f"\u201c{told if len(told) <= length else told[: length - 1].rstrip() + '…'}\u201d"


def _told(verb: str, entries: Sequence[NewEntry]) -> str:
    codes = list(dict.fromkeys(each.code for each in entries if each.kind != "reject" or verb == "reject"))
    named = ", ".join(codes[:3]) + (f" and {len(codes) - 3} more codes" if len(codes) > 3 else "")
    count = sum(1 for each in entries if each.kind != "reject" or verb == "reject")
    return f"{count} passage{'s' * (count != 1)} ({named})"


def _check_known(asked: _Asked, held: Held, recipe: Iterable[str]) -> None:
    """Raise QC-L039 for a rule or a coder that no passage and no rule of the codebook has."""
    origins = [each.origin for each in (*held.standings, *held.lost)]
    origins += [each.origin for each in held.orphans]
    rules = {rule for each in origins for rule in each.rules} | {rule.id for code in held.book for rule in code.rules}
    coders = {each.coder for each in origins if each.coder} | {"person", *recipe}
    for what, names, known in (("rule", asked.rules, rules), ("coder", asked.coders, coders)):
        for name in names:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                there = f"There are: {', '.join(sorted(known)) or 'none yet'}."
                hint = f"Did you mean {near[0]!r}?" if near else there
                raise LedgerError("QC-L039", f"there is no {what} {name!r}",
                                  hint=hint if what == "coder" or near else
                                  "Rules are named as 'blame' tells them, for example A1-2.")  # fmt: skip
