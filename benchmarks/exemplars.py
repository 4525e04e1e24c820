"""How well the ``exemplars`` coder finds the codes of examples that a hand wrote whom it has not learnt from.

    python benchmarks/exemplars.py                 # passages one by one: every hand from all others
    python benchmarks/exemplars.py --curve         # with 2, 4, 8 … examples a code
    python benchmarks/exemplars.py --turns         # passages of a hand strung together to turns, as in talk
    python benchmarks/exemplars.py --turns --grid  # the same for several weights of neighbours and questions
    python benchmarks/exemplars.py --speed         # seconds of CPU for learning and for 2,500 passages
    python benchmarks/exemplars.py --interviews    # on the interviews 01 02 04 06

With ``--vectors FOLDER`` sentence vectors of that model count too, for ``--weight`` of a similarity (``--cache FOLDER``
keeps them). But for the last, no interview is read: weights, shares and thresholds of the coder were chosen on the
figures of the bank alone.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import random
import resource
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qualcode.codebook import load_codebook
from qualcode.codebook.bank import BankExample, ExampleBank, load_bank
from qualcode.coding import Corpus, ExemplarsCoder, RulesCoder
from qualcode.coding.base import Encoder
from qualcode.coding.exemplars.coder import NEIGHBOURS, QUESTION, VECTORS
from qualcode.coding.exemplars.material import Exemplar, exemplars_of
from qualcode.coding.exemplars.model import Model, View, learn
from qualcode.coding.exemplars.talk import strung
from qualcode.coding.features.counts import count_units
from qualcode.coding.features.meaning import unit_texts
from qualcode.coding.features.semantic import load_encoder
from qualcode.coding.features.texts import index_of
from qualcode.ingest import read_path
from qualcode.model.codes import Codebook
from qualcode.model.document import Document, Span, sha256_of
from qualcode.resources import corpora_dir
from qualcode.text.index import TokenIndex

SEED = 1
VIEW = View("turn", NEIGHBOURS, QUESTION)
"""Passages one by one: thresholds are those of whole turns."""
STEPS = (2, 4, 8, 16, 24, 32, 40)
DRAWS = 2_000
TUNED = ("01", "02", "04", "06")


@dataclass(frozen=True)
class Meaning:
    """What makes sentence vectors, if anything, and what they count for."""

    encoder: Encoder | None = None
    weight: float = VECTORS

    def learn(self, exemplars: tuple[Exemplar, ...], codes: list[str]) -> Model:
        return learn(exemplars, codes, VIEW, self.encoder, self.weight)

    def scores(self, model: Model, texts: list[str]) -> np.ndarray:
        """Return the scores of texts, each by itself."""
        shard = index_of(texts).shards[0]
        counts, _ = count_units(shard, "turn", model.vocabulary)
        vectors = model.vocabulary.vectors(counts.words, counts.letters, counts.unknown)
        if model.meanings is None or self.encoder is None:
            return model.scores(vectors)
        return model.scores(vectors, self.encoder.encode(unit_texts(shard, "turn", vectors.shape[0])))


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


def one_by_one(book: Codebook, bank: ExampleBank, meaning: Meaning) -> dict[str, float]:
    """Return the figures for each hand's examples by what was learnt from all others, thresholds included."""
    codes = [code.id for code in book if code.codable]
    column = {code: number for number, code in enumerate(codes)}
    primary = {each.id: column[each.code] for each in bank.examples if each.kind != "near_miss"}
    parts = []
    for hand in (each.id for each in bank.hands):
        model = meaning.learn(exemplars_of(book, without(bank, hand)), codes)
        tried = [each for each in exemplars_of(book, bank) if each.hand == hand]
        scores = meaning.scores(model, [each.text for each in tried])
        right = np.asarray([[code in each.codes for code in codes] for each in tried])
        parts.append((scores, right, scores >= model.thresholds, [primary.get(each.id, -1) for each in tried]))
    scores, right, suggested, first = (np.concatenate(column) for column in zip(*parts, strict=True))
    return figures(scores, right, suggested, first)


def without(bank: ExampleBank, hand: str) -> ExampleBank:
    """Return the bank without a hand."""
    return dataclasses.replace(
        bank,
        hands=tuple(each for each in bank.hands if each.id != hand),
        examples=tuple(each for each in bank.examples if each.hand != hand),
        none=tuple(each for each in bank.none if each.hand != hand),
    )


def curve(book: Codebook, bank: ExampleBank, meaning: Meaning) -> None:
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
            model = meaning.learn(exemplars_of(plain, part), codes)
            tried = [each for each in exemplars_of(plain, bank) if each.id in out]
            scores = meaning.scores(model, [each.text for each in tried])
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


def in_turns(
    book: Codebook, bank: ExampleBank, weights: list[tuple[float, float]], meaning: Meaning, *, rules: bool = True
) -> None:  # fmt: skip
    """Print precision, recall and F1 of passages in turns, for the rules, for each pair of weights, and for the union."""
    hands = [each.id for each in bank.hands if len([n for n in bank.none if n.hand == each.id]) > 10]
    stood = {hand: strung_of(bank, book, hand) for hand in hands}
    corpora = {hand: Corpus((stood[hand][0],), stood[hand][1], vectors=meaning.encoder) for hand in hands}
    by_rules = {hand: list(RulesCoder(book).suggest(corpora[hand])) for hand in hands} if rules else {}
    coders = {hand: ExemplarsCoder(book, bank=without(bank, hand), vectors=meaning.weight) for hand in hands}
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


def on_interviews(book: Codebook, meaning: Meaning) -> None:
    """Print what `quality.py --coder exemplars` does, in short, for the interviews that rules were tuned on.

    Intervals: 95 %, percentile bootstrap over the interviewees' turns (2,000 draws, seed 1).
    """
    study = corpora_dir() / "hope-challenge"
    documents = [read_path(path)[0] for path in sorted((study / "transcripts").iterdir()) if path.name[:2] in TUNED]
    ids = {document.name: document.id for document in documents}
    with (study / "gold" / "settled.csv").open(newline="", encoding="utf-8") as file:
        gold = [(ids[row["document"]], int(row["block"]), Span(int(row["start"]), int(row["end"])), row["code"], row["stance"])
                for row in csv.DictReader(file) if row["document"] in ids]  # fmt: skip
    corpus = dataclasses.replace(Corpus.of(documents), vectors=meaning.encoder)
    found = ExemplarsCoder(book, vectors=meaning.weight).suggest(corpus)
    turns = [(d.id, b.index) for d in documents for b in d.blocks if b.kind == "turn" and d.role_of(b) == "participant"]
    row_of = {turn: number for number, turn in enumerate(turns)}
    table = np.zeros((len(turns), 4))
    same = 0
    for each in found:
        partners = [g for g in gold if g[0] == each.document_id and g[3] == each.code and g[2].overlaps(each.span)]
        table[row_of[each.document_id, each.block], :2] += [1, bool(partners)]
        same += any(each.facets.get("stance") == g[4] for g in partners)
    for document, block, span, code, _ in gold:
        hit = any(each.document_id == document and each.code == code and each.span.overlaps(span) for each in found)
        table[row_of[document, block], 2:] += [1, hit]
    draws = np.random.default_rng(1).multinomial(len(turns), np.full(len(turns), 1 / len(turns)), DRAWS) @ table

    def rates(sums: np.ndarray) -> np.ndarray:
        precision, recall = sums[..., 1] / sums[..., 0], sums[..., 3] / sums[..., 2]
        return np.stack([precision, recall, 2 * precision * recall / (precision + recall)])

    limits = np.nanpercentile(rates(draws), [2.5, 97.5], axis=1)
    for name, value, low, high in zip(("precision", "recall", "F1"), rates(table.sum(axis=0)), *limits, strict=True):
        print(f"{name:12} {value:.3f} [{low:.2f}, {high:.2f}]")
    print(f"machine      {len(found)}, standard {len(gold)}, stance right {same} of {int(table[:, 1].sum())}")
    clean = coded = 0
    for document in documents:
        own = [g[2] for g in gold if g[0] == document.id]
        ours = [each.span for each in found if each.document_id == document.id]
        for unit in corpus.index.unit_spans(document.id, "sentence"):
            block = next(b.index for b in document.blocks if b.span.contains(unit))
            if (document.id, block) in row_of and not any(unit.overlaps(each) for each in own):
                clean += 1
                coded += any(unit.overlaps(each) for each in ours)
    print(f"sentences without a code that were coded all the same: {coded} of {clean}")


def speed(book: Codebook, bank: ExampleBank, meaning: Meaning) -> None:
    """Print seconds of CPU for learning, and for coding 2,500 passages; with a model, for 1,000 sentence vectors."""
    if meaning.encoder is not None:
        texts = [each.text for each in bank.examples][:1000]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begin = time.process_time()
        _ = meaning.encoder.encode(["A word to begin with."])
        middle = time.process_time()
        _ = meaning.encoder.encode(texts)
        end = time.process_time()
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"reading the model {middle - begin:.1f} s, {len(texts)} texts of {np.mean([len(t.split()) for t in texts]):.0f} "
              f"words {end - middle:.1f} s, peak memory {before / 1024:.0f} → {after / 1024:.0f} MB")  # fmt: skip
    texts = [each.text for each in bank.examples][:1250] * 2
    document_index = index_of(texts)
    document = _as_document(texts)
    coder = ExemplarsCoder(dataclasses.replace(book, unit="turn"), bank=bank, vectors=meaning.weight)
    begin = time.process_time()
    _ = coder.learnt(meaning.encoder)
    middle = time.process_time()
    found = coder.suggest(Corpus((document,), document_index, vectors=meaning.encoder))
    end = time.process_time()
    print(f"learning {middle - begin:.2f} s, {len(texts)} passages {end - middle:.2f} s, {len(found)} suggestions")


def _as_document(texts: list[str]) -> Document:
    text = "\n\n".join(texts) + "\n\n"
    digest = sha256_of(text)
    return Document("texts", "texts", text, digest, "texts", digest, "texts", "texts", "1")  # as `index_of` has it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codebook", default="hope-merged")
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--turns", action="store_true")
    parser.add_argument("--grid", action="store_true")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--interviews", action="store_true")
    parser.add_argument("--vectors", metavar="FOLDER", help="a sentence model, or a package that carries one")
    parser.add_argument("--weight", type=float, default=VECTORS, help="what sentence vectors count for")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="where sentence vectors are kept")
    chosen = parser.parse_args()
    encoder = None if chosen.vectors is None else load_encoder(chosen.vectors, cache=chosen.cache)
    meaning = Meaning(encoder, chosen.weight)
    book = load_codebook(chosen.codebook)
    bank = load_bank(book)
    if bank is None:
        raise SystemExit(f"{chosen.codebook} has no examples")
    if chosen.curve:
        curve(book, bank, meaning)
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
        in_turns(book, bank, weights, meaning, rules=not chosen.grid)
    elif chosen.speed:
        speed(book, bank, meaning)
    elif chosen.interviews:
        on_interviews(book, meaning)
    else:
        for name, value in one_by_one(book, bank, meaning).items():
            print(f"{name:12} {value:.3f}")


if __name__ == "__main__":
    main()
