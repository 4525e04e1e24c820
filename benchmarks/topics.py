"""The default topic model against gensim's LdaModel with 10 passes, and every model against the bare library call it wraps.

    python benchmarks/topics.py                                # 10,000 segments made of the example bank's utterances
    python benchmarks/topics.py --data FILE --column context   # a real text file: a TAB-separated table, one segment a row
    python benchmarks/topics.py --seeding                      # how many seed words are in their topic's top ten

CPU is ``time.process_time`` (set OMP_NUM_THREADS=1 so that no library hides work in threads), coherence is NPMI of ten words
over the same segments and the same vocabulary for all, the mean of three seeds.
"""

from __future__ import annotations

import argparse
import csv
import random
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np

from qualcode.codebook import load_codebook
from qualcode.codebook.bank import load_bank
from qualcode.coding import Corpus
from qualcode.coding.topics import fit_topics, npmi, pool, seeds_of
from qualcode.coding.topics.fit import default_lda
from qualcode.coding.topics.lda import ALPHA, ETA, passes_for, sweeps_for
from qualcode.coding.topics.model import KINDS, Pooled, TopicModel
from qualcode.coding.topics.nmf import ROUNDS, weighted
from qualcode.model.document import Block, Document, Span, sha256_of

SEEDS = (0, 1, 2)
SEGMENTS = 10_000
PART = 0.25
"""So many made segments carry no code."""


def corpus_of(texts: list[str]) -> Corpus:
    """Return texts as turns of one document; nobody is named, so each is a segment of its own."""
    blocks, at = [], 0
    for number, text in enumerate(texts):
        blocks.append(Block(number, "turn", Span(at, at + len(text))))
        at += len(text) + 2
    whole = "".join(f"{text}\n\n" for text in texts)
    digest = sha256_of(whole)
    return Corpus.of(
        [Document("texts", "texts", whole, digest, "texts", digest, "texts", "texts", "1", blocks=tuple(blocks))]
    )


def made(n: int, seed: int = 0) -> list[str]:
    """Return texts of about 110 words, each of utterances that hands wrote for one code, or for none, and one for none."""
    bank = load_bank(load_codebook("hope-merged"))
    draw = random.Random(seed)
    by_code: dict[str, list[str]] = {}
    for each in bank.examples:
        by_code.setdefault(each.code, []).append(each.text)
    none = [each.text for each in bank.none]
    codes = sorted(by_code)
    texts = []
    for _ in range(n):
        own = none if draw.random() < PART else by_code[draw.choice(codes)]
        texts.append(" ".join([*draw.sample(own, 3), draw.choice(none)]))
    return texts


def read(path: Path, column: str) -> list[str]:
    """Return a column of a TAB-separated table."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row[column] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def timed(run: Callable[[], object]) -> tuple[float, object]:
    """Return seconds of CPU and what came of it."""
    start = time.process_time()
    found = run()
    return time.process_time() - start, found


def spelt(pooled: Pooled) -> Iterator[list[str]]:
    """Yield the terms of each segment."""
    counts, terms = pooled.counts, np.asarray(pooled.terms, object)
    for first, last in zip(counts.indptr[:-1], counts.indptr[1:], strict=True):
        yield np.repeat(terms[counts.indices[first:last]], counts.data[first:last]).tolist()


def bare_tomotopy(pooled: Pooled, k: int, seed: int) -> np.ndarray:
    """Return topic-word probabilities as somebody who only knows tomotopy would get them, with its shares of segments."""
    import tomotopy

    model = tomotopy.LDAModel(k=k, alpha=ALPHA, eta=ETA, seed=seed)
    for words in spelt(pooled):
        model.add_doc(words)
    model.train(sweeps_for(pooled), workers=1)
    np.asarray([document.get_topic_dist() for document in model.docs])
    column = [pooled.column[term] for term in model.used_vocabs]
    found = np.zeros((k, len(pooled.terms)))
    for topic in range(k):
        found[topic, column] = model.get_topic_word_dist(topic)
    return found


def bare_gensim(pooled: Pooled, k: int, seed: int, passes: int) -> np.ndarray:
    """Return topic-word probabilities of gensim's LdaModel as its tutorial has it, with its shares of segments."""
    from gensim.matutils import Sparse2Corpus
    from gensim.models import LdaModel

    bags = Sparse2Corpus(pooled.counts, documents_columns=False)
    model = LdaModel(bags, num_topics=k, id2word=dict(enumerate(pooled.terms)), passes=passes, random_state=seed)
    model.inference(list(bags))
    return np.asarray(model.get_topics())


def bare_nmf(pooled: Pooled, k: int, seed: int) -> np.ndarray:
    """Return topics of scikit-learn's NMF on its own TF-IDF."""
    import warnings

    from sklearn.decomposition import NMF

    model = NMF(n_components=k, init="nndsvda", random_state=seed, max_iter=ROUNDS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit_transform(weighted(pooled.counts))
    return np.asarray(model.components_)


def coherence(words: np.ndarray, pooled: Pooled) -> float:
    """Return the mean NPMI of topics."""
    model = TopicModel("lda", len(words), 0, pooled.terms, words, np.empty((0, 0)), np.empty(0), ("",) * len(words))
    return float(np.nanmean(npmi(model, pooled)))


def report(pooled: Pooled, k: int) -> None:
    """Print CPU and NPMI of every way, means of three seeds."""
    print(f"{len(pooled)} segments, {int(pooled.counts.sum())} words, {len(pooled.terms)} terms, {k} topics; "
          f"default LDA: {default_lda()}, {sweeps_for(pooled)} sweeps; gensim by us: {passes_for(pooled)} passes")  # fmt: skip
    fit_topics(pooled, 2, kind="nmf")  # imports are nobody's work
    ways: dict[str, Callable[[int], np.ndarray]] = {
        "gensim LdaModel, 10 passes": lambda seed: bare_gensim(pooled, k, seed, 10),
        "tomotopy LDAModel, bare": lambda seed: bare_tomotopy(pooled, k, seed),
        "scikit-learn NMF, bare": lambda seed: bare_nmf(pooled, k, seed),
        "gensim LdaModel, bare, our passes": lambda seed: bare_gensim(pooled, k, seed, passes_for(pooled)),
        **{f"fit_topics kind={kind}": (lambda seed, kind=kind: fit_topics(pooled, k, kind=kind, seed=seed).words) for kind in KINDS},
    }  # fmt: skip
    cpu: dict[str, float] = {}
    print("| model | CPU s, least of 3 | mean | NPMI, mean of 3 seeds | of each seed |")
    print("|---|---|---|---|---|")
    for name, way in ways.items():
        found = [timed(lambda seed=seed, way=way: way(seed)) for seed in SEEDS]
        values = [coherence(np.asarray(words), pooled) for _, words in found]
        cpu[name] = float(np.mean([seconds for seconds, _ in found]))
        print(
            f"| {name} | {min(s for s, _ in found):.2f} | {cpu[name]:.2f} | {np.mean(values):.4f} | {' '.join(f'{v:.4f}' for v in values)} |"
        )
    default = f"fit_topics kind={default_lda()}"
    print(f"\ngensim 10 passes / default: {cpu['gensim LdaModel, 10 passes'] / cpu[default]:.1f} times the CPU")
    for kind, bare in (
        ("tomotopy", "tomotopy LDAModel, bare"),
        ("nmf", "scikit-learn NMF, bare"),
        ("lda", "gensim LdaModel, bare, our passes"),
    ):
        print(f"{kind}: {cpu[f'fit_topics kind={kind}'] / cpu[bare]:.2f} times the bare call")


def seeding(pooled: Pooled, seeds: dict[str, tuple[str, ...]], free: int) -> None:
    """Print for each kind and seed how many seed groups have three of four words in their topic's top ten."""
    print("| model | seed | groups that hold | least share | all words, rare ones too | rare | unseen | fits | CPU s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for kind in KINDS:
        for seed in SEEDS:
            k = len(seeds) + free
            seconds, model = timed(
                lambda kind=kind, seed=seed, k=k: fit_topics(pooled, k, kind=kind, seed=seed, seeds=seeds)
            )
            groups = [group for group in model.groups if group.share is not None]  # type: ignore[attr-defined]
            whole = [len(g.kept) / min(10, len(g.words) + len(g.rare)) for g in groups]
            print(f"| {kind} | {seed} | {sum(g.share >= 0.75 for g in groups)} of {len(groups)} | {min(g.share for g in groups):.2f} "
                  f"| {sum(each >= 0.75 for each in whole)} | {sum(len(g.rare) for g in groups)} "
                  f"| {sum(len(g.unseen) for g in model.groups)} | {model.settings['seeding_fits']} | {seconds:.1f} |")  # fmt: skip


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a TAB-separated table with a header")
    parser.add_argument("--column", default="context")
    parser.add_argument("--topics", type=int, default=20)
    parser.add_argument("--segments", type=int, default=SEGMENTS)
    parser.add_argument("--seeding", action="store_true")
    given = parser.parse_args()
    print(", ".join(f"{name} {version(name)}" for name in ("gensim", "tomotopy", "scikit-learn", "numpy", "scipy")))
    texts = read(given.data, given.column) if given.data else made(given.segments)
    pooled = pool(corpus_of(texts[: given.segments]))
    if given.seeding:
        seeding(pooled, dict(seeds_of(load_codebook("hope-merged"))), 10)
    else:
        report(pooled, given.topics)


if __name__ == "__main__":
    main()
