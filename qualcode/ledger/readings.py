"""Which passages people read for a code, in the order in which they read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from qualcode.ledger.fold import code_moves
from qualcode.model.ledger import Entry, Operation, ReadPassage

__all__ = ["fold_readings", "reading_content"]


def reading_content(
    *,
    order: str,
    among: int,
    before: int,
    mark: str,
    score: float | None = None,
    check: int = 0,
    attempt: int = 0,
    judged: bool = True,
) -> dict[str, Any]:
    """Return what an entry of kind ``read`` holds, as plain data.

    ``judged`` says that the entry before it in the same step is the judgement that was made of the passage.
    """
    content: dict[str, Any] = {"order": order, "among": among, "before": before, "mark": mark}
    if score is not None:
        content["score"] = round(score, 4)
    if check:
        content |= {"check": check, "attempt": attempt}
    return content if judged else {**content, "undecided": True}


def fold_readings(entries: Iterable[tuple[Operation, Entry]], *, codebook: str) -> tuple[ReadPassage, ...]:
    """Return what was read under a codebook, in the ledger's order; codes follow changes of the codebook.

    Args:
        entries: standing entries of the kinds ``read`` and ``codebook``, in the ledger's order, with their operations.
        codebook: its id.
    """
    found: list[ReadPassage] = []
    for operation, entry in entries:
        if entry.codebook != codebook:
            continue
        if entry.kind == "codebook":
            moves = dict(code_moves(entry))
            if moves:
                found = [replace(each, code=moves.get(each.code, each.code)) for each in found]
        elif entry.kind == "read" and entry.passage is not None:
            head, _, number = entry.id.rpartition(".")
            content = entry.content
            score = content.get("score")
            found.append(
                ReadPassage(
                    id=entry.id,
                    person=operation.person,
                    at=operation.at,
                    clock=operation.clock,
                    codebook=codebook,
                    code=entry.code,
                    passage=entry.passage,
                    order=str(content["order"]),
                    among=int(content["among"]),
                    before=int(content["before"]),
                    mark=str(content["mark"]),
                    score=None if score is None else float(score),
                    check=int(content.get("check", 0)),
                    attempt=int(content.get("attempt", 0)),
                    judgement="" if content.get("undecided") else f"{head}.{int(number) - 1}",
                )
            )
    return tuple(found)
