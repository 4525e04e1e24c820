"""What the ledger holds: operations made of entries; and what they come to: judgements and memos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from qualcode.model.document import Document, Span

__all__ = [
    "CREATING",
    "KINDS",
    "LOCAL",
    "MEMO_TYPES",
    "SETTLED",
    "About",
    "Draft",
    "Entry",
    "HandCoded",
    "Judgement",
    "Kind",
    "Memo",
    "MemoType",
    "NewEntry",
    "Operation",
    "Origin",
    "Passage",
    "ReadPassage",
    "Verdict",
    "passage_at",
]

Kind = Literal[
    "code", "accept", "reject", "uncode", "move", "adjudicate", "memo", "unmemo", "reanchor", "place", "codebook",
    "document", "run", "done", "blind", "release", "sample", "label", "read", "merge", "undo", "redo",
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(Kind)

CREATING: frozenset[str] = frozenset({"code", "accept", "reject", "move", "adjudicate"})
"""Kinds of entry that make a judgement; its id is the entry's."""

LOCAL: frozenset[str] = frozenset({"run", "merge", "document", "reanchor"})
"""Kinds that say what happened in one project folder (which files it holds, where words went in them); they do not
travel when ledgers are merged."""

SETTLED = "settled"
"""Name of the layer that adjudication writes to; every other layer has the name of a person."""

Verdict = Literal["coded", "accepted", "rejected"]
MemoType = Literal["theory", "method", "reflection", "rule"]
MEMO_TYPES: tuple[str, ...] = get_args(MemoType)
About = Literal["project", "document", "code", "span", "coding"]

CONTEXT = 32


@dataclass(frozen=True, slots=True)
class Passage:
    """A place in one version of a document: code points, half-open, with the words and 32 code points around them."""

    document_id: str
    document_sha256: str
    span: Span
    quote: str
    prefix: str = ""
    suffix: str = ""


def passage_at(document: Document, span: Span) -> Passage:
    """Return the passage at ``span`` with its words and context, letter for letter."""
    text = document.text
    return Passage(
        document.id,
        document.text_sha256,
        span,
        text[span.start : span.end],
        text[max(0, span.start - CONTEXT) : span.start],
        text[span.end : span.end + CONTEXT],
    )


@dataclass(frozen=True, slots=True)
class Origin:
    """What proposed a passage: ``coder`` is ``"person"`` when nobody but the person did.

    ``rules``, ``evidence`` (the matched words as spans of the text that was coded), ``words`` (the same, as written)
    and ``score`` are the machine's; ``codebook_version`` and ``codebook_sha256`` name the wording that was in force.
    """

    coder: str = "person"
    rules: tuple[str, ...] = ()
    evidence: tuple[Span, ...] = ()
    words: tuple[str, ...] = ()
    score: float | None = None
    facets: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    codebook_version: str = ""
    codebook_sha256: str = ""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """One line of an operation, before it is written.

    Attributes:
        kind: what is done.
        passage: where, for what stands in a text.
        codebook, code: for what concerns a code.
        origin: what proposed the passage, for kinds that make a judgement.
        targets: ids of the judgements or memos this takes the place of, moves or removes; of ``undo`` and ``redo``
            the ids of operations.
        reason: in the person's words.
        content: everything else, as plain data (JSON).
    """

    kind: Kind
    passage: Passage | None = None
    codebook: str = ""
    code: str = ""
    origin: Origin | None = None
    targets: tuple[str, ...] = ()
    reason: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry(NewEntry):
    """One line of the ledger: ``id`` is the operation's id, a full stop and the line's number in it."""

    id: str = ""

    @property
    def local(self) -> bool:
        """Whether the entry stays in its project folder when ledgers are merged."""
        return self.kind in LOCAL or bool(self.content.get("local"))


@dataclass(frozen=True, slots=True)
class Draft:
    """An operation before it is written: who does what, in one step that can be undone as one."""

    verb: str
    person: str
    entries: tuple[NewEntry, ...]
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One step as it was written: all its entries stand or fall together.

    Attributes:
        id: 16 hex digits, made by chance.
        clock: a Lamport clock: greater than that of every operation known when it was written.
        replica: id of the database that it was written in.
        at: when, UTC, ISO 8601 with milliseconds.
        summary: in a sentence, for ``log``.
    """

    id: str
    clock: int
    replica: str
    at: str
    verb: str
    person: str
    entries: tuple[Entry, ...]
    summary: str = ""

    @property
    def order(self) -> tuple[int, str]:
        """The place in the one order of all operations, the same in every copy of the ledger."""
        return (self.clock, self.id)

    @property
    def shared(self) -> Operation | None:
        """The part that travels when ledgers are merged; ``None`` when nothing does."""
        kept = tuple(each for each in self.entries if not each.local)
        if not kept:
            return None
        return Operation(self.id, self.clock, self.replica, self.at, self.verb, self.person, kept, self.summary)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one person (or adjudication) holds of one passage and one code: the current state of a coding.

    Attributes:
        id: of the entry that made it.
        layer: the person, or ``"settled"``.
        person: who decided.
        verdict: ``coded`` by hand, or a suggestion ``accepted`` or ``rejected``.
        passage: where it stands now; of an orphan, where it stood last.
        orphan: why it has no place in the present text; empty when it has one.
        entry: id of the latest entry that touched it (a re-anchoring, say).
        settles: ids of the judgements that an adjudication decides between.
    """

    id: str
    layer: str
    person: str
    verdict: Verdict
    passage: Passage
    codebook: str
    code: str
    origin: Origin
    at: str
    reason: str = ""
    orphan: str = ""
    entry: str = ""
    settles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Memo:
    """A note, and what it is about.

    ``ref`` is a document's name, a code (``book:code``) or a judgement's id; of a span, ``passage`` says where
    (``orphan`` as in :class:`Judgement`).
    """

    id: str
    person: str
    at: str
    type: MemoType
    about: About
    text: str
    ref: str = ""
    passage: Passage | None = None
    orphan: str = ""


@dataclass(frozen=True, slots=True)
class HandCoded:
    """A random sample of units, and what a person coded of it without looking at the machine.

    Attributes:
        id: of the entry that drew it.
        person, at: who drew it, and when.
        unit: what was drawn: sentence, turn, passage, document.
        by: ``unit``, or ``transcript`` when whole documents were drawn.
        seed: of the draw.
        units: where each stands, and the probability with which it was drawn.
        labels: by number of the unit, the codes that it was given; none for a unit that carries none.
        coders: who coded, each once.
        readings: the labels that each of them gave, also where somebody else's came later and count.
    """

    id: str
    person: str
    at: str
    codebook: str
    unit: str
    by: str
    seed: int
    units: tuple[tuple[Passage, float], ...]
    labels: Mapping[int, frozenset[str]] = field(default_factory=dict)
    coders: tuple[str, ...] = ()
    readings: Mapping[str, Mapping[int, frozenset[str]]] = field(default_factory=dict)

    def read_by(self, person: str) -> HandCoded:
        """Return the sample as if nobody but this person had coded of it."""
        own = self.readings.get(person)
        if own is None:
            return replace(self, labels={}, coders=(), readings={})
        return replace(self, labels=own, coders=(person,), readings={person: own})


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """That a person read a passage for a code: how it came before them, and what they said.

    What they hold of it is the judgement of the same step; there is none when they left it undecided.

    Attributes:
        id: of the entry.
        order: by which it came: ``random``, or the name of an order; ``listed`` when it was taken from a list.
        among: how many passages were unread when it came, itself included; ``before``: how many of those read had the
            code.
        mark: which set of passages it came from: a random draw from another set says nothing of this one.
        score: that the machine gave it then; ``None`` without one.
        check: of a random sample whose size was fixed beforehand: its size, and ``attempt`` the how manieth such sample
            it is; 0 for others.
        judgement: id of the judgement that was made with it; empty when it was left undecided.
    """

    id: str
    person: str
    at: str
    clock: int
    codebook: str
    code: str
    passage: Passage
    order: str
    among: int
    before: int
    mark: str
    score: float | None = None
    check: int = 0
    attempt: int = 0
    judgement: str = ""
