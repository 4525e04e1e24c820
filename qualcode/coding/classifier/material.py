"""What a codebook teaches before anybody has coded: its definitions and examples, and those of its example bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.codebook.bank import ExampleBank
from qualcode.coding.exemplars.material import exemplars_of
from qualcode.coding.features.forms import Placed
from qualcode.model.codes import Codebook

__all__ = ["Lessons", "lessons_of", "rule_hits"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Lessons:
    """Texts that teach: of the bank, then of the codebook.

    Attributes:
        ids: names of the texts, as the coder ``exemplars`` has them.
        labels: texts × codes, 1 where the text is an example of the code (float32).
        context: the question before each, where one is given.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    labels: Array
    context: tuple[str, ...]


def lessons_of(codebook: Codebook | None, bank: ExampleBank | None, codes: Sequence[str]) -> Lessons:
    """Return what a codebook teaches about some codes; nothing without one.

    Definitions with their lines of use, typical and atypical examples are the code; near misses are not, nor what is
    an example of another code. Examples of codes that are not among ``codes`` are examples of none.
    """
    exemplars = exemplars_of(codebook, bank) if codebook is not None else ()
    exemplars = tuple(each for each in exemplars if not each.question and each.text.strip())
    asked: dict[str, str] = {}
    for code in codebook or ():
        for example in (*code.examples.typical, *code.examples.atypical, *code.examples.near_miss):
            if example.question:
                asked[example.text] = example.question
    labels = np.asarray([[code in each.codes for code in codes] for each in exemplars], np.float32)
    return Lessons(
        tuple(each.id for each in exemplars), tuple(each.text for each in exemplars),
        labels.reshape(len(exemplars), len(codes)), tuple(asked.get(each.text, "") for each in exemplars),
    )  # fmt: skip


def rule_hits(codebook: Codebook | None, placed: Sequence[Placed], size: int) -> Array | None:
    """Return which codes a codebook's rules find in loose texts (texts × codes with rules); ``None`` without rules.

    Args:
        codebook: the codebook.
        placed: the texts (:func:`~qualcode.coding.features.forms.placed_texts`), each a turn of its own.
        size: how many there are.
    """
    if codebook is None or not any(code.rules for code in codebook):
        return None
    from qualcode.coding.rules.apply import code_shard
    from qualcode.coding.rules.compile import compile_codebook

    plan = compile_codebook(codebook)
    found = np.zeros((size, len(plan.codes)), np.float32)
    for each in placed:
        passages = code_shard(each.shard, plan)
        found[each.shard.block_number[passages.block], passages.code] = 1
    return found
