"""Does a blind spot show? A code is taken out of a coding, and its passages are looked for among the groups.

    python benchmarks/blindspots.py [--part chosen|reported] [--vectors FOLDER] [--data SENTENCES.TSV] [--likeness]

Three materials: the settled codings of interviews 01, 02, 04 and 06 of the bundled study (codes with 15 passages or
more); the example bank of its codebook (a code's utterances hidden among those that carry none); and, with ``--data``,
sentences of which each has one human code (columns ``sentence`` and ``y``; 40 of a code among 200 of ``Other``, four
draws). Every second code, in the order of the alphabet, served to choose the method (``chosen``); the others are
``reported``. For each code the group with the best F1 is taken, and compared with what the best of such groups would
reach if passages fell into them by chance. Set OMP_NUM_THREADS=1 for times that can be compared.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from qualcode.analysis.blindspots import BlindSpots, blindspots
from qualcode.analysis.blindspots.nearness import likeness
from qualcode.analysis.study import Study, study_of
from qualcode.codebook import load_codebook
from qualcode.codebook.bank import ExampleBank, load_bank
from qualcode.coding import Corpus
from qualcode.coding.features.units import Units, units_of
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding
from qualcode.model.document import Block, Document, Span, sha256_of
from qualcode.notebook.verbs import read

BOOK = "hope-merged"
STUDY = Path(__file__).parents[1] / "corpora" / "hope-challenge"
TUNED = ("01", "02", "04", "06")
ENOUGH = 15
SHUFFLES = 200
REPLICATES = 20


def interviews() -> tuple[Corpus, list[Coding], Codebook]:
    """Return the tuning interviews with their settled codings."""
    book = load_codebook(BOOK)
    corpus = Corpus.of(tuple(read([each for each in (STUDY / "transcripts").iterdir() if each.name[:2] in TUNED])))
    ids = {each.name: each for each in corpus.documents}
    found = []
    with (STUDY / "gold" / "settled.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["document"] in ids:
                span = Span(int(row["start"]), int(row["end"]))
                found.append(coding(ids[row["document"]], int(row["block"]), span, row["code"], book))
    return corpus, found, book


def coding(document: Document, block: int, span: Span, code: str, book: Codebook) -> Coding:
    """Return a coding as a person would make it."""
    return Coding(document.id, document.name, block, "", "participant", span, document.quote(span), code,
                  book[code].label, "", "", "", None, "present", "coded", "", book.id, book.version)  # fmt: skip


def study_with(corpus: Corpus, codings: list[Coding], book: Codebook) -> Study:
    """Return the study of these codings."""
    units = {each.id: corpus.index.unit_spans(each.id, "sentence") for each in corpus.documents}
    return study_of(corpus.documents, book, codings, units=units, unit="sentence")


def talk(texts: list[str], book: Codebook) -> tuple[Corpus, Study]:
    """Return loose texts as turns of one document of which a last turn is coded with anything."""
    text, blocks = "", []
    for number, each in enumerate([*texts, "Coded."]):
        blocks.append(Block(number, "turn", Span(len(text), len(text) + len(each))))
        text += each + "\n\n"
    digest = sha256_of(text)
    made = Document("talk", "talk", text, digest, "talk", digest, "texts", "texts", "1", blocks=tuple(blocks))
    corpus = Corpus.of([made])
    last = coding(made, len(texts), blocks[-1].span, next(each.id for each in book if each.codable), book)
    return corpus, dataclasses.replace(study_with(corpus, [last], book), unit="turn",
                                       units={"talk": corpus.index.unit_spans("talk", "turn")})  # fmt: skip


def planted(part: str, data: Path | None, bank: ExampleBank, book: Codebook) -> Iterator[tuple[str, str, Corpus, Study, dict[str, list[Span]]]]:  # fmt: skip
    """Yield each experiment: material, code, corpus, study without the code, and where the code's passages stand."""
    turn = 0 if part == "chosen" else 1
    corpus, codings, _ = interviews()
    often = Counter(each.code for each in codings)
    for code in sorted(name for name, n in often.items() if n >= ENOUGH)[turn::2]:
        where: dict[str, list[Span]] = {}
        for each in codings:
            if each.code == code:
                where.setdefault(each.document_id, []).append(each.span)
        kept = [each for each in codings if each.code != code]
        yield "interviews", code, corpus, study_with(corpus, kept, book), where
    nothing = [each.text for each in bank.none if each.sort != "interviewer"]
    for code in sorted({each.code for each in bank.examples})[turn::2]:
        ours = [each.text for each in bank.of(code) if each.kind != "near_miss"]
        yield ("bank", code, *_planted_texts(ours, nothing, book))
    if data is not None:
        with data.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        names = {"Difficulties": "Difficulty"}
        sentences: dict[str, list[str]] = {}
        for row in rows:
            if len(row["sentence"].split()) >= 5:
                sentences.setdefault(names.get(row["y"], row["y"]), []).append(row["sentence"])
        for code in sorted(set(sentences) - {"Other"})[turn::2]:
            for number in range(4):
                draw = np.random.default_rng(number)
                ours = [sentences[code][at] for at in draw.permutation(len(sentences[code]))[:40]]
                others = [sentences["Other"][at] for at in draw.permutation(len(sentences["Other"]))[:200]]
                yield ("sentences", code, *_planted_texts(ours, others, book))


def _planted_texts(ours: list[str], others: list[str], book: Codebook) -> tuple[Corpus, Study, dict[str, list[Span]]]:
    corpus, study = talk([*ours, *others], book)
    return corpus, study, {"talk": [each.span for each in corpus.documents[0].blocks[: len(ours)]]}


def recovered(found: BlindSpots, where: dict[str, list[Span]]) -> dict[str, float]:
    """Return how well the best group holds the code's passages: a passage is the code's when half of it is."""
    passages = [(number, each) for number, group in enumerate(found.clusters) for each in group.passages]
    passages += [(-1, each) for each in found.loose]
    group = np.asarray([number for number, _ in passages])
    ours = np.asarray([
        2 * sum(min(each.span.end, span.end) - max(each.span.start, span.start) for span in where.get(each.document_id, ())
                if span.start < each.span.end and each.span.start < span.end) >= each.span.end - each.span.start
        for _, each in passages
    ])  # fmt: skip
    f1, precision, recall, best = _best(group, ours, len(found.clusters))
    draw = np.random.default_rng(0)
    chance = float(np.mean([_best(group, draw.permutation(ours), len(found.clusters))[0] for _ in range(SHUFFLES)]))
    steady = [each.stability or 0.0 for each in found.clusters]
    return {"passages": len(group), "ours": int(ours.sum()), "F1": f1, "precision": precision, "recall": recall,
            "chance": chance, "stability": steady[best] if best >= 0 else 0.0, "median": float(np.median(steady)),
            "called nothing": float(best >= 0 and found.clusters[best].probably_nothing)}  # fmt: skip


def _best(group: np.ndarray, ours: np.ndarray, k: int) -> tuple[float, float, float, int]:
    best = (0.0, 0.0, 0.0, -1)
    for number in range(k):
        inside = group == number
        hits = int((inside & ours).sum())
        if hits:
            precision, recall = hits / int(inside.sum()), hits / int(ours.sum())
            best = max(best, (2 * precision * recall / (precision + recall), precision, recall, number))
    return best


def without(bank: ExampleBank, code: str) -> ExampleBank:
    """Return a bank that has never heard of a code: near codes and plain talk must not know what was taken out."""
    return dataclasses.replace(
        bank, examples=tuple(each for each in bank.examples if code not in (each.code, *each.also))
    )


def report_planted(part: str, data: Path | None, vectors: Path | None) -> None:
    book = load_codebook(BOOK)
    bank = load_bank(book)
    assert bank is not None
    encoder = None
    if vectors is not None:
        from qualcode.coding.features.semantic import load_encoder

        encoder = load_encoder(vectors)
    rows: dict[str, list[tuple[str, dict[str, float]]]] = {}
    for material, code, corpus, study, where in planted(part, data, bank, book):
        usual = without(bank, code) if material == "interviews" else None
        seeds = range(5) if material == "interviews" else range(1)
        seen = dataclasses.replace(corpus, vectors=encoder)
        made = [recovered(blindspots(study, seen, bank=usual, seed=seed, minimum=1, replicates=REPLICATES), where)
                for seed in seeds]  # fmt: skip
        rows.setdefault(material, []).append((code, {name: float(np.mean([each[name] for each in made])) for name in made[0]}))  # fmt: skip
    for material, found in rows.items():
        print(f"\n{material}, {part} codes, {'with vectors' if vectors else 'words only'}")
        for code, values in found if material == "interviews" else ():
            print(f"  {code:<4}" + "  ".join(f"{name} {value:.2f}" for name, value in values.items()))
        of_code = {code: np.mean([v["F1"] - v["chance"] for name, v in found if name == code]) for code, _ in found}
        gains = np.asarray(list(of_code.values()))
        draw = np.random.default_rng(0)
        low, high = np.quantile([draw.choice(gains, len(gains)).mean() for _ in range(2000)], [0.025, 0.975])
        means = {name: np.mean([values[name] for _, values in found]) for name in found[0][1]}
        print(f"  mean of {len(of_code)} codes: " + "  ".join(f"{name} {value:.2f}" for name, value in means.items()))
        print(f"  above chance {gains.mean():+.3f} [{low:+.3f}, {high:+.3f}] (bootstrap over codes); "
              f"F1 of .5 or more: {sum(v['F1'] >= 0.5 for _, v in found)} of {len(found)}")  # fmt: skip


def report_likeness() -> None:
    """Print how often plain talk is known as such, and how often the right code is the nearest."""
    corpus, codings, book = interviews()
    bank = load_bank(book)
    units = units_of(corpus, "sentence", roles_left_out=book.roles_left_out)
    seat = {each.id: number for number, each in enumerate(corpus.documents)}
    of_code: dict[str, set[int]] = {}
    for each in codings:
        of_code.setdefault(each.code, set()).update(units.rows_over(seat[each.document_id], [each.span]).tolist())
    coded = set().union(*of_code.values())
    draw = np.random.default_rng(0)
    ranks: list[int] = []
    tried = 0
    for code, touched in of_code.items():
        runs = _runs(units, sorted(touched))
        tried += len(runs) >= 5
        for _ in range(5 if len(runs) >= 5 else 0):
            some = [runs[at] for at in draw.permutation(len(runs))[:10]]
            like = likeness(_joined(units, some), units.lemmas, [np.arange(len(some))], book, bank)
            ranks.append(int((like.near[0] > like.near[0, like.codes.index(code)]).sum()))
    print(f"\nnearest code of ten passages of one code ({len(ranks)} draws of {tried} codes): right in first "
          f"place {np.mean(np.asarray(ranks) == 0):.2f}, among three {np.mean(np.asarray(ranks) < 3):.2f}")  # fmt: skip
    for name, rows in (("coded", sorted(coded)), ("uncoded", [at for at in range(len(units)) if at not in coded])):
        runs = [each for each in _runs(units, rows) if units.words[each].sum() >= 5]
        plain = likeness(_joined(units, runs), units.lemmas, [], book, bank).plain
        assert plain is not None
        print(f"{name} passages called plain: {int(plain.sum())} of {len(runs)}")


def _runs(units: Units, rows: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for row in rows:
        last = runs[-1][-1] if runs else -2
        together = (
            row == last + 1 and units.document[row] == units.document[last] and units.block[row] == units.block[last]
        )
        if together:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _joined(units: Units, runs: list[list[int]]) -> object:
    from scipy.sparse import csr_array

    at = ([number for number, run in enumerate(runs) for _ in run], [row for run in runs for row in run])
    return csr_array((np.ones(len(at[0]), np.int32), at), shape=(len(runs), len(units))) @ units.counts


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--part", choices=["chosen", "reported"], default="reported")
    asked.add_argument("--vectors", type=Path)
    asked.add_argument("--data", type=Path)
    asked.add_argument("--likeness", action="store_true")
    given = asked.parse_args()
    if given.likeness:
        report_likeness()
    else:
        report_planted(given.part, given.data, given.vectors)
