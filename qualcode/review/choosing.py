"""Which passages a decision is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from qualcode.errors import LedgerError
from qualcode.model.document import Span
from qualcode.review.passages import Cover, Standing

__all__ = ["Choice", "choose"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What must hold of a passage to be chosen; all that is given must hold.

    Attributes:
        ids: of codings or of what waits; a beginning is enough when only one has it.
        codes: ids of codes; a code stands for those below it too.
        rules: ids of rules.
        coders: names of coders (``person`` for what was coded by hand).
        documents: ids of documents.
        where: spans that a query found, by document id; a passage that shares a character with one is chosen.
        everything: said when nothing else narrows the choice, so that nobody decides on all by accident.
    """

    ids: tuple[str, ...] = ()
    codes: frozenset[str] | None = None
    rules: frozenset[str] | None = None
    coders: frozenset[str] | None = None
    documents: frozenset[str] | None = None
    where: Mapping[str, Sequence[Span]] | None = None
    everything: bool = False

    @property
    def open(self) -> bool:
        """Whether nothing narrows the choice."""
        return not self.ids and all(
            each is None for each in (self.codes, self.rules, self.coders, self.documents, self.where)
        )


def choose(standings: Iterable[Standing], choice: Choice, *, statuses: Collection[str]) -> tuple[Standing, ...]:
    """Return the passages that are chosen and have one of the statuses.

    Raises:
        LedgerError: QC-L020 when nothing says which, QC-L021 for an id that no passage has, QC-L022 for the
            beginning of an id that several have.
    """
    if choice.open and not choice.everything:
        raise LedgerError("QC-L020", "nothing says which passages are meant",
                          hint="Name them by --id, --code, --rule, --coder, --document or --where, or say "
                          "--all.")  # fmt: skip
    every = list(standings)
    covers = {key: Cover(spans) for key, spans in (choice.where or {}).items()}
    named = {find(every, each).id for each in choice.ids} if choice.ids else None
    return tuple(
        each
        for each in every
        if each.status in statuses
        and (named is None or each.id in named)
        and (choice.codes is None or each.code in choice.codes)
        and (choice.rules is None or not choice.rules.isdisjoint(each.origin.rules))
        and (choice.coders is None or each.origin.coder in choice.coders)
        and (choice.documents is None or each.passage.document_id in choice.documents)
        and (choice.where is None or _found(each, covers))
    )


def find(standings: Sequence[Standing], name: str) -> Standing:
    """Return the passage with this id, or whose id alone begins so; ids of all judgements behind it count.

    Raises:
        LedgerError: QC-L021 when there is none, QC-L022 when there are several.
    """
    wanted = name.strip()
    exact = [each for each in standings if wanted in _ids(each)]
    near = exact or [each for each in standings if wanted and any(key.startswith(wanted) for key in _ids(each))]
    if not near:
        raise LedgerError("QC-L021", f"there is no coding {name!r}", hint="An id changes when its passage is decided. "
                          "List them: qualcode codings DIR")  # fmt: skip
    if len(near) > 1:
        some = ", ".join(each.id for each in near[:5])
        raise LedgerError("QC-L022", f"{len(near)} codings begin with {name!r}", hint=f"Say more of it: {some}")
    return near[0]


def _ids(standing: Standing) -> tuple[str, ...]:
    return (standing.id, *(each.id for each in standing.judgements))


def _found(standing: Standing, covers: Mapping[str, Cover]) -> bool:
    cover = covers.get(standing.passage.document_id)
    return cover is not None and cover.touches(standing.passage.span)
