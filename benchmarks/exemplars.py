"""How well the ``exemplars`` coder finds the codes of examples that a hand wrote whom it has not learnt from.

    python benchmarks/exemplars.py                 # passages one by one: every hand from all others
    python benchmarks/exemplars.py --curve         # with 2, 4, 8 … examples a code
    python benchmarks/exemplars.py --turns         # passages of a hand strung together to turns, as in talk
    python benchmarks/exemplars.py --turns --grid  # the same for several weights of neighbours and questions
    python benchmarks/exemplars.py --speed         # seconds of CPU for learning and for 2,500 passages

No interview is read: weights, shares and thresholds of the coder were chosen on these figures alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import time

import numpy as np

from qualcode.codebook import load_codebook
from qualcode.codebook.bank import BankExample, ExampleBank, load_bank
from qualcode.coding import Corpus, ExemplarsCoder, RulesCoder
from qualcode.coding.exemplars.coder import NEIGHBOURS, QUESTION
from qualcode.coding.exemplars.material import Exemplar, exemplars_of
from qualcode.coding.exemplars.model import Model, View, learn
from qualcode.coding.exemplars.talk import strung
from qualcode.coding.features.counts import count_units
from qualcode.coding.features.texts import index_of
from qualcode.model.codes import Codebook
from qualcode.model.document import Document, Span, sha256_of
from qualcode.text.index import TokenIndex

SEED = 1
VIEW = View("turn", NEIGHBOURS, QUESTION)
"""Passages one by one: thresholds are those of whole turns."""
STEPS = (2, 4, 8, 16, 24, 32, 40)


def average_precision(scores: np.ndarray, right: np.ndarray) -> float:
    """Return the mean precision at the place of each right one (ties in the order given)."""
    ranked = right[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(ranked) / np.arange(1, len(ranked) + 1))[ranked].mean())


def figures(scores: np.ndarray, right: np.ndarray, suggested: np.ndarray, first: np.ndarray) -> dict[str, float]:
    """Return the figures of one run; ``first`` is the column of the code that a passage was written for, −1 for none."""
    hits = (suggested & right).sum()
    own = np.flatnonzero(first >= 0)
    rank = (scores[own] > scores[own, first[own]][:, None]).sum(axis=1)
    blank = ~right.any(axis=1)
    by_code = 2 * (suggested & right).sum(axis=0) / np.maximum(1, suggested.sum(axis=0) + right.sum(axis=0))
    return {
        "macro AP": float(np.mean([average_precision(scores[:, c], right[:, c]) for c in range(right.shape[1])])),
        "precision": hits / max(1, suggested.sum()),
        "recall": hits / right.sum(),
        "F1": 2 * hits / (suggested.sum() + right.sum()),
        "macro F1": float(by_code.mean()),
        "first": float((rank < 1).mean()),
        "first five": float((rank < 5).mean()),
        "clean": float(1 - suggested[blank].any(axis=1).mean()),
    }


def one_by_one(book: Codebook, bank: ExampleBank) -> dict[str, float]:
    """Return the figures for each hand's examples by what was learnt from all others, thresholds included."""
    codes = [code.id for code in book if code.codable]
    column = {code: number for number, code in enumerate(codes)}
    primary = {each.id: column[each.code] for each in bank.examples if each.kind != "near_miss"}
    parts = []
    for hand in (each.id for each in bank.hands):
        model = learn(exemplars_of(book, without(bank, hand)), codes, VIEW)
        tried = [each for each in exemplars_of(book, bank) if each.hand == hand]
        scores = model.scores(seen(model, [each.text for each in tried]))
        right = np.asarray([[code in each.codes for code in codes] for each in tried])
        parts.append((scores, right, scores >= model.thresholds, [primary.get(each.id, -1) for each in tried]))
    scores, right, suggested, first = (np.concatenate(column) for column in zip(*parts, strict=True))
    return figures(scores, right, suggested, first)


def seen(model: Model, texts: list[str]):  # type: ignore[no-untyped-def]  # a sparse matrix has no public type
    """Return texts as the model sees them."""
    shard = index_of(texts).shards[0]
    counts, _ = count_units(shard, "turn", model.vocabulary)
    return model.vocabulary.vectors(counts.words, counts.letters, counts.unknown)


def without(bank: ExampleBank, hand: str) -> ExampleBank:
    """Return the bank without a hand."""
    return dataclasses.replace(
        bank,
        hands=tuple(each for each in bank.hands if each.id != hand),
        examples=tuple(each for each in bank.examples if each.hand != hand),
        none=tuple(each for each in bank.none if each.hand != hand),
    )


def curve(book: Codebook, bank: ExampleBank) -> None:
    """Print the figures for ever more examples a code, drawn evenly from the hands that are learnt from.

    What the codebook itself says of a code is left out, so that the number of examples is what it says. With 8 examples
    a code and hand, more than 32 need all hands: the last step leaves out a twentieth of the passages at a time, of all
    hands alike, so that about 38 remain, some by the hand that is tried.
    """
    plain = dataclasses.replace(
        book, codes=tuple(dataclasses.replace(code, examples=type(code.examples)(), definition="", brief="", include=())
                          for code in book)
    )  # fmt: skip
    codes = [code.id for code in book if code.codable]
    column = {code: number for number, code in enumerate(codes)}
    primary = {each.id: column[each.code] for each in bank.examples if each.kind != "near_miss"}
    print(
        "| examples a code | macro AP | precision | recall | F1 | right code among the first five | none left clean |"
    )
    print("|---|---|---|---|---|---|---|")
    for step in STEPS:
        parts = []
        folds = [[hand.id] for hand in bank.hands] if step <= 32 else []
        groups = [
            [e.id for e in bank.examples if e.hand in fold] + [n.id for n in bank.none if n.hand in fold]
            for fold in folds
        ]
        if not groups:
            everything = [each.id for each in (*bank.examples, *bank.none)]
            random.Random(SEED).shuffle(everything)
            groups = [everything[start::20] for start in range(20)]
        for group in groups:
            out = set(group)
            left = [each for each in bank.examples if each.id not in out]
            kept: list[BankExample] = []
            for code in codes:
                own = [each for each in left if each.code == code and each.kind != "near_miss"]
                random.Random(SEED).shuffle(own)
                near = [each for each in left if each.code == code and each.kind == "near_miss"]
                kept += own[:step] + near[: max(1, step // 8)]
            none = [each for each in bank.none if each.id not in out]
            random.Random(SEED).shuffle(none)
            part = dataclasses.replace(bank, examples=tuple(kept), none=tuple(none[: max(8, len(none) * step // 40)]))
            model = learn(exemplars_of(plain, part), codes, VIEW)
            tried = [each for each in exemplars_of(plain, bank) if each.id in out]
            scores = model.scores(seen(model, [each.text for each in tried]))
            right = np.asarray([[code in each.codes for code in codes] for each in tried])
            parts.append((scores, right, scores >= model.thresholds, [primary.get(each.id, -1) for each in tried]))
        got = figures(*(np.concatenate(column) for column in zip(*parts, strict=True)))
        print(f"| {step} | {got['macro AP']:.3f} | {got['precision']:.2f} | {got['recall']:.2f} | {got['F1']:.3f} "
              f"| {got['first five']:.3f} | {got['clean']:.2f} |", flush=True)  # fmt: skip


def strung_of(bank: ExampleBank, book: Codebook, hand: str) -> tuple[Document, TokenIndex, list[tuple[Span, Exemplar]]]:
    """Return a hand's passages as talk (other turns than those that thresholds are found on), and what stands where."""
    own = [each for each in exemplars_of(book, bank) if each.hand == hand]
    talk = strung(own, f"benchmark {hand}")
    placed = [(Span(start, start + len(own[row].text)), own[row])
              for start, row in zip(talk.starts, talk.rows, strict=True)]  # fmt: skip
    document = dataclasses.replace(talk.document, id=f"talk-{hand}", name=f"talk-{hand}")
    return document, TokenIndex.build([document]), placed


def in_turns(book: Codebook, bank: ExampleBank, weights: list[tuple[float, float]], *, rules: bool = True) -> None:
    """Print precision, recall and F1 of passages in turns, for the rules, for each pair of weights, and for the union."""
    hands = [each.id for each in bank.hands if len([n for n in bank.none if n.hand == each.id]) > 10]
    stood = {hand: strung_of(bank, book, hand) for hand in hands}
    corpora = {hand: Corpus((stood[hand][0],), stood[hand][1]) for hand in hands}
    by_rules = {hand: list(RulesCoder(book).suggest(corpora[hand])) for hand in hands} if rules else {}
    coders = {hand: ExemplarsCoder(book, bank=without(bank, hand)) for hand in hands}
    rows = [("rules", by_rules)] if rules else []
    for neighbours, question in weights:
        found = {}
        for hand in hands:
            coder = dataclasses.replace(coders[hand], neighbours=neighbours, question=question)
            found[hand] = list(coder.suggest(corpora[hand]))
        rows.append((f"exemplars, neighbours {neighbours}, question {question}", found))
        if rules:
            rows.append(("both", {hand: by_rules[hand] + found[hand] for hand in hands}))
    print("| | machine | precision | recall | F1 | plain passages left clean | stance right |")
    print("|---|---|---|---|---|---|---|")
    for name, found in rows:
        machine = correct = standard = hit = plain = clean = same = 0
        for hand in hands:
            for each in found[hand]:
                machine += 1
                partners = [
                    one for place, one in stood[hand][2] if each.code in one.codes and place.overlaps(each.span)
                ]
                correct += bool(partners)
                same += any((each.facets.get("stance") == "absent") == one.denial for one in partners)
            for place, one in stood[hand][2]:
                here = {each.code for each in found[hand] if each.span.overlaps(place)}
                standard += len(one.codes)
                hit += len(here & set(one.codes))
                plain += not one.codes
                clean += not one.codes and not here
        p, r = correct / max(1, machine), hit / standard
        print(f"| {name} | {machine} | {p:.3f} | {r:.3f} | {2 * p * r / max(1e-9, p + r):.3f} | {clean / plain:.3f} "
              f"| {same / max(1, correct):.3f} |", flush=True)  # fmt: skip


def speed(book: Codebook, bank: ExampleBank) -> None:
    """Print seconds of CPU for learning, and for coding 2,500 passages."""
    texts = [each.text for each in bank.examples][:1250] * 2
    document_index = index_of(texts)
    document = _as_document(texts)
    coder = ExemplarsCoder(dataclasses.replace(book, unit="turn"), bank=bank)
    begin = time.process_time()
    _ = coder.model
    middle = time.process_time()
    found = coder.suggest(Corpus((document,), document_index))
    end = time.process_time()
    print(f"learning {middle - begin:.2f} s, {len(texts)} passages {end - middle:.2f} s, {len(found)} suggestions")


def _as_document(texts: list[str]) -> Document:
    text = "\n\n".join(texts) + "\n\n"
    digest = sha256_of(text)
    return Document("examples", "examples", text, digest, "examples", digest, "examples", "exemplars", "1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codebook", default="hope-merged")
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--turns", action="store_true")
    parser.add_argument("--grid", action="store_true")
    parser.add_argument("--speed", action="store_true")
    chosen = parser.parse_args()
    book = load_codebook(chosen.codebook)
    bank = load_bank(book)
    if bank is None:
        raise SystemExit(f"{chosen.codebook} has no examples")
    if chosen.curve:
        curve(book, bank)
    elif chosen.turns:
        coder = ExemplarsCoder(book)
        weights = [(coder.neighbours, coder.question)]
        if chosen.grid:
            weights = [(n, 0.0) for n in (0.0, 0.25, 0.5, 0.75, 1.0)] + [
                (0.5, 0.1),
                (0.5, 0.2),
                (0.75, 0.1),
                (0.75, 0.2),
            ]
        in_turns(book, bank, weights, rules=not chosen.grid)
    elif chosen.speed:
        speed(book, bank)
    else:
        for name, value in one_by_one(book, bank).items():
            print(f"{name:12} {value:.3f}")


if __name__ == "__main__":
    main()
