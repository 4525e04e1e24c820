"""The fold: from a set of operations to what holds now. The same set gives the same state, in whatever order it came.

Each judgement is made by one entry. It holds while its operation stands and no standing entry takes its place
(an observed-remove set), so two people can work apart and neither overwrites the other. What moves a judgement without
remaking it (a re-anchoring, a code renamed) is applied in the ledger's one order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from qualcode.ledger.samples import Samples
from qualcode.ledger.standing import fallen
from qualcode.model.ledger import CREATING, SETTLED, Entry, HandCoded, Judgement, Memo, Operation, Origin, Verdict

__all__ = ["GLOBAL", "State", "code_moves", "fold", "fold_entries"]

GLOBAL: frozenset[str] = frozenset({"codebook"})
"""Kinds whose entries can touch any judgement: the fold of a few judgements needs them beside the judgements' own."""

_VERDICTS: Mapping[str, Verdict] = {"accept": "accepted", "reject": "rejected"}


@dataclass(frozen=True, slots=True)
class State:
    """What a ledger comes to.

    Attributes:
        judgements, memos: those that hold, by id.
        documents: for each name the latest version's digest; names that were taken out are absent.
        done: (person, document name, codebook) of all that somebody has worked through.
        samples: random samples of units that people code by hand, by id, the latest last.
        blind: whether people may not see each other's codings yet; ``hidden`` whether the machine's are hidden too.
    """

    judgements: Mapping[str, Judgement] = field(default_factory=dict)
    memos: Mapping[str, Memo] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    done: frozenset[tuple[str, str, str]] = frozenset()
    samples: Mapping[str, HandCoded] = field(default_factory=dict)
    blind: bool = False
    hidden: bool = False


def fold(operations: Iterable[Operation]) -> State:
    """Return what a set of operations comes to."""
    every = list(operations)
    gone = fallen(every)
    standing = sorted((each for each in every if each.id not in gone), key=lambda each: each.order)
    return fold_entries((operation, entry) for operation in standing for entry in operation.entries)


def fold_entries(entries: Iterable[tuple[Operation, Entry]], *, only: Collection[str] | None = None) -> State:
    """Return what standing entries come to; they come in the ledger's order, each with its operation.

    ``only`` keeps to the judgements and memos with these ids; all entries that name them must be among ``entries``,
    and all of kind :data:`GLOBAL`.
    """
    made: dict[str, Judgement] = {}
    memos: dict[str, Memo] = {}
    replaced: set[str] = set()
    renamed: dict[tuple[str, str], str] = {}
    documents: dict[str, str] = {}
    done: set[tuple[str, str, str]] = set()
    samples = Samples()
    blind = hidden = False
    for operation, entry in entries:
        kind = entry.kind
        if kind in CREATING:
            replaced.update(entry.targets)
            if only is None or entry.id in only:
                made[entry.id] = _judgement(operation, entry, renamed)
        elif kind == "uncode" or kind == "unmemo":
            replaced.update(entry.targets)
        elif kind == "reanchor" or kind == "place":
            for target in entry.targets:
                _move(made, memos, target, entry)
        elif kind == "codebook":
            _follow(made, memos, entry, renamed)
            samples.recode(entry.codebook, dict(code_moves(entry)))
        elif kind == "memo":
            replaced.update(entry.targets)
            if only is None or entry.id in only:
                memos[entry.id] = _memo(operation, entry, renamed)
        elif kind == "document":
            version = entry.content.get("version")
            if version is None:
                documents.pop(str(entry.content["name"]), None)
            else:
                documents[str(entry.content["name"])] = str(version)
        elif kind == "done":
            place = (operation.person, str(entry.content["name"]), entry.codebook)
            (done.add if entry.content.get("done", True) else done.discard)(place)
        elif kind == "sample":
            samples.draw(operation, entry)
        elif kind == "label":
            samples.label(operation, entry)
        elif kind == "blind":
            blind, hidden = True, bool(entry.content.get("machine"))
        elif kind == "release":
            blind = hidden = False
    return State(
        {key: each for key, each in made.items() if key not in replaced},
        {key: each for key, each in memos.items() if key not in replaced},
        documents,
        frozenset(done),
        samples.result(),
        blind,
        hidden,
    )


def code_moves(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield the codes that a change of a codebook moved: the old id and the new one."""
    for old, new in entry.content.get("codes", {}).items():
        yield str(old), str(new)


def _judgement(operation: Operation, entry: Entry, renamed: Mapping[tuple[str, str], str]) -> Judgement:
    if entry.passage is None:
        raise ValueError(f"the entry {entry.id} makes a judgement of no passage")
    settled = entry.kind == "adjudicate"
    verdict = _VERDICTS.get(entry.kind, "coded")
    if settled:
        verdict = "rejected" if entry.content.get("verdict") == "rejected" else "accepted"
    return Judgement(
        id=entry.id,
        layer=SETTLED if settled else operation.person,
        person=operation.person,
        verdict=verdict,
        passage=entry.passage,
        codebook=entry.codebook,
        # Written by somebody who did not know yet that the code had got another name.
        code=renamed.get((entry.codebook, entry.code), entry.code),
        origin=entry.origin or Origin(),
        at=operation.at,
        reason=entry.reason,
        entry=entry.id,
        settles=tuple(entry.content.get("settles", ())),
    )


def _memo(operation: Operation, entry: Entry, renamed: Mapping[tuple[str, str], str]) -> Memo:
    content = entry.content
    ref = str(content.get("ref", ""))
    if content["about"] == "code":
        ref = f"{entry.codebook}:{renamed.get((entry.codebook, entry.code), entry.code)}"
    return Memo(entry.id, operation.person, operation.at, content["type"], content["about"], content["text"], ref,
                entry.passage, str(content.get("orphan", "")))  # fmt: skip


def _move(made: dict[str, Judgement], memos: dict[str, Memo], target: str, entry: Entry) -> None:
    orphan = str(entry.content.get("orphan", ""))
    if target in made:
        held = made[target]
        passage = held.passage if orphan or entry.passage is None else entry.passage
        made[target] = replace(held, passage=passage, orphan=orphan, entry=entry.id)
    elif target in memos:
        memo = memos[target]
        memos[target] = replace(memo, passage=memo.passage if orphan else entry.passage, orphan=orphan)


def _follow(
    made: dict[str, Judgement], memos: dict[str, Memo], entry: Entry, renamed: dict[tuple[str, str], str]
) -> None:
    book = entry.codebook
    for code in entry.content.get("added", ()):
        renamed.pop((book, str(code)), None)
    moves = dict(code_moves(entry))
    if not moves:
        return
    for place, present in list(renamed.items()):
        if place[0] == book and present in moves:
            renamed[place] = moves[present]
    for old, new in moves.items():
        renamed.pop((book, new), None)
        renamed[book, old] = new
    for key, held in made.items():
        if held.codebook == book and held.code in moves:
            made[key] = replace(held, code=moves[held.code], entry=entry.id)
    for key, memo in memos.items():
        if memo.about == "code" and memo.ref.startswith(f"{book}:") and memo.ref[len(book) + 1 :] in moves:
            memos[key] = replace(memo, ref=f"{book}:{moves[memo.ref[len(book) + 1 :]]}")
