"""Replays of a coded project: the truth from a layer, the passages of its documents, each order a few times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.errors import LedgerError
from qualcode.model.codes import Codebook
from qualcode.model.document import Span
from qualcode.model.ledger import SETTLED
from qualcode.project.reading_order import LEARNERS

if TYPE_CHECKING:
    from qualcode.coding import Corpus
    from qualcode.coding.base import Coder
    from qualcode.coding.features.units import Units
    from qualcode.project.reading_order import ReadingOrder
    from qualcode.project.standing import Held
    from qualcode.review.reading.learning import Learner
    from qualcode.review.reading.orders import Order
    from qualcode.review.reading.simulation import Simulation

__all__ = ["simulate"]

CHANCE = ("mixed", "random")
"""Orders that chance has a part in: the others are the same each time, and are replayed once."""
FEWEST = 5
"""A code is replayed when so many passages have it."""


def simulate(
    project: ReadingOrder, *, code: str | Iterable[str] | None, layer: str | Path | None, orders: Sequence[Order],
    seeds: int, step: int, rules: Sequence[str], documents: Iterable[str] | None, coders: Sequence[str] | None,
    learner: str, seed: int, target: float, confidence: float, codebook: str | None, tell: Callable[[str], None],
) -> Simulation:  # fmt: skip
    """Return the replays; see :meth:`~qualcode.project.reading_order.ReadingOrder.simulate`."""
    from qualcode.review.reading.before import before_labels
    from qualcode.review.reading.learning import vectors_of
    from qualcode.review.reading.passages import passages_of
    from qualcode.review.reading.replay import replay
    from qualcode.review.reading.simulation import Simulation
    from qualcode.review.reading.truth import truth_of
    from qualcode.stats.inputs import between

    _check_words(orders, rules, learner)
    between(target, "the target recall", 0, 1)
    between(confidence, "the confidence", 0, 1)
    held = project.held(codebook)
    book = project._book(held.book.id, project.codebooks)
    whole = project.corpus(book.id)
    notes: list[str] = []
    if layer is not None and (isinstance(layer, Path) or str(layer).endswith(".csv")):
        from qualcode.interchange.handcoded import read_coded

        table = read_coded(layer, whole.documents, book, elsewhere=True)
        by, known = Path(layer).name, table.documents
        marked = [(each.document_id, each.span, each.code) for each in table.codings]
    else:
        by, marked, known, told = _layer_marked(project, held, str(layer) if layer is not None else None)
        notes += [told] if told else []
    chosen = _documents_named(project, documents, known)
    corpus = _cut(whole, chosen, project.settings.model)
    units = passages_of(corpus, book)
    given = [code] if isinstance(code, str) else list(code or ())
    wanted = [project._code_named(each, book) for each in given] or [
        each.id for each in book if each.codable and each.status != "retired"
    ]
    truth = {each: truth_of(units, marked, book, each) for each in wanted}
    few = [each for each in wanted if truth[each].sum() < FEWEST]
    if few:
        notes.append(f"Left out, because fewer than {FEWEST} passages have it: {', '.join(few)}.")
    wanted = [each for each in wanted if each not in few]
    if not wanted:
        raise LedgerError("QC-L045", f"no code stands on {FEWEST} passages or more, so there is nothing to replay",
                          hint="Name another code, another layer or more documents.")  # fmt: skip
    tell("What coders make of the passages before any label …")
    asked = [each for each in (coders if coders is not None else _without_labels(project)) if each != "none"]
    made = [_coder(each, book, project) for each in asked]
    before = before_labels(made, corpus, book, units, wanted)
    told = f"Before the first label: {' and '.join(asked) or 'nothing'}. Where rules or examples were written with an "
    notes.append(told + "eye on these transcripts, the orders look better here than they would elsewhere.")
    vectors = vectors_of(units)
    replays = []
    for at, each in enumerate(wanted):
        own = _learner(learner, corpus, units, book, each, vectors, before[:, at])
        for order in orders:
            tell(f"{each} ({at + 1} of {len(wanted)}): {order} …")
            replays += [
                replay(truth[each], own, code=each, order=order, seed=seed + number, step=step, rules=rules,
                       target=target, confidence=confidence)
                for number in range(seeds if order in CHANCE else 1)
            ]  # fmt: skip
    labels = {each: book[each].label for each in wanted}
    return Simulation(tuple(replays), labels, len(units), len(chosen), by, learner, step, target, confidence,
                      tuple(notes))  # fmt: skip


def _check_words(orders: Sequence[str], rules: Sequence[str], learner: str) -> None:
    from qualcode.review.reading.orders import ORDERS
    from qualcode.review.reading.replay import RULES

    for what, given, known in (
        ("order", orders, ORDERS), ("stopping rule", rules, RULES), ("learner", [learner], LEARNERS),
    ):  # fmt: skip
        for each in given:
            if each not in known:
                raise LedgerError("QC-L042", f"there is no {what} {each!r}", hint=f"One of: {', '.join(known)}.")
    if not orders:
        raise LedgerError("QC-L042", "name an order", hint=f"Some of: {', '.join(ORDERS)}.")


def _cut(corpus: Corpus, chosen: frozenset[str], model: str | None) -> Corpus:
    """Return the corpus of some of the documents, with an index of its own."""
    from qualcode.coding import Corpus

    kept = [each for each in corpus.documents if each.id in chosen]
    if len(kept) == len(corpus.documents):
        return corpus
    return replace(Corpus.of(kept, model=model), vectors=corpus.vectors)


def _without_labels(project: ReadingOrder) -> list[str]:
    """Return the recipe's coders that need no labels, and the examples."""
    named = [each.name for each in project.settings.coders if each.name in ("rules", "exemplars")]
    return list(dict.fromkeys([*named, "exemplars"]))


def _coder(name: str, book: Codebook, project: ReadingOrder) -> Coder:
    from qualcode.coding import make_coder

    parameters = next((each.parameters for each in project.settings.coders if each.name == name), {})
    return make_coder(name, codebook=book, **parameters)


def _learner(
    name: str, corpus: Corpus, units: Units, book: Codebook, code: str, vectors: Any, before: Any
) -> Learner:  # fmt: skip
    from qualcode.review.reading.learning import CoderLearner, QuickLearner

    if name == "quick":
        return QuickLearner(vectors, before)
    from qualcode.coding import make_coder

    coder: Any = make_coder(name, codebook=book, codes=(code,))
    return CoderLearner(lambda given, codings: coder.fit(given, codings).scores(given), corpus, units, book, code,
                        vectors, before)  # fmt: skip


def _layer_marked(
    project: ReadingOrder, held: Held, name: str | None
) -> tuple[str, list[tuple[str, Span, str]], frozenset[str], str]:
    """Return a person's coded passages: the name, the passages, the documents worked through, and what to know of them.

    Raises:
        LedgerError: QC-L045 when nobody has coded anything.
        ProjectError: QC-P033 for a person who decided nothing.
    """
    layers = project.layers([name] if name else None, machine=False, codebook=held.book.id)
    layers = tuple(each for each in layers if each.codings)
    if not layers and name is None and any(each.layer == SETTLED for each in held.judgements):
        layers = project.layers([SETTLED], machine=False, codebook=held.book.id)
    if not layers:
        raise LedgerError("QC-L045", "nobody has coded whole transcripts yet, so there is nothing to replay",
                          hint="Note which are worked through (qualcode done), or name a file of codings: --layer FILE",
                          )  # fmt: skip
    layer = max(layers, key=lambda each: len(each.codings))
    taken = sum(each.coder != "person" for each in layer.codings)
    note = ""
    if taken:
        note = (f"{taken} of {len(layer.codings)} codings are suggestions that {layer.coder} accepted: what a coder "
                "had proposed is found sooner here than it would be elsewhere.")  # fmt: skip
    return layer.coder, [(each.document_id, each.span, each.code) for each in layer.codings], layer.documents, note


def _documents_named(project: ReadingOrder, names: Iterable[str] | None, known: frozenset[str]) -> frozenset[str]:
    """Return the ids of documents by name, among those that are known.

    Raises:
        ProjectError: QC-P031 for a name that there is not.
        LedgerError: QC-L045 when none of them is known.
    """
    if names is None:
        return known
    found = frozenset(project._document_named(each).id for each in names) & known
    if not found:
        raise LedgerError("QC-L045", "none of these documents is coded by this layer",
                          hint="Name others, or another layer.")  # fmt: skip
    return found
