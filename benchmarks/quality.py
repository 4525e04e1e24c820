"""How much of a hand-coded standard the coders of ``hope-merged`` find, and how much of what they say is in it.

    python benchmarks/quality.py                       # the interviews that rules were tuned on: 01 02 04 06
    python benchmarks/quality.py 03 05 07              # the held-out ones
    python benchmarks/quality.py 03 05 07 --markdown   # as the tables of docs/quality.md
    python benchmarks/quality.py --coder exemplars     # or both: what either of the two suggests
    python benchmarks/quality.py --compare             # all coders side by side, taught with 0, 1, 2 … transcripts
    python benchmarks/quality.py 03 05 07 --compare --taught 01 02 04 06 --vectors FOLDER

Precision: of the machine's passages, the share that overlaps a passage of the standard with the same code.
Recall: of the standard's passages, the share that is overlapped by a machine's passage with the same code.
Sentences: the same over (sentence, code) pairs, a stricter view. Intervals: 95 %, percentile bootstrap over the
interviewees' turns (2,000 draws, seed 1); three interviews are too few to draw interviews.
With --compare, coders that learn are taught the settled codings of the first n transcripts of --taught; without it,
of all other transcripts than the one that is coded (leave one out). Average precision ranks all (sentence, code) pairs
by a coder's score, over all codes together (micro) and as the mean over codes with at least five sentences (macro).
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from qualcode.codebook import load_codebook
from qualcode.coding import Corpus, make_coder
from qualcode.coding.features.units import units_of
from qualcode.coding.labels import labels_of
from qualcode.coding.scores import codable, score_units
from qualcode.ingest import read_path
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding, Suggestion
from qualcode.model.document import Document, Span
from qualcode.resources import corpora_dir

DRAWS = 2_000


@dataclass
class Tally:
    """Counts by turn, so that turns can be drawn again: correct and all of the machine's, found and all of the standard's."""

    machine: Counter[tuple[str, int]] = field(default_factory=Counter)
    correct: Counter[tuple[str, int]] = field(default_factory=Counter)
    standard: Counter[tuple[str, int]] = field(default_factory=Counter)
    found: Counter[tuple[str, int]] = field(default_factory=Counter)


def ratio(part: float, whole: float) -> float:
    """Return part of whole, NaN for an empty whole."""
    return part / whole if whole else float("nan")


def scores(tally: Tally, turns: list[tuple[str, int]], weights: np.ndarray | None = None) -> tuple[float, float, float]:
    """Return precision, recall and F1 over turns, each counted ``weights`` times."""
    weights = np.ones(len(turns)) if weights is None else weights
    sums = [sum(w * counter[turn] for w, turn in zip(weights, turns, strict=True) if counter[turn])
            for counter in (tally.machine, tally.correct, tally.standard, tally.found)]  # fmt: skip
    precision, recall = ratio(sums[1], sums[0]), ratio(sums[3], sums[2])
    return precision, recall, ratio(2 * precision * recall, precision + recall) if precision + recall > 0 else 0.0


def interval(tally: Tally, turns: list[tuple[str, int]]) -> list[tuple[float, float]]:
    """Return 95 % intervals of precision, recall, F1."""
    random = np.random.default_rng(1)
    columns = np.asarray(
        [[c[t] for t in turns] for c in (tally.machine, tally.correct, tally.standard, tally.found)], float
    )
    draws = random.multinomial(len(turns), np.full(len(turns), 1 / len(turns)), DRAWS) @ columns.T
    with np.errstate(divide="ignore", invalid="ignore"):
        precision, recall = draws[:, 1] / draws[:, 0], draws[:, 3] / draws[:, 2]
        f1 = 2 * precision * recall / (precision + recall)
    return [tuple(np.nanpercentile(each, [2.5, 97.5])) if np.isfinite(each).any() else (np.nan, np.nan)
            for each in (precision, recall, f1)]  # fmt: skip


def united(found: list[list[Suggestion]]) -> list[Suggestion]:
    """Return all suggestions; those of one code that overlap are one passage, with what the first coder says of it."""
    whole = list(found[0])
    for each in (each for more in found[1:] for each in more):
        at = [n for n, other in enumerate(whole) if (other.document_id, other.code) == (each.document_id, each.code)
              and other.span.overlaps(each.span)]  # fmt: skip
        if not at:
            whole.append(each)
            continue
        touched = [whole[n].span for n in at] + [each.span]
        span = Span(min(span.start for span in touched), max(span.end for span in touched))
        whole[at[0]] = dataclasses.replace(whole[at[0]], span=span)
        for n in reversed(at[1:]):
            del whole[n]
    return whole


def read_study(numbers: list[str], book: Codebook) -> tuple[list[Document], list[Coding]]:
    """Return interviews of the bundled study and their settled codings."""
    study = corpora_dir() / "hope-challenge"
    documents = [read_path(path)[0] for path in sorted((study / "transcripts").iterdir()) if path.name[:2] in numbers]
    by_name = {document.name: document for document in documents}
    codings = []
    with (study / "gold" / "settled.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["document"] in by_name:
                document, span = by_name[row["document"]], Span(int(row["start"]), int(row["end"]))
                codings.append(Coding(
                    document.id, document.name, int(row["block"]), "", "participant", span, document.quote(span),
                    row["code"], "", "person", "", "", None, row["stance"], "coded", "settled", book.id, book.version,
                ))  # fmt: skip
    return documents, codings


def compare(tested: list[str], taught: list[str], book: Codebook, vectors: str | None) -> None:
    """Print a line for each coder and number of transcripts that it was taught with."""
    encoder = None
    if vectors is not None:
        from qualcode.coding.features.semantic import load_encoder

        encoder = load_encoder(vectors)
    every = sorted({*tested, *taught})
    documents, codings = read_study(every, book)
    corpus = dataclasses.replace(Corpus.of(documents), vectors=encoder)
    units = units_of(corpus, book.unit, roles_left_out=book.roles_left_out)
    codes = codable(book)
    number = {document.id: document.name[:2] for document in documents}
    inside = np.asarray([number[units.documents[seat].id] in tested for seat in units.document.tolist()])
    everything = dataclasses.replace(corpus, read=frozenset(number))
    gold = labels_of(everything, units, codes, codings).values[inside] > 0
    turns = [(int(d), int(b)) for d, b in zip(units.document[inside], units.block[inside], strict=True)]
    standard = [each for each in codings if number[each.document_id] in tested]
    print(
        f"{len(gold)} sentences of {', '.join(tested)}; {len(standard)} passages, {gold.sum()} (sentence, code) pairs in the standard"
    )
    print("| coder | taught with | precision | recall | F1 | passages | micro AP | macro AP | empty sentences hit |")
    print("|---|---|---|---|---|---|---|---|---|")
    steps = [n for n in (0, 1, 2, 4) if n <= len(taught)] if taught else [0, len(tested) - 1]
    for name in ("rules", "exemplars", "classifier", "ensemble"):
        for n in steps if name in ("classifier", "ensemble") else [0]:
            values = np.zeros((len(units), len(codes)))
            found: list[Suggestion] = []
            if n and not taught:
                parts = [([each], [other for other in tested if other != each]) for each in tested]
            else:
                parts = [(tested, taught[:n])]
            for out, teachers in parts:
                coder = make_coder(name, codebook=book)
                known = [each for each in codings if number[each.document_id] in teachers]
                read = frozenset(key for key, each in number.items() if each in teachers)
                # Shares of a code are taken over what is coded: the transcripts that taught do not count as read now.
                fitted = coder.fit(dataclasses.replace(corpus, read=read), known)
                suggestions = tuple(fitted.suggest(corpus))
                scored = score_units(fitted, corpus, book, suggestions)
                mine = np.asarray([number[units.documents[seat].id] in out for seat in units.document.tolist()])
                values[mine] = scored.values[mine]
                found += [each for each in suggestions if number[each.document_id] in out]
            right = sum(
                any(c.code == s.code and c.document_id == s.document_id and c.span.overlaps(s.span) for c in standard)
                for s in found
            )
            met = sum(
                any(c.code == s.code and c.document_id == s.document_id and c.span.overlaps(s.span) for s in found)
                for c in standard
            )
            precision, recall = ratio(right, len(found)), ratio(met, len(standard))
            f1 = ratio(2 * precision * recall, precision + recall) if found and right else 0.0
            hit = np.zeros(len(units), bool)
            order = {document.id: seat for seat, document in enumerate(units.documents)}
            for each in found:
                hit[units.rows_over(order[each.document_id], [each.span])] = True
            empty = ~gold.any(axis=1)
            share = ratio(float((hit[inside] & empty).sum()), float(empty.sum()))
            micro, low, high = ranked(values[inside], gold, turns)
            macro = float(
                np.mean(
                    [
                        average_precision(values[inside][:, j], gold[:, j])
                        for j in range(len(codes))
                        if gold[:, j].sum() >= 5
                    ]
                )
            )
            told = "nothing" if not n else " ".join(taught[:n]) if taught else "all others"
            print(
                f"| {name} | {told} | {precision:.2f} | {recall:.2f} | {f1:.2f} | {len(found)} | {micro:.3f} [{low:.3f}, {high:.3f}] | {macro:.3f} | {share:.1%} |",
                flush=True,
            )


def average_precision(scores: np.ndarray, right: np.ndarray) -> float:
    """Return the average precision, equal scores taken together."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(right, scores))


def ranked(values: np.ndarray, gold: np.ndarray, turns: list[tuple[int, int]]) -> tuple[float, float, float]:
    """Return the average precision over all pairs, with a 95 % interval over turns (200 draws)."""
    rows: dict[tuple[int, int], list[int]] = {}
    for row, turn in enumerate(turns):
        rows.setdefault(turn, []).append(row)
    groups = [np.asarray(each) for each in rows.values()]
    random = np.random.default_rng(1)
    draws = []
    for _ in range(200):
        chosen = np.concatenate([groups[n] for n in random.integers(0, len(groups), len(groups))])
        draws.append(average_precision(values[chosen].ravel(), gold[chosen].ravel()))
    low, high = np.percentile(draws, [2.5, 97.5])
    return average_precision(values.ravel(), gold.ravel()), float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("interviews", nargs="*", default=["01", "02", "04", "06"], help="numbers of the interviews")
    parser.add_argument("--codebook", default="hope-merged")
    parser.add_argument("--coder", choices=["rules", "exemplars", "both"], default="rules")
    parser.add_argument("--compare", action="store_true", help="all coders side by side")
    parser.add_argument("--taught", nargs="+", default=[], help="transcripts that teach the coders that learn")
    parser.add_argument("--vectors", metavar="FOLDER", help="a model for sentence vectors, for --compare")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    parser.add_argument(
        "--errors", metavar="CODE", help="print misses and false hits of a code (never for held-out interviews)"
    )
    chosen = parser.parse_args()
    codebook = load_codebook(Path(chosen.codebook) if chosen.codebook.endswith(".yaml") else chosen.codebook)
    if chosen.compare:
        compare(chosen.interviews, chosen.taught, codebook, chosen.vectors)
        return
    documents, codings = read_study(chosen.interviews, codebook)
    gold: dict[str, list[tuple[int, Span, str, str]]] = {document.name: [] for document in documents}
    for each in codings:
        gold[each.document].append((each.block, each.span, each.code, each.stance))
    corpus = Corpus.of(documents)
    coders = ("rules", "exemplars") if chosen.coder == "both" else (chosen.coder,)
    suggestions = united([list(make_coder(name, codebook=codebook).suggest(corpus)) for name in coders])
    names = {document.id: document.name for document in documents}
    ours = [(names[s.document_id], s.block, s.span, s.code, s.facets.get("stance", ""), s) for s in suggestions]
    passages: dict[str, Tally] = {code.id: Tally() for code in codebook if code.codable}
    sentences: dict[str, Tally] = {code.id: Tally() for code in codebook if code.codable}
    blank = stance_same = stance_all = 0
    for name, block, span, code, stance, suggestion in ours:
        turn = (name, block)
        passages[code].machine[turn] += 1
        partners = [each for each in gold[name] if each[2] == code and each[1].overlaps(span)]
        passages[code].correct[turn] += bool(partners)
        if partners:
            stance_all += 1
            stance_same += any(each[3] == stance for each in partners)
        blank += not any(each[1].overlaps(span) for each in gold[name])
        if chosen.errors == code and not partners:
            here = sorted({each[2] for each in gold[name] if each[1].overlaps(span)})
            print(
                f"FALSE {name[:2]} turn {block} {suggestion.rules} gold here: {here}\n    {' '.join(suggestion.quote.split())}"
            )
    for name, rows in gold.items():
        for block, span, code, _ in rows:
            passages[code].standard[name, block] += 1
            hit = any(n == name and c == code and s.overlaps(span) for n, _, s, c, _, _ in ours)
            passages[code].found[name, block] += hit
            if chosen.errors == code and not hit:
                document = next(each for each in documents if each.name == name)
                print(f"MISS  {name[:2]} turn {block}\n    {' '.join(document.quote(span).split())}")
    turns = [
        (d.name, b.index) for d in documents for b in d.blocks if b.kind == "turn" and d.role_of(b) == "participant"
    ]
    uncoded = machine_on_uncoded = 0
    for document in documents:
        blocks = {b.index: b for b in document.blocks}
        for unit in corpus.index.unit_spans(document.id, "sentence"):
            block = next(i for i, b in blocks.items() if b.span.contains(unit))
            if (document.name, block) not in set(turns):
                continue
            theirs = {c for _, s, c, _ in gold[document.name] if s.overlaps(unit)}
            mine = {c for n, _, s, c, _, _ in ours if n == document.name and s.overlaps(unit)}
            uncoded += not theirs
            machine_on_uncoded += bool(mine) and not theirs
            for code in theirs | mine:
                tally, turn = sentences[code], (document.name, block)
                tally.machine[turn] += code in mine
                tally.standard[turn] += code in theirs
                tally.correct[turn] += code in mine and code in theirs
                tally.found[turn] += code in mine and code in theirs
    if chosen.errors:
        return
    pooled = {}
    for kind, tallies in (("passages", passages), ("sentences", sentences)):
        whole = Tally()
        for tally in tallies.values():
            for counter in ("machine", "correct", "standard", "found"):
                getattr(whole, counter).update(getattr(tally, counter))
        pooled[kind] = whole
    bar = "|" if chosen.markdown else " "
    for kind, whole in pooled.items():
        values, limits = scores(whole, turns), interval(whole, turns)
        cells = [f"{v:.2f} [{a:.2f}, {b:.2f}]" for v, (a, b) in zip(values, limits, strict=True)]
        print(f"{bar} {kind:9} {bar} precision {cells[0]} {bar} recall {cells[1]} {bar} F1 {cells[2]} {bar} machine {sum(whole.machine.values())}"
              f" {bar} standard {sum(whole.standard.values())} {bar}")  # fmt: skip
    print(f"machine passages where the standard has no code at all: {blank} of {len(ours)}")
    print(
        f"sentences without a code in the standard: {uncoded}; with a machine's code all the same: {machine_on_uncoded} ({ratio(machine_on_uncoded, uncoded):.1%})"
    )
    print(f"stance as in the standard, of correct passages: {stance_same} of {stance_all}")
    print(
        f"\n{bar} code {bar} machine {bar} correct {bar} standard {bar} found {bar} precision {bar} recall {bar} F1 {bar}"
    )
    if chosen.markdown:
        print("|---|---|---|---|---|---|---|---|")
    for code, tally in passages.items():
        p, r, f = scores(tally, turns)
        (pa, pb), (ra, rb), _ = interval(tally, turns)
        sums = [sum(c.values()) for c in (tally.machine, tally.correct, tally.standard, tally.found)]
        wide = [f"{x:.2f} [{a:.2f}, {b:.2f}]" if np.isfinite(x) else "-" for x, a, b in ((p, pa, pb), (r, ra, rb))]
        print(
            f"{bar} {code:4} {bar} {sums[0]:3} {bar} {sums[1]:3} {bar} {sums[2]:3} {bar} {sums[3]:3} {bar} {wide[0]:17} {bar} {wide[1]:17} {bar} {f:.2f} {bar}"
        )


if __name__ == "__main__":
    main()
