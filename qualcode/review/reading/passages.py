"""The passages that people read one by one: the units of the codebook, with ids that commands take."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import numpy as np

from qualcode.coding.base import Corpus
from qualcode.coding.features.context import FEWEST_WORDS
from qualcode.coding.features.units import Units, units_of
from qualcode.model.codes import Codebook
from qualcode.model.ledger import Passage, passage_at

__all__ = ["LISTED", "RANDOM", "find_passage", "mark_of", "passage_id", "passages_of", "place_of"]

LISTED, RANDOM = "u", "r"
"""How the id of a passage begins that nobody has decided and no coder suggests: taken from a list, drawn at random."""
DIGITS = 11


def passages_of(corpus: Corpus, codebook: Codebook) -> Units:
    """Return the passages of a study: participants' units of three words or more, in document order.

    A unit of fewer words ("Yes, exactly.") says nothing by itself; coders leave it out as well.
    """
    return units_of(corpus, codebook.unit, roles_left_out=codebook.roles_left_out, fewest_words=FEWEST_WORDS)


def mark_of(units: Units) -> str:
    """Return 12 hex digits that change when passages come or go; another spelling of their words changes nothing."""
    count = np.bincount(units.document, minlength=len(units.documents)).tolist()
    told = [f"{document.name}\0{n}" for document, n in zip(units.documents, count, strict=True)]
    return sha256("\n".join([units.unit, *sorted(told)]).encode()).hexdigest()[:12]


def place_of(units: Units, row: int) -> Passage:
    """Return a passage with its words and what stands around them."""
    return passage_at(units.documents[int(units.document[row])], units.span(row))


def passage_id(units: Units, row: int, codebook: str, code: str, *, random: bool = False) -> str:
    """Return the id that a passage has as long as nobody decided it for the code: a letter and 11 hex digits."""
    document = units.documents[int(units.document[row])]
    what = (document.text_sha256, document.id, str(int(units.start[row])), str(int(units.end[row])), codebook, code)
    return (RANDOM if random else LISTED) + sha256("\0".join(what).encode()).hexdigest()[:DIGITS]


def find_passage(units: Units, name: str, codebook: str, codes: Iterable[str]) -> tuple[int, str] | None:
    """Return the row and the code of the passage that has this id; ``None`` for the id of none."""
    for code in codes:
        for row in range(len(units)):
            if passage_id(units, row, codebook, code)[1:] == name[1:]:
                return row, code
    return None
