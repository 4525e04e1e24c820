"""How well the classifier finds codes from few labels: sentences of student teachers' diaries, against plain methods.

    python benchmarks/reflection.py --data sentences.tsv                   # 0, 1, 5, 10, 50, 100 % of labels, folds by context
    python benchmarks/reflection.py --data sentences.tsv --stratified      # folds by sentence, near ones on both sides
    python benchmarks/reflection.py --data sentences.tsv --vectors FOLDER  # and ours with sentence vectors
    python benchmarks/reflection.py --data sentences.tsv --tuning          # on the half that choices were made on
    python benchmarks/reflection.py --speed                                # CPU for 2,500 passages x 25 codes, made up

The data is not part of qualcode: 6,096 sentences with one human code each of eight, or Other (EduMUNI,
reflection-classification, ``data/sentences/en/train``). ``Difficulties`` is ``Difficulty``. A sentence that is Other
carries no code.

**Halves.** Sentences whose texts or surroundings share eight words running, or that are the same, are one group, so
neighbours in a diary and duplicates stay together. Groups are halved by a hash. Everything about the classifier was
chosen on one half alone (``--tuning``); figures count sentences of the other half only. Training parts are what five
folds of all data leave (both halves), so that they are as large as usual.

**Figures**, each a mean over seeds (folds and the labels drawn differ by seed) with its standard deviation: macro F1 of
the eight codes, and of nine with Other (predicted where no code is); micro F1 of nine; macro average precision of the
eight; kappa (Cohen's, of nine, of the likeliest where several are predicted).
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")  # before numpy is imported

import argparse
import csv
import hashlib
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, cohen_kappa_score, f1_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.svm import LinearSVC

from qualcode.codebook import load_codebook
from qualcode.coding import CodeClassifier, Corpus, RulesCoder
from qualcode.coding.features.semantic import load_encoder
from qualcode.model.codes import Codebook
from qualcode.model.document import Block, Document, Span, Speaker, sha256_of

BOOK = Path(__file__).with_name("reflection-codebook.yaml")
SHARES = (0.0, 0.01, 0.05, 0.1, 0.5, 1.0)
RUN = 8
"""So many words running in common make two sentences neighbours."""

Data = dict[str, Any]
Found = tuple[np.ndarray, np.ndarray]
"""Scores and predictions, both sentences × codes."""


def read(path: Path, codes: Sequence[str]) -> Data:
    """Return sentences, what stands around them, labels, groups and halves."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    texts = [row["sentence"] for row in rows]
    named = ["Difficulty" if row["y"] == "Difficulties" else row["y"] for row in rows]
    around = [row["context"].replace(row["sentence"], " ") for row in rows]
    groups = grouped(texts, [row["context"] for row in rows])
    first: dict[int, str] = {}
    for row, group in zip(rows, groups.tolist(), strict=True):
        first.setdefault(group, row["idx"])
    half = np.asarray([hashlib.sha256(first[group].encode()).digest()[0] % 2 for group in groups.tolist()])
    labels = np.asarray([[name == code for code in codes] for name in named], np.int64)
    return {"texts": np.asarray(texts, object), "around": np.asarray(around, object), "labels": labels,
            "name": np.asarray(named), "groups": groups, "half": half}  # fmt: skip


def grouped(texts: Sequence[str], contexts: Sequence[str]) -> np.ndarray:
    """Return a group for each sentence: the same sentence, or eight words running in common."""
    seat: dict[Any, list[int]] = defaultdict(list)
    for number, (text, context) in enumerate(zip(texts, contexts, strict=True)):
        words = re.findall(r"\w+", text.lower())
        seat[" ".join(words)].append(number)
        for each in (words, re.findall(r"\w+", context.lower())):
            for key in {tuple(each[at : at + RUN]) for at in range(len(each) - RUN + 1)}:
                seat[key].append(number)
    pairs = [(a, b) for members in seat.values() for a, b in pairwise(members)]
    rows, columns = zip(*pairs, strict=True)
    graph = csr_array((np.ones(len(pairs)), (rows, columns)), shape=(len(texts), len(texts)))
    return np.asarray(connected_components(graph, directed=False)[1])


def folds(data: Data, rows: np.ndarray, seed: int, stratified: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield training and test rows of five folds."""
    names, groups = data["name"][rows], data["groups"][rows]
    if stratified:
        splits = StratifiedKFold(5, shuffle=True, random_state=seed).split(rows, names)
    else:
        splits = StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(rows, names, groups)
    for train, test in splits:
        yield rows[train], rows[test]


def majority(data: Data, train: np.ndarray, test: np.ndarray) -> Found:
    """Return the commonest code (or none) for every sentence."""
    labels = data["labels"][train]
    share = np.append(labels.mean(axis=0), 1 - labels.any(axis=1).mean()) if len(train) else np.zeros(9)
    best = int(np.argmax(share))
    said = np.zeros((len(test), labels.shape[1]), np.int64)
    if best < said.shape[1]:
        said[:, best] = 1
    return np.zeros(said.shape), said


def plain(make: Callable[[], Any], *, context: bool = False) -> Callable[[Data, np.ndarray, np.ndarray], Found]:
    """Return TF-IDF of words and pairs with a linear model for each code, predicted from its middle (p = 0.5)."""

    def run(data: Data, train: np.ndarray, test: np.ndarray) -> Found:
        parts = [("texts", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True))]
        if context:
            parts.append(("around", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)))
        from scipy.sparse import hstack

        x = hstack([each.fit_transform(data[name][train]) for name, each in parts]).tocsr()
        z = hstack([each.transform(data[name][test]) for name, each in parts]).tocsr()
        labels = data["labels"][train]
        scores = np.full((len(test), labels.shape[1]), -9.0)
        for code in range(labels.shape[1]):
            if 0 < labels[:, code].sum() < len(labels):
                scores[:, code] = make().fit(x, labels[:, code]).decision_function(z)
        return scores, (scores > 0).astype(np.int64)

    return run


def keywords(book: Codebook, codes: Sequence[str]) -> Callable[[Data, np.ndarray, np.ndarray], Found]:
    """Return the codebook's rules, which hold the manual's own cue words."""

    def run(data: Data, train: np.ndarray, test: np.ndarray) -> Found:  # noqa: ARG001 - it learns nothing
        blocks, parts, at = [], [], 0
        for number, text in enumerate(data["texts"][test]):
            blocks.append(Block(number, "turn", Span(at, at + len(text)), ("p",)))
            parts.append(text + "\n\n")
            at += len(text) + 2
        text = "".join(parts)
        digest = sha256_of(text)
        document = Document("d", "d", text, digest, "d", digest, "d", "d", "1", blocks=tuple(blocks),
                            speakers=(Speaker("p", "P", "participant"),))  # fmt: skip
        said = np.zeros((len(test), len(codes)), np.int64)
        for each in RulesCoder(book).suggest(Corpus.of([document])):
            said[each.block, list(codes).index(each.code)] = 1
        return said.astype(float), said

    return run


def ours(
    codes: Sequence[str], *, context: bool = True, **parameters: Any
) -> Callable[[Data, np.ndarray, np.ndarray], Found]:
    """Return our classifier."""

    def run(data: Data, train: np.ndarray, test: np.ndarray) -> Found:
        model = CodeClassifier(**parameters)
        before, after = (list(data["around"][train]), list(data["around"][test])) if context else (None, None)
        model.fit(list(data["texts"][train]), pd.DataFrame(data["labels"][train], columns=list(codes)),
                  groups=data["groups"][train], context=before)  # fmt: skip
        texts = list(data["texts"][test])
        return model.predict_proba(texts, after).to_numpy(), model.predict(texts, after).to_numpy()

    return run


def figures(data: Data, test: np.ndarray, found: Found) -> tuple[float, ...]:
    """Return macro F1 of eight and nine, micro F1 of nine, macro average precision, kappa."""
    scores, said = found
    labels = data["labels"][test]
    nine = np.column_stack([labels, 1 - labels.any(axis=1)])
    also = np.column_stack([said, 1 - said.any(axis=1)])
    first = np.where(said.any(axis=1), np.argmax(np.where(said > 0, scores, -np.inf), axis=1), said.shape[1])
    return (
        f1_score(labels, said, average="macro", zero_division=0), f1_score(nine, also, average="macro", zero_division=0),
        f1_score(nine, also, average="micro", zero_division=0),
        float(np.mean([average_precision_score(labels[:, code], scores[:, code]) for code in range(labels.shape[1])])),
        cohen_kappa_score(nine.argmax(axis=1), first),
    )  # fmt: skip


class Kept:
    """Sentence vectors that are made once for each text."""

    def __init__(self, folder: str, cache: str | None) -> None:
        self.encoder = load_encoder(folder, cache=Path(cache) if cache else None)
        self.id = self.encoder.id

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return self.encoder.encode(texts)


def compare(data: Data, args: argparse.Namespace) -> None:
    """Print a row for each method and share of labels."""
    book = load_codebook(BOOK)
    codes = [code.id for code in book]
    methods: dict[str, Callable[[Data, np.ndarray, np.ndarray], Found]] = {
        "majority": majority,
        "keywords": keywords(book, codes),
        "TF-IDF + LR at 0.5": plain(lambda: LogisticRegression(max_iter=1000, class_weight="balanced")),
        "the same, unbalanced": plain(lambda: LogisticRegression(max_iter=1000)),
        "the same with context": plain(
            lambda: LogisticRegression(max_iter=1000, class_weight="balanced"), context=True
        ),
        "TF-IDF + linear SVM": plain(lambda: LinearSVC(class_weight="balanced")),
        "ours": ours(codes, codebook=book),
        "ours without context": ours(codes, codebook=book, context=False),
        "ours without rules": ours(codes, codebook=book, rules=False),
        "ours without codebook": ours(codes),
    }
    if args.only:
        methods = {name: method for name, method in methods.items() if args.only in name}
    for folder in args.vectors:
        encoder = Kept(folder, args.cache)
        methods[f"ours with {Path(folder).name}"] = ours(codes, codebook=book, vectors=encoder)
    rows = np.flatnonzero(data["half"] == 0) if args.tuning else np.arange(len(data["half"]))
    wanted = 0 if args.tuning else 1
    n = int((data["half"] == wanted).sum())
    print(f"{len(rows):,} sentences in {len(np.unique(data['groups'][rows])):,} groups; counted: {n:,}; "
          f"seeds {args.seeds}; {'stratified' if args.stratified else 'grouped'} folds\n")  # fmt: skip
    print("| labels | method | macro F1 (8) | macro F1 (9) | micro F1 (9) | macro AP (8) | kappa (9) |")
    print("|---|---|---|---|---|---|---|")
    for share in args.shares:
        for name, method in methods.items():
            learns = name.startswith("ours")
            if (share == 0 and not learns and name != "keywords") or (share and name == "keywords"):
                continue
            if share == 0 and name == "ours without codebook":
                continue
            seeds = []
            for seed in range(args.seeds):
                parts = []
                for train, test in folds(data, rows, seed, args.stratified):
                    drawn = np.random.default_rng(seed).permutation(train)[: round(share * len(train))]
                    counted = test[data["half"][test] == wanted]
                    scores, said = method(data, drawn, counted)
                    parts.append((counted, scores, said))
                # Average precision by fold (scores of two models are not comparable), F1 over all folds together.
                whole = np.concatenate([each[0] for each in parts])
                together = figures(data, whole, (np.concatenate([each[1] for each in parts]),
                                                 np.concatenate([each[2] for each in parts])))  # fmt: skip
                precision = np.mean([figures(data, at, (s, p))[3] for at, s, p in parts])
                seeds.append((*together[:3], precision, together[4]))
                if learns is False and name in {"keywords"}:
                    break
            mean, spread = np.mean(seeds, axis=0), np.std(seeds, axis=0)
            cells = [f"{m:.3f} ± {s:.3f}" for m, s in zip(mean, spread, strict=True)]
            print(f"| {share * 100:g} % | {name} | {' | '.join(cells)} |", flush=True)


def speed() -> None:
    """Print CPU seconds for 2,500 made-up passages and 25 codes: fit and predict, indexing included.

    The first call of a process also loads the libraries; that is printed apart.
    """
    start = time.process_time()
    CodeClassifier().fit(["One text.", "Another."], [[1], [0]]).predict(["A third."])
    print(f"two texts, the libraries loaded on the way: {time.process_time() - start:.2f} s of CPU")
    draw = np.random.default_rng(1)
    words = ["".join(draw.choice(list("aeioutnsrhldcm"), draw.integers(2, 9))) for _ in range(6_000)]
    common = 1 / np.arange(1, len(words) + 1)
    common /= common.sum()
    labels = (draw.random((5_000, 25)) < 0.05).astype(int)
    texts = []
    for row in labels:
        said = list(draw.choice(words, 25, p=common)) + [f"{words[100 + code]}s" for code in np.flatnonzero(row)]
        texts.append(" ".join(said).capitalize() + ".")
    spent = []
    for _ in range(3):
        start = time.process_time()
        model = CodeClassifier().fit(texts[:2_500], labels[:2_500])
        middle = time.process_time()
        model.predict(texts[2_500:])
        spent.append((time.process_time() - start, middle - start))
    print("2,500 passages of 25 words and more, 25 codes; learning from 2,500, predicting another 2,500")
    for number, (whole, fit) in enumerate(spent, 1):
        print(f"run {number}: {whole:.2f} s of CPU (fit {fit:.2f}, predict {whole - fit:.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="sentences.tsv")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--shares", type=float, nargs="+", default=list(SHARES), help="of labels, from 0 to 1")
    parser.add_argument("--stratified", action="store_true")
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--vectors", nargs="+", default=[], metavar="FOLDER")
    parser.add_argument("--cache", help="folder for sentence vectors")
    parser.add_argument("--only", help="methods whose name holds this")
    parser.add_argument("--speed", action="store_true")
    args = parser.parse_args()
    if args.speed:
        speed()
    if args.data:
        compare(read(args.data, [code.id for code in load_codebook(BOOK)]), args)
    elif not args.speed:
        parser.error("give --data or --speed")


if __name__ == "__main__":
    main()
