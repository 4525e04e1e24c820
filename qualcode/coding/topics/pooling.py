"""Talk pooled to segments long enough for a topic model, with the way back to every unit kept.

A topic model learns from words that stand together. A turn of interview talk is too short for that, and a transcript is
too long, so the sentences of one person are joined or cut to segments of 60 to 150 words:

``run``
    What one person says until somebody else who is coded speaks; interviewers' turns between are stepped over. Short
    runs of one person under the same question are joined, even when others speak in between. Runs are cut between
    sentences, between turns where one ends nearby.
``question``
    All that one person answers to one question, however long.
``window``
    Runs as above, read through a window that moves by half its width, so that no cut falls between two words for good.

Nothing is ever joined across two people or two documents. Where nobody is named, each turn stands alone.

Terms are the index's lemmas. Stop words of spoken English, numbers, single letters, what fewer than ``fewest_segments``
segments have and what more than ``largest_share`` of them have are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from qualcode.coding.base import Corpus
from qualcode.coding.features.units import Units, units_of
from qualcode.coding.topics.model import Pooled, Pooling
from qualcode.coding.topics.words import STOP_WORDS
from qualcode.errors import CodingError

__all__ = ["LEFT_OUT", "WORDS", "pool"]

Array = npt.NDArray[Any]

WORDS = 100
"""A segment has about so many words."""
LEFT_OUT = ("interviewer", "moderator", "observer")
"""Roles whose talk is not pooled."""
TURN_BONUS = 0.25
"""A cut may move by this share of a segment to fall between two turns."""
ENOUGH_FOR_SHARES = 10
"""With fewer segments, ``largest_share`` means nothing and is not used."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Units that make a segment, and for each how far its middle is from the segment's, in words."""

    rows: Array
    distance: Array


def pool(
    corpus: Corpus, *, by: Pooling = "run", words: int = WORDS, roles_left_out: Sequence[str] = LEFT_OUT,
    stop_words: Iterable[str] | None = None, fewest_segments: int = 2, largest_share: float = 0.5,
    fewest_terms: int = 3, terms: Sequence[str] | None = None,
) -> Pooled:  # fmt: skip
    """Return the talk of those who are not left out in segments, in document order of their first units.

    Args:
        corpus: the documents and their index.
        by: ``run``, ``question`` or ``window`` (see above).
        words: about how many words a segment has; not used for ``question``.
        roles_left_out: roles whose talk is not pooled.
        stop_words: lemmas that are no terms; ``None`` for :data:`~qualcode.coding.topics.words.STOP_WORDS`.
        fewest_segments: a term is in at least so many segments.
        largest_share: a term is in at most this share of the segments.
        terms: count exactly these terms, sorted, and choose none: for talk that a fitted model is to be read into.
        fewest_terms: segments with fewer terms (counted with repetition) are left out; their units have segment −1.

    Raises:
        CodingError: QC-K020 when there is no talk to pool, QC-K022 for a parameter that cannot be used.
    """
    _check(by, words, fewest_segments, largest_share, fewest_terms)
    units = units_of(corpus, "sentence", roles_left_out=roles_left_out)
    pieces = sorted(_pieces(units, by, words), key=lambda piece: int(piece.rows[0]))
    holds = _holds(pieces, len(units))
    stopped = STOP_WORDS if stop_words is None else frozenset(stop_words)
    counts = (holds.astype(np.int32) @ units.counts).tocsr()
    if terms is None:
        often = _segments_with(units, _home(pieces, len(units)), len(pieces))
        usable = np.asarray(
            [len(each) > 1 and each not in stopped and each[0].isalpha() for each in units.lemmas], bool
        )
        usable &= often >= fewest_segments
        if len(pieces) >= ENOUGH_FOR_SHARES:
            usable &= often <= largest_share * len(pieces)
        columns = np.asarray(sorted(np.flatnonzero(usable).tolist(), key=units.lemmas.__getitem__), np.int64)
        names = tuple(units.lemmas[column] for column in columns.tolist())
        counts = counts[:, columns]
    else:
        names = tuple(terms)
        counts = (counts @ _onto(units.lemmas, names)).tocsr()
    full = np.flatnonzero(np.asarray(counts.sum(axis=1)).ravel() >= fewest_terms)
    counts = counts[full].tocsr()
    if terms is None:
        there = np.flatnonzero(np.asarray(counts.sum(axis=0)).ravel() > 0)
        names, counts = tuple(names[column] for column in there.tolist()), counts[:, there].tocsr()
    counts.sort_indices()
    if not len(full) or not names:
        hint = "See who was taken for an interviewer: qualcode inspect FILES."
        if len(units):
            hint = (
                f"Words count that are no stop words and stand in {fewest_segments} segments or more, in "
                f"{largest_share:.0%} of them at most: there are none here, or too few. More talk is needed."
            )
        raise CodingError("QC-K020", f"there is no talk to find topics in ({len(units)} sentences that may be coded)",
                          hint=hint)  # fmt: skip
    kept = [pieces[number] for number in full.tolist()]
    first = np.asarray([piece.rows[0] for piece in kept], np.int64)
    holds = holds[full].tocsr()
    return Pooled(
        units=units,
        holds=holds,
        segment=_home(kept, len(units)),
        counts=counts.astype(np.int32),
        terms=names,
        sizes=np.asarray(holds.astype(np.int64) @ units.words),
        document=units.document[first],
        speaker=units.speaker[first],
        question=units.question[first],
        settings={
            "by": by, "words": words, "roles_left_out": " ".join(sorted(roles_left_out)),
            "fewest_segments": fewest_segments, "largest_share": largest_share, "fewest_terms": fewest_terms,
            "stop_words": len(stopped),
        },
    )  # fmt: skip


def _check(by: str, words: int, fewest_segments: int, largest_share: float, fewest_terms: int) -> None:
    if by not in get_args(Pooling):
        raise CodingError("QC-K022", f"'by' is {by!r}, and must be one of {', '.join(get_args(Pooling))}",
                          hint="`run` is usual.")  # fmt: skip
    for what, value, low in (
        ("words", words, 20),
        ("fewest_segments", fewest_segments, 1),
        ("fewest_terms", fewest_terms, 1),
    ):
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            raise CodingError("QC-K022", f"{what!r} is {value!r}, and must be a whole number from {low} up",
                              hint="Leave it out for the usual value.")  # fmt: skip
    if not isinstance(largest_share, int | float) or not 0 < largest_share <= 1:
        raise CodingError("QC-K022", f"'largest_share' is {largest_share!r}, and must be above 0 and at most 1",
                          hint="Leave it out for the usual value.")  # fmt: skip


def _pieces(units: Units, by: Pooling, words: int) -> Iterator[_Piece]:
    for rows in _sequences(units, by):
        if by == "question":
            yield _Piece(rows, np.zeros(len(rows)))
        elif by == "run":
            yield from _cut(rows, units, words)
        else:
            yield from _windows(rows, units.words[rows], words)


def _sequences(units: Units, by: Pooling) -> list[Array]:
    """Return runs of units (rows) by one person that may be joined, each ascending."""
    if not len(units):
        return []
    alone = np.where(units.speaker < 0, units.block, -1)  # where nobody is named, only a turn is surely one person's
    if by == "question":
        keys = [units.document, units.question, units.speaker, alone]
        order = np.lexsort((np.arange(len(units)), *reversed(keys)))
        apart = np.zeros(len(units) - 1, bool)
        for key in keys:
            apart |= np.diff(key[order]) != 0
    else:
        order = np.lexsort((np.arange(len(units)), alone, units.speaker, units.document))
        apart = (np.diff(order) != 1) & (np.diff(units.question[order]) != 0)
        for key in (units.document, units.speaker, alone):
            apart |= np.diff(key[order]) != 0
    return np.split(order, np.flatnonzero(apart) + 1)


def _cut(rows: Array, units: Units, words: int) -> Iterator[_Piece]:
    """Yield a run in equal pieces of about ``words`` words, cut between sentences, if possible between turns."""
    ends = np.cumsum(units.words[rows])
    number = max(1, round(int(ends[-1]) / words))
    borders = ends[:-1]
    between_turns = np.diff(units.block[rows]) != 0
    last = 0
    for piece in range(1, number):
        if last >= len(borders):
            break
        cost = np.abs(borders[last:] - piece * ends[-1] / number) - TURN_BONUS * words * between_turns[last:]
        cut = last + int(np.argmin(cost)) + 1
        yield _Piece(rows[last:cut], np.zeros(cut - last))
        last = cut
    yield _Piece(rows[last:], np.zeros(len(rows) - last))


def _windows(rows: Array, sizes: Array, words: int) -> Iterator[_Piece]:
    """Yield a run through a window that moves by half its width; the last ends where the run does."""
    ends = np.cumsum(sizes)
    middle = ends - sizes / 2
    number = max(1, round(2 * int(ends[-1]) / words) - 1)
    step = ends[-1] / (number + 1)
    for window in range(number):
        inside = np.flatnonzero((middle >= window * step) & (middle <= (window + 2) * step))
        if len(inside):
            yield _Piece(rows[inside], np.abs(middle[inside] - (window + 1) * step))


def _holds(pieces: Sequence[_Piece], n_units: int) -> Any:
    from scipy.sparse import csr_array

    sizes = np.asarray([len(piece.rows) for piece in pieces], np.int64)
    rows = np.concatenate([piece.rows for piece in pieces]) if pieces else np.empty(0, np.int64)
    content = (np.ones(len(rows), np.int8), rows, np.append(0, np.cumsum(sizes)))
    return csr_array(content, shape=(len(pieces), n_units))


def _onto(lemmas: Sequence[str], names: Sequence[str]) -> Any:
    """Return the matrix that takes counts of lemmas to counts of terms (lemmas × terms)."""
    from scipy.sparse import csr_array

    column = {name: number for number, name in enumerate(names)}
    pairs = [(row, column[lemma]) for row, lemma in enumerate(lemmas) if lemma in column]
    rows, columns = (np.asarray(each, np.int64) for each in (zip(*pairs, strict=True) if pairs else ((), ())))
    return csr_array((np.ones(len(rows), np.int32), (rows, columns)), shape=(len(lemmas), len(names)))


def _segments_with(units: Units, home: Array, n_pieces: int) -> Array:
    """Return in how many segments each lemma is, a unit counted in one only: windows would count it twice."""
    from scipy.sparse import csr_array

    content = (np.ones(len(units), np.int32), (home, np.arange(len(units))))
    counts = csr_array(content, shape=(n_pieces, len(units))) @ units.counts
    return np.bincount(counts.tocsr().indices, minlength=len(units.lemmas))


def _home(pieces: Sequence[_Piece], n_units: int) -> Array:
    """Return for each unit the piece whose middle is nearest, the first of two; −1 for none."""
    home = np.full(n_units, -1, np.int64)
    nearest = np.full(n_units, np.inf)
    for number, piece in enumerate(pieces):
        closer = piece.distance < nearest[piece.rows]
        home[piece.rows[closer]] = number
        nearest[piece.rows[closer]] = piece.distance[closer]
    return home
