"""How fast qualcode codes, as ratios of CPU time against named peers, in one run on one process.

    python benchmarks/speed.py                    # everything, 100 MB
    python benchmarks/speed.py --megabytes 20     # a quicker look

Peers are measured on a part of the same corpus where that is said (their cost is linear in the text) and scaled.
Every hit that qualcode reports on the oracle's part is compared with a slow, obvious search.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from corpus import LEMMAS, codebook, documents, patterns

from qualcode.coding.rules.apply import code_shard, rule_hits
from qualcode.coding.rules.coder import code_index
from qualcode.coding.rules.compile import CodingPlan, compile_codebook
from qualcode.model.document import Document
from qualcode.query.engine import Evaluator
from qualcode.text.build import build_shards
from qualcode.text.index import TokenIndex
from qualcode.text.vocabulary import tokenise


def cpu() -> float:
    """Return the CPU seconds that this process has used."""
    return time.process_time()


def first_coding(megabytes: float, plan: CodingPlan, folder: Path | None) -> tuple[float, int, int]:
    """Tokenise, index, code and locate; return CPU seconds (without making the corpus), passages and characters."""
    spent, passages, characters = 0.0, 0, 0

    def stream() -> Iterator[Document]:
        nonlocal spent, characters
        made = documents(megabytes)
        while True:
            spent += cpu() - mark[0]
            document = next(made, None)
            mark[0] = cpu()
            if document is None:
                return
            characters += len(document.text)
            yield document

    mark = [cpu()]
    if folder is not None:
        index = TokenIndex.build(stream(), folder=folder)
        passages = sum(len(coded) for coded in code_index(index, plan))
    else:
        for shard in build_shards(stream()):
            passages += len(code_shard(shard, plan))
    return spent + cpu() - mark[0], passages, characters


def all_hits(index: TokenIndex, plan: CodingPlan) -> int:
    """Return the number of hits of all rules, each with its offsets."""
    total = 0
    for shard in index.shards:
        evaluator = Evaluator(shard)
        found = [rule_hits(shard, rule, evaluator, "longest") for code in plan.codes for rule in code.rules]
        starts = np.concatenate([spans.starts for spans in found])
        _, first, end = shard.locate(starts, np.concatenate([spans.ends for spans in found]))
        total += int((end > first).sum())
    return total


def spacy_phrases(megabytes: float, found: list[tuple[str, str]]) -> tuple[float, int]:
    """spaCy's blank tokenizer and PhraseMatcher (LOWER) over turns; words and phrases only."""
    import spacy
    from spacy.matcher import PhraseMatcher

    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    for number, (kind, query) in enumerate(found):
        if kind in {"word", "phrase"}:
            matcher.add(str(number), [nlp.make_doc(query.strip('"'))])
    turns = [turn for document in documents(megabytes) for turn in speech(document)]
    start = cpu()
    hits = 0
    for doc in nlp.pipe(turns):
        for _, first, last in matcher(doc):
            span = doc[first:last]
            hits += span.end_char > span.start_char
    return cpu() - start, hits


def aho_corasick(megabytes: float, found: list[tuple[str, str]]) -> tuple[float, int]:
    """ahocorasick_rs over the lower-cased text of documents, keeping matches with word edges; words and phrases only."""
    import ahocorasick_rs

    words = [query.strip('"') for kind, query in found if kind in {"word", "phrase"}]
    texts = [document.text.lower() for document in documents(megabytes)]
    start = cpu()
    machine = ahocorasick_rs.AhoCorasick(words, matchkind=ahocorasick_rs.MatchKind.Standard)
    hits = 0
    for text in texts:
        size = len(text)
        for _, first, last in machine.find_matches_as_indexes(text, overlapping=True):
            if (first == 0 or not text[first - 1].isalnum()) and (last == size or not text[last].isalnum()):
                hits += 1
    return cpu() - start, hits


def lemma_matcher(megabytes: float) -> tuple[float, int]:
    """spaCy's Matcher with LEMMA patterns (lookup lemmatizer) over turns."""
    import spacy
    from spacy.matcher import Matcher

    nlp = spacy.blank("en")
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    matcher = Matcher(nlp.vocab)
    for lemma in LEMMAS:
        matcher.add(lemma, [[{"LEMMA": lemma}]])
        for other in LEMMAS:
            matcher.add(f"{lemma} {other}", [[{"LEMMA": lemma}, {"LEMMA": other}]])
    turns = [turn for document in documents(megabytes) for turn in speech(document)]
    start = cpu()
    hits = sum(len(matcher(doc)) for doc in nlp.pipe(turns))
    return cpu() - start, hits


def lemma_rules(index: TokenIndex) -> tuple[float, int]:
    """The same lemma patterns as rules on the index."""
    found = [("lemma", lemma) for lemma in LEMMAS]
    found += [("lemma", f"{lemma} {other}") for lemma in LEMMAS for other in LEMMAS]
    plan = compile_codebook(codebook(found))
    start = cpu()
    hits = all_hits(index, plan)
    return cpu() - start, hits


def speech(document: Document) -> Iterator[str]:
    """Yield the speech of each turn."""
    for block in document.blocks:
        label = block.label_span
        yield document.text[label.end if label else block.span.start : block.span.end]


def oracle(document: Document, found: list[tuple[str, str]]) -> set[tuple[int, int, int]]:
    """Return (pattern, start, end) of every hit in a document, by the plainest means: loops over tokens."""
    import re

    hits: set[tuple[int, int, int]] = set()
    for block in document.blocks:
        begin = block.label_span.end if block.label_span else block.span.start
        turn = document.text[begin : block.span.end]
        tokens, at = [], 0
        for token in tokenise(turn):
            at = turn.index(token, at)
            tokens.append((token.lower(), begin + at, begin + at + len(token)))
            at += len(token)
        words = [token[0] for token in tokens]
        for number, (kind, query) in enumerate(found):
            if kind in {"word", "phrase"}:
                wanted = query.strip('"').split()
                for first in range(len(words) - len(wanted) + 1):
                    if words[first : first + len(wanted)] == wanted:
                        hits.add((number, tokens[first][1], tokens[first + len(wanted) - 1][2]))
            elif kind == "near":
                left, right = (part.strip('"') for part in query.split(" NEAR/6 "))
                places = [
                    (min(a, b), max(a, b) + 1) for a, word in enumerate(words) if word == left
                    for b, other in enumerate(words) if other == right and a != b and abs(a - b) <= 6
                ]  # fmt: skip
                for first, last in longest(places):
                    hits.add((number, tokens[first][1], tokens[last - 1][2]))
            else:
                body = query.strip("/") if kind == "regex" else query.replace("*", ".*").replace("?", ".")
                whole = re.compile(body)
                for word, start, end in tokens:
                    if whole.fullmatch(word):
                        hits.add((number, start, end))
    return hits


def longest(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the places that remain when the longest wins."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(set(places), key=lambda place: (place[0] - place[1], place[0])):
        if all(end <= other_start or start >= other_end for other_start, other_end in kept):
            kept.append((start, end))
    return kept


def compare_with_oracle(found: list[tuple[str, str]], megabytes: float) -> int:
    """Raise when the index and the oracle differ on any hit; return the number of hits compared."""
    sample = list(documents(megabytes))
    index = TokenIndex.build(sample)
    plan = compile_codebook(codebook(found))
    ours: set[tuple[int, int, int, int]] = set()
    for shard in index.shards:
        evaluator = Evaluator(shard)
        rules = [rule for code in plan.codes for rule in code.rules]
        for number, rule in enumerate(rules):
            spans = rule_hits(shard, rule, evaluator, "longest")
            document, start, end = shard.locate(spans.starts, spans.ends)
            ours.update(zip(document.tolist(), [number] * len(spans), start.tolist(), end.tolist(), strict=True))
    theirs = {(number, *hit) for number, document in enumerate(sample) for hit in oracle(document, found)}
    if ours != theirs:
        odd = sorted(ours ^ theirs)[:5]
        raise SystemExit(f"hits differ from the oracle's: {odd}")
    return len(ours)


def peak_memory(megabytes: float) -> int:
    """Return the peak resident memory, in MB, of a process that codes the corpus once, from documents to passages."""
    done = subprocess.run(
        [sys.executable, __file__, "--only-code", str(megabytes)], capture_output=True, text=True, check=True
    )
    return int(json.loads(done.stdout)["peak_mb"])


def only_code(megabytes: float) -> None:
    """What ``peak_memory`` runs in a process of its own."""
    plan = compile_codebook(codebook(patterns()))
    with tempfile.TemporaryDirectory() as place:
        seconds, passages, characters = first_coding(megabytes, plan, Path(place))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss of a started process begins with what its parent held
        peak = (
            next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) // 1024
        )
    print(json.dumps({"peak_mb": peak, "seconds": seconds, "passages": passages, "characters": characters}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=100, help="size of the corpus (default 100)")
    parser.add_argument("--peer-megabytes", type=float, default=5, help="part of it that spaCy is timed on (default 5)")
    parser.add_argument("--only-code", type=float, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.only_code is not None:
        only_code(chosen.only_code)
        return
    size = chosen.megabytes
    names = ("qualcode", "numpy", "spacy", "google-re2", "ahocorasick-rs")
    versions = {name: importlib.metadata.version(name) for name in names}
    print(
        f"Python {platform.python_version()} on {platform.machine()}; "
        + ", ".join(f"{n} {v}" for n, v in versions.items())
    )
    found = patterns()
    kinds = {kind: sum(each == kind for each, _ in found) for kind in ("word", "phrase", "wildcard", "near", "regex")}
    print(f"{size:g} MB of turns, {len(found)} patterns in {len(found) // 20} codes: {kinds}")
    print(f"hits equal the oracle's on 0.2 MB: {compare_with_oracle(found, 0.2)} hits compared")

    plan = compile_codebook(codebook(found))
    tokenise("warm up")
    with tempfile.TemporaryDirectory() as place:
        ours, passages, characters = first_coding(size, plan, Path(place))
        print(
            f"\nfirst coding, stored index: {ours:.2f} s CPU, {characters / 1e6:.0f} M characters, {passages} passages"
        )
        peer, hits = spacy_phrases(chosen.peer_megabytes, found)
        scaled = peer * size / chosen.peer_megabytes
        report(
            "first coding against spaCy tokenizer + PhraseMatcher",
            scaled / ours,
            5,
            f"{scaled:.1f} s from {chosen.peer_megabytes:g} MB, {hits} hits",
        )

        start = cpu()
        index = TokenIndex.open(Path(place))
        total = all_hits(index, plan)
        ours = cpu() - start
        start = cpu()
        coded = sum(len(code_shard(shard, plan)) for shard in index.shards)
        whole = cpu() - start
        peer, hits = aho_corasick(size, found)
        print(
            f"re-coding from the stored index: {ours:.3f} s CPU opened and searched, {total} hits; to passages {whole:.3f} s, {coded} passages"
        )
        report(
            "re-coding against ahocorasick_rs with word edges",
            peer / ours,
            3,
            f"{peer:.2f} s, {hits} hits of words and phrases only",
        )

        edited = compile_codebook(codebook([("phrase", '"of the" NEAR/4 lead*'), *found[1:2]]))
        index = TokenIndex.open(Path(place))
        for shard in index.shards:
            Evaluator(shard).hits(edited.codes[0].rules[1].plan)
        start = cpu()
        new = 0
        for shard in index.shards:
            spans = rule_hits(shard, edited.codes[0].rules[0], Evaluator(shard), "longest")
            shard.locate(spans.starts, spans.ends)
            new += len(spans)
        report("one edited rule over the corpus, seconds", cpu() - start, 0.2, f"{new} hits", most=True)

    small = TokenIndex.build(documents(1))
    ours, count = min((lemma_rules(small) for _ in range(3)), key=lambda each: each[0])
    peer, hits = lemma_matcher(1)
    report(
        "lemma rules against spaCy's Matcher with LEMMA, 1 MB",
        peer / ours,
        500,
        f"{peer:.1f} s ({hits} hits) to {ours * 1000:.1f} ms ({count} hits)",
    )

    part = min(size, 20)
    few = min(first_coding(part, compile_codebook(codebook(patterns(50, seed=5))), None)[0] for _ in range(2))
    many = min(first_coding(part, compile_codebook(codebook(patterns(5000, seed=5))), None)[0] for _ in range(2))
    report(f"5,000 patterns against 50, cold, {part:g} MB", many / few, 1.5, f"{many:.2f} s to {few:.2f} s", most=True)
    report(f"peak memory of coding {size:g} MB, MB", peak_memory(size), 400, "one process, stored index", most=True)


def report(what: str, value: float, goal: float, note: str, *, most: bool = False) -> None:
    """Print one line: what was reached, what was wanted."""
    met = value <= goal if most else value >= goal
    print(
        f"{'reached' if met else 'MISSED '}  {what}: {value:.3g} (goal {'at most' if most else 'at least'} {goal:g}; {note})"
    )


if __name__ == "__main__":
    main()
