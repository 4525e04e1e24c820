"""Where a coding comes from: who or what made it, when, with which rule, under which wording of the codebook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.errors import LedgerError
from qualcode.model.codes import Codebook
from qualcode.model.ledger import CREATING, Entry, Operation
from qualcode.project.deciding import Decisions
from qualcode.review.choosing import find
from qualcode.review.passages import Standing

if TYPE_CHECKING:
    from qualcode.store import Store

__all__ = ["Blame", "BlameLine", "Blaming"]


@dataclass(frozen=True, slots=True)
class BlameLine:
    """One thing that happened to a coding."""

    at: str
    person: str
    what: str
    reason: str
    operation: str


@dataclass(frozen=True, slots=True)
class Blame:
    """Everything that is known of one coding.

    Attributes:
        standing: the passage, its code and how it stands.
        document: name of its document.
        lines: what happened to it, in order.
        rules: of each rule that spoke for it, its id and its query as both were then (the query is empty when the
            wording of then is not kept and the rule is gone).
        words: the words that matched.
        codebook: name and version of the codebook that was in force.
        codebook_sha256: of its file; empty when nobody noted it.
        stale: in a sentence, whether the code's definition has changed since; empty when it has not.
    """

    standing: Standing
    document: str
    lines: tuple[BlameLine, ...]
    rules: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    codebook: str
    codebook_sha256: str
    stale: str


class Blaming(Decisions):
    """The verb that asks where codings come from."""

    _earlier: tuple[tuple[str, str | None], Codebook | None] | None = None

    def blame(
        self, coding: str | None = None, *, document: str | None = None, at: int | None = None,
        quote: str | None = None, codebook: str | None = None,
    ) -> tuple[Blame, ...]:  # fmt: skip
        """Return all that is known of a coding (by its id), or of all codings at a place or on words.

        Args:
            coding: id, or the beginning of one.
            document, at: a document and a code point in it.
            quote: words, as in :meth:`~Decisions.code_by_hand`.
            codebook: one of the project's; the first if not given.

        Raises:
            LedgerError: QC-L021 and QC-L022 for the id, QC-L035 when no coding is there.
        """
        held = self.held(codebook)
        every = (*held.standings, *held.lost)
        if coding is not None:
            chosen = [find(every, coding)]
        else:
            if quote is None and (document is None or at is None):
                raise LedgerError("QC-L023", "say which coding",
                                  hint="Give its id, or --quote TEXT, or --document NAME --at OFFSET.")  # fmt: skip
            span = (at, at + 1) if quote is None and at is not None else None
            place = self._passage(document, quote, span)
            chosen = [each for each in every if each.passage.document_id == place.document_id
                      and each.passage.span.overlaps(place.span)]  # fmt: skip
            if not chosen:
                raise LedgerError("QC-L035", "there is no coding at this place",
                                  hint="List what is coded: qualcode codings DIR")  # fmt: skip
        names = {each.id: each.name for each in self.documents}
        return tuple(self._blamed(each, held.book, names) for each in chosen)

    def _blamed(self, standing: Standing, book: Codebook, names: dict[str, str]) -> Blame:
        origin = standing.origin
        lines: list[BlameLine] = []
        if origin.coder != "person":
            rules = ", ".join(origin.rules)
            told = f"suggested by {origin.coder}" + (f" ({rules})" if rules else "")
            lines.append(BlameLine("", origin.coder, told, "", ""))
        names_then: list[str] = []
        with self._store(to_read=True) as store:
            past = _past(store, [each.id for each in standing.judgements])
            made = {each.id for each in standing.judgements}
            names_then += [entry.code for _, entry in past if entry.id in made]
            past += self._renamings(store, past, standing)
            past.sort(key=lambda pair: pair[0].order)
            lines += [_line(operation, entry) for operation, entry in past]
            then = self._wording(store, origin.codebook_sha256, book)
            moved = self._moves_since(store, book, origin.codebook_sha256) if then is not None else {}
        names_then += [standing.code, *(name for name, new in moved.items() if new == standing.code)]
        # Ids like A1-3 are made of a rule's place, so that another rule may have the id by now.
        queries = {rule.id: rule.find or "tokens" for code in then or book for rule in code.rules}
        return Blame(
            standing,
            names.get(standing.passage.document_id, ""),
            tuple(lines),
            tuple((rule, queries.get(rule, "")) for rule in origin.rules),
            origin.words,
            f"{standing.codebook} {origin.codebook_version}".strip(),
            origin.codebook_sha256,
            _stale(then, standing, book, names_then),
        )

    def _wording(self, store: Store, sha256: str, book: Codebook) -> Codebook | None:
        """Return a codebook as it was in an earlier wording, or ``None`` when that is not kept."""
        from qualcode.codebook.load import ALL_VARIANTS, parse_codebook

        if sha256 == book.sha256:
            return book
        if self._earlier is None or self._earlier[0] != (sha256, book.variant):
            text = store.codebook_text(sha256) if sha256 else None
            variant = book.variant or ALL_VARIANTS
            found = parse_codebook(text, file="codebook", variant=variant, queries=False).codebook if text else None
            self._earlier = ((sha256, book.variant), found)
        return self._earlier[1]

    def _renamings(
        self, store: Store, past: list[tuple[Operation, Entry]], standing: Standing
    ) -> list[tuple[Operation, Entry]]:
        """Return the changes of the codebook that moved a coding from code to code."""
        made = [pair for pair in past if pair[1].kind in CREATING and not pair[1].content.get("settles")]
        if not made:
            return []
        first, entry = min(made, key=lambda pair: pair[0].order)
        code, gone = entry.code, store.fallen()
        found: list[tuple[Operation, Entry]] = []
        for operation in store.operations(verb="codebook"):
            if operation.id in gone or operation.order < first.order:
                continue
            for each in operation.entries:
                codes = each.content.get("codes", {})
                if each.kind == "codebook" and each.codebook == standing.codebook and code in codes:
                    found.append((operation, each))
                    code = str(codes[code])
        return found


def _past(store: Store, judgements: Iterable[str]) -> list[tuple[Operation, Entry]]:
    """Return what happened to judgements and to those that they took the place of or settle, each entry once."""
    found: dict[str, tuple[Operation, Entry]] = {}
    ahead = list(judgements)
    seen = set(ahead)
    while ahead:
        key = ahead.pop()
        for operation, entry in store.history(key):
            found.setdefault(entry.id, (operation, entry))
            if entry.id == key:
                earlier = {*entry.targets, *entry.content.get("settles", ())} - seen
                seen |= earlier
                ahead += sorted(earlier)
    return list(found.values())


def _line(operation: Operation, entry: Entry) -> BlameLine:
    content = entry.content
    told = {
        "code": "coded by hand",
        "accept": "accepted",
        "reject": "rejected",
        "move": f"put under {entry.code}" + (f", from {content['from']}" if "from" in content else ""),
        "adjudicate": f"settled: {content.get('verdict', '')}",
        "place": "placed again in the edited text",
        "uncode": "taken back",
        "codebook": f"followed its code: {operation.summary}",
    }.get(entry.kind, entry.kind)
    if entry.kind == "reanchor":
        reason = content.get("orphan", "")
        told = f"lost its place: {reason}" if reason else f"found again in the edited text ({content.get('how')})"
    return BlameLine(operation.at, operation.person, told, entry.reason, operation.id)


def _stale(then: Codebook | None, standing: Standing, book: Codebook, names: Iterable[str]) -> str:
    """Return whether what a code means has changed since a coding was made, in a sentence.

    ``names`` are ids that the code may have had then, the likeliest first.
    """
    from qualcode.codebook.meaning import definition_digest

    if standing.code not in book:
        return f"the codebook no longer has the code {standing.code}"
    if standing.origin.codebook_sha256 in ("", book.sha256):
        return ""
    if then is None:
        return "the codebook it was made under is not kept"
    name = next((name for name in names if name in then), None)
    if name is None:
        return "the code did not exist then"
    if definition_digest(then[name]) != definition_digest(book[standing.code]):
        return f"the definition of {standing.code} has changed since"
    return ""
