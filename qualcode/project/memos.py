"""Memos: notes on the project, a document, a code, a span of text or a coding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from qualcode.errors import LedgerError
from qualcode.model.document import Span
from qualcode.model.ledger import MEMO_TYPES, Memo, NewEntry, Passage
from qualcode.project.deciding import Decisions
from qualcode.review.choosing import find

__all__ = ["Memos"]


@dataclass(frozen=True, slots=True)
class _Subject:
    about: str
    ref: str = ""
    passage: Passage | None = None
    codebook: str = ""
    code: str = ""
    orphan: str = ""


class Memos(Decisions):
    """The verbs that keep notes."""

    def memo(
        self,
        text: str,
        *,
        type: str = "reflection",  # noqa: A002 - the word of the command line
        document: str | None = None,
        code: str | None = None,
        quote: str | None = None,
        span: tuple[int, int] | Span | None = None,
        coding: str | None = None,
        codebook: str | None = None,
        dry_run: bool = False,
    ) -> Memo:
        """Write a memo and return it: on a coding, a span, a code, a document, or (nothing given) the project.

        Args:
            text: the note.
            type: ``theory``, ``method``, ``reflection`` or ``rule``.
            document: name of the document it is about, or in which ``quote`` or ``span`` stands.
            code: id or label of the code it is about.
            quote, span: the words it is about, as in :meth:`~Decisions.code_by_hand`.
            coding: id of the coding it is about.
            codebook: one of the project's; the first if not given.
            dry_run: only return what would be written, without an id.

        Raises:
            LedgerError: QC-L030 for an empty text, QC-L031 for a type that there is not, QC-L032 when it is said to be
                about several things.
        """
        self._check_memo(text, type)
        subject = self._subject(document, code, quote, span, coding, codebook)
        return self._written_memo(text, type, subject, (), dry_run=dry_run)

    def memos(self, *, about: str | None = None, type: str | None = None) -> tuple[Memo, ...]:  # noqa: A002
        """Return the memos, in the order in which they were written; ``about`` and ``type`` narrow them.

        While people code blind, others' memos are not among them.
        """
        if not self._database.exists():
            return ()
        with self._store(to_read=True) as store:
            every, blind = store.memos(), store.state().blind
        return tuple(
            each
            for each in every
            if about in (None, each.about) and type in (None, each.type) and (not blind or each.person == self.person)
        )

    def change_memo(self, id: str, text: str, *, type: str | None = None, dry_run: bool = False) -> Memo:  # noqa: A002
        """Write a memo anew and return it; the earlier wording stays in the ledger.

        Raises:
            LedgerError: QC-L033 when there is no such memo.
        """
        old = self._memo_named(id)
        kind = type or old.type
        self._check_memo(text, kind)
        codebook, _, code = old.ref.partition(":") if old.about == "code" else ("", "", "")
        subject = _Subject(old.about, old.ref, old.passage, codebook, code, old.orphan)
        return self._written_memo(text, kind, subject, (old.id,), dry_run=dry_run)

    def remove_memo(self, id: str, *, dry_run: bool = False) -> Memo:  # noqa: A002
        """Take a memo away and return it; it stays in the ledger.

        Raises:
            LedgerError: QC-L033 when there is no such memo.
        """
        old = self._memo_named(id)
        self._record("memo", [NewEntry("unmemo", targets=(old.id,))], "removed a memo", dry_run=dry_run)
        return old

    def _subject(
        self,
        document: str | None,
        code: str | None,
        quote: str | None,
        span: tuple[int, int] | Span | None,
        coding: str | None,
        codebook: str | None,
    ) -> _Subject:
        given = [name for name, each in (("code", code), ("coding", coding), ("words", quote or span)) if each]
        if len(given) > 1 or (document is not None and given and given != ["words"]) or (quote and span):
            raise LedgerError("QC-L032", "a memo is about one thing",
                              hint="Give one of --document, --code, --quote, --span and --coding.")  # fmt: skip
        if quote is not None or span is not None:
            return _Subject("span", passage=self._passage(document, quote, span))
        if coding is not None:
            held = self.held(codebook)
            found = find((*held.standings, *held.lost), coding)
            if not found.judgements:
                raise LedgerError(
                    "QC-L034",
                    "this passage only waits: nobody has decided on it yet",
                    hint="Accept it first, or write the memo on its words: --document, --span.",
                )
            return _Subject("coding", found.id)
        if code is not None:
            book = self._book(codebook, self._books)
            key = self._code_named(code, book)
            return _Subject("code", f"{book.id}:{key}", None, book.id, key)
        if document is not None:
            return _Subject("document", self._document_named(document).name)
        return _Subject("project")

    def _check_memo(self, text: str, kind: str) -> None:
        if not text.strip():
            raise LedgerError("QC-L030", "the memo has no words", hint="Write it after the command, in quotes.")
        if kind not in MEMO_TYPES:
            raise LedgerError("QC-L031", f"there is no type of memo {kind!r}", hint=f"Types: {', '.join(MEMO_TYPES)}.")

    def _written_memo(
        self, text: str, kind: str, subject: _Subject, targets: tuple[str, ...], *, dry_run: bool = False
    ) -> Memo:
        content: dict[str, Any] = {"type": kind, "about": subject.about, "text": text, "ref": subject.ref}
        if subject.orphan:
            content["orphan"] = subject.orphan
        entry = NewEntry("memo", subject.passage, subject.codebook, subject.code, targets=targets, content=content)
        told = f"{kind} memo on the {subject.about}" + (f" {subject.ref}" if subject.ref else "")
        operation = self._record("memo", [entry], told, dry_run=dry_run)
        made = operation.entries[0].id if operation.id else ""
        return Memo(made, operation.person, operation.at, cast(Any, kind), cast(Any, subject.about), text,
                    subject.ref, subject.passage, subject.orphan)  # fmt: skip

    def _memo_named(self, name: str) -> Memo:
        every = self.memos()
        near = [each for each in every if each.id == name] or [
            each for each in every if name and each.id.startswith(name)
        ]
        if len(near) != 1:
            told = f"{len(near)} memos begin with {name!r}" if near else f"there is no memo {name!r}"
            raise LedgerError("QC-L033", told, hint="List them: qualcode memo DIR --list")
        return near[0]
