"""Orphans: codings that an edited transcript has no place for, and putting them where they belong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qualcode.errors import LedgerError
from qualcode.model.document import Document, Span
from qualcode.model.ledger import Judgement, NewEntry, Passage, passage_at
from qualcode.project.deciding import Decisions

if TYPE_CHECKING:
    from qualcode.ledger.anchor import Alignment
    from qualcode.store import Store

__all__ = ["Orphan", "Placing"]


@dataclass(frozen=True, slots=True)
class Orphan:
    """A judgement that has no place in the present text, with places to put it, the likeliest first (0 … 1)."""

    judgement: Judgement
    document: str
    proposals: tuple[tuple[Passage, float], ...]

    @property
    def reason(self) -> str:
        """Why it has none."""
        return self.judgement.orphan


class Placing(Decisions):
    """The verbs for what lost its place."""

    def orphans(self, codebook: str | None = None) -> tuple[Orphan, ...]:
        """Return the judgements that an edited transcript has no place for, with proposals."""
        held = self.held(codebook)
        documents = {each.id: each for each in self.documents}
        found: list[Orphan] = []
        if not held.orphans:
            return ()
        with self._store(to_read=True) as store:
            olds = Earlier(store)
            for each in held.orphans:
                entries = [entry for _, entry in store.history(each.id) if entry.kind == "reanchor"]
                content = entries[-1].content if entries else {}
                old = olds.version(each.passage)
                present = documents.get(str(content.get("document", "")))
                if present is None and old is not None:
                    present = next((one for one in documents.values() if one.name == old.name), None)
                name = present.name if present is not None else old.name if old is not None else ""
                proposals = tuple(_proposals(content, present)) or olds.proposals(each.passage, present)
                found.append(Orphan(each, name, proposals))
        return tuple(found)

    def place(
        self,
        coding: str | None = None,
        *,
        proposed: float | None = None,
        document: str | None = None,
        quote: str | None = None,
        span: tuple[int, int] | Span | None = None,
        codebook: str | None = None,
        dry_run: bool = False,
    ) -> tuple[tuple[Orphan, Passage], ...]:
        """Put orphans at a place in the present text, and return which where.

        Args:
            coding: id of one; all when not given (with ``proposed``).
            proposed: take the likeliest proposal where it is at least this like (0 … 1).
            document, quote, span: the place, as in :meth:`~Decisions.code_by_hand`.
            codebook: one of the project's.
            dry_run: only say what would be done.

        Raises:
            LedgerError: QC-L036 when no orphan has the id, QC-L023 when no place is given.
        """
        every = self.orphans(codebook)
        if coding is not None:
            exact = [each for each in every if each.judgement.id == coding]
            near = exact or [each for each in every if each.judgement.id.startswith(coding)]
            if len(near) != 1:
                told = f"{len(near)} orphans begin with" if near else "there is no orphan"
                raise LedgerError("QC-L036", f"{told} {coding!r}", hint="List them: qualcode orphans DIR")
            every = tuple(near)
        pairs: list[tuple[Orphan, Passage]] = []
        if quote is not None or span is not None:
            if coding is None:
                raise LedgerError("QC-L036", "say which orphan goes there", hint="Give its id.")
            present = {each.name for each in self.documents}
            name = document or (every[0].document if every[0].document in present else None)
            pairs.append((every[0], self._passage(name, quote, span)))
        elif proposed is not None:
            pairs = [
                (each, each.proposals[0][0]) for each in every if each.proposals and each.proposals[0][1] >= proposed
            ]
        else:
            raise LedgerError(
                "QC-L023",
                "say where to put it",
                hint="Give --quote TEXT, --span START:END, or --proposed 0.8 for the likeliest place.",
            )
        if pairs and not dry_run:
            entries = [NewEntry("place", where, each.judgement.codebook, each.judgement.code,
                                targets=(each.judgement.id,)) for each, where in pairs]  # fmt: skip
            self._record("place", entries, f"{len(entries)} orphan{'s' * (len(entries) != 1)} placed")
        return tuple(pairs)


class Earlier:
    """Versions of documents that are no longer here, and where their passages may be now; each is looked up once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._versions: dict[tuple[str, str], Document | None] = {}
        self._alignments: dict[tuple[str, str, str], Alignment] = {}

    def version(self, passage: Passage) -> Document | None:
        """Return the version of its document that a passage stands in."""
        key = (passage.document_id, passage.document_sha256)
        if key not in self._versions:
            self._versions[key] = self._store.version(*key)
        return self._versions[key]

    def proposals(self, passage: Passage, present: Document | None) -> tuple[tuple[Passage, float], ...]:
        """Return places in a present document where a passage may belong, the likeliest first."""
        from qualcode.ledger.anchor import Alignment, anchor_at

        old = self.version(passage)
        if old is None or present is None:
            return ()
        key = (passage.document_id, passage.document_sha256, present.id)
        if key not in self._alignments:
            self._alignments[key] = Alignment(old, present)
        moved = self._alignments[key].move(anchor_at(old.text, passage.span))
        if moved.anchor is not None:
            return ((passage_at(present, moved.anchor.span), 1.0),)
        return tuple((passage_at(present, each.anchor.span), round(each.similarity, 3)) for each in moved.proposals)


def _proposals(content: Any, document: Document | None) -> Iterator[tuple[Passage, float]]:
    if document is None:
        return
    for each in content.get("proposals", ()):
        place = Span(int(each["start"]), int(each["end"]))
        if document.text[place.start : place.end] == each["quote"]:
            yield passage_at(document, place), float(each["similarity"])
