"""Talk made of examples to try a model on: passages strung to turns, with questions before and plain talk between.

A threshold found on passages one by one is too low for talk, where sentences are scored that are shorter than passages
and where much carries nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from qualcode.coding.exemplars.material import Exemplar
from qualcode.model.document import Block, Document, Span, Speaker, sha256_of
from qualcode.text.index import TokenIndex

__all__ = ["Talk", "strung"]

SEED = 1
LONGEST = 3
"""A turn has one to so many passages."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Made-up talk: a document and its index; for each passage where it begins, and its number among the examples.

    Attributes:
        starts: first character of each passage, ascending.
        rows: which of the examples it is; plain talk comes more than once.
    """

    document: Document
    index: TokenIndex
    starts: tuple[int, ...]
    rows: tuple[int, ...]


def strung(exemplars: Sequence[Exemplar], seed: str, *, single: bool = False) -> Talk:
    """Return examples in an order drawn at random (the same for the same seed) as turns, a question before each.

    Examples without a code are used again until they are half of the talk, or left as they are when there are none.

    Args:
        exemplars: the passages.
        seed: any text.
        single: whether each turn is one passage.
    """
    draw = random.Random(f"{SEED} {seed}")
    plain = [row for row, each in enumerate(exemplars) if not each.codes and not each.question]
    asked = [each.text for each in exemplars if each.question]
    coded = [row for row, each in enumerate(exemplars) if each.codes]
    order = coded + plain + [draw.choice(plain) for _ in range(len(coded) - len(plain)) if plain]
    draw.shuffle(order)
    text = ""
    blocks: list[Block] = []
    starts: list[int] = []
    at = 0
    while at < len(order):
        if asked:
            question = draw.choice(asked)
            blocks.append(Block(len(blocks), "turn", Span(len(text), len(text) + len(question)), ("q",)))
            text += question + "\n\n"
        begin = len(text)
        for row in order[at : at + (1 if single else draw.randint(1, LONGEST))]:
            starts.append(len(text))
            text += exemplars[row].text + " "
            at += 1
        blocks.append(Block(len(blocks), "turn", Span(begin, len(text) - 1), ("p",)))
        text += "\n\n"
    digest = sha256_of(text)
    people = (Speaker("q", "Q", "interviewer"), Speaker("p", "P", "participant"))
    document = Document("talk", "talk", text, digest, "talk", digest, "examples", "exemplars", "1",
                        speakers=people, blocks=tuple(blocks))  # fmt: skip
    index = TokenIndex.build([document], shard_tokens=max(1, len(text)))
    return Talk(document, index, tuple(starts), tuple(order))
