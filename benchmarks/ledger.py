"""How a ledger of a million rows behaves: opened, listed, added to, taken back, checked, copied.

    python benchmarks/ledger.py                       # a million entries, some minutes to build
    python benchmarks/ledger.py --entries 100000      # a quicker look
    python benchmarks/ledger.py --keep FILE           # build FILE once, measure a copy of it each time

Everything is written through the store: most entries in operations of up to 10,000 (accepting what a coder found),
the rest one by one, as people decide: codings, changes of mind, memos, undoing. Each figure is wall time in a process
of its own, the median of several runs where a run is short; memory is that process's peak, interpreter included.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from corpus import documents

from qualcode.model.document import Document, Span
from qualcode.model.ledger import Draft, NewEntry, Origin, Passage, passage_at
from qualcode.store import Store

PEOPLE = ("Ann", "Ben", "Cem")
LARGE = 10_000
GOALS = {"open": 0.05, "list-50": 0.02, "append-one": 0.02, "undo-one": 0.02, "verify": 60.0}
VERIFY_MEMORY = 1_500.0


def transcripts(count: int) -> list[Document]:
    """Return interviews of about 40 KB each."""
    found: list[Document] = []
    for seed in range(count):
        (made,) = documents(0.04, seed=seed)
        found.append(_renamed(made, f"interview-{seed:03d}"))
    return found


def _renamed(made: Document, name: str) -> Document:
    return dataclasses.replace(made, id=name, name=name, source_name=f"{name}.txt")


def a_passage(document: Document, chance: random.Random) -> Passage:
    """Return some words of a turn."""
    block = document.blocks[2 * chance.randrange(len(document.blocks) // 2) + 1]
    length = chance.randrange(20, 120)
    start = chance.randrange(block.span.start, max(block.span.start + 1, block.span.end - length))
    return passage_at(document, Span(start, min(start + length, block.span.end)))


def an_origin(chance: random.Random) -> Origin:
    """Return what the rules coder says of a passage."""
    return Origin("rules", (f"A{chance.randrange(40)}-{chance.randrange(20)}",), (Span(5, 12),), score=chance.random(),
                  facets={"stance": "present"}, codebook_version="1.0", codebook_sha256="f" * 64)  # fmt: skip


def build(path: Path, entries: int, singles: int) -> None:
    """Write a ledger with about that many entries, ``singles`` of them one by one."""
    chance = random.Random(20)
    texts = transcripts(100)
    mine: dict[str, list[str]] = {person: [] for person in PEOPLE}
    began = time.perf_counter()
    with Store.create(path) as store:
        store.put_documents(texts, person="Ann")
        store.put_suggestions([], made_from="benchmark", person="Ann")
        written = 0
        while written < entries - singles:
            person = chance.choice(PEOPLE)
            count = min(LARGE, entries - singles - written)
            made = tuple(
                NewEntry("accept" if chance.random() < 0.8 else "reject", a_passage(chance.choice(texts), chance),
                         "book", f"A{chance.randrange(40)}", an_origin(chance), reason="fits")
                for _ in range(count)
            )  # fmt: skip
            done = store.record(Draft("review", person, made, f"{count} suggestions decided"))
            mine[person] += [each.id for each in chance.sample(done.entries, min(200, count))]
            written += count
        print(f"built {written} entries in large operations: {time.perf_counter() - began:.0f} s", flush=True)
        for _ in range(singles):
            one_step(store, chance, texts, mine)
    print(f"built: {time.perf_counter() - began:.0f} s", flush=True)


def one_step(store: Store, chance: random.Random, texts: list[Document], mine: dict[str, list[str]]) -> None:
    """Do one thing as a person does."""
    person = chance.choice(PEOPLE)
    place = a_passage(chance.choice(texts), chance)
    choice = chance.random()
    if choice < 0.70:
        done = store.record(
            Draft("code", person, (NewEntry("code", place, "book", f"A{chance.randrange(40)}", Origin()),))
        )
        mine[person].append(done.entries[0].id)
    elif choice < 0.78:
        old = mine[person].pop(chance.randrange(len(mine[person])))
        store.record(Draft("move", person, (NewEntry("move", place, "book", "A1", Origin(), (old,)),)))
    elif choice < 0.86:
        old = mine[person].pop(chance.randrange(len(mine[person])))
        store.record(Draft("uncode", person, (NewEntry("uncode", targets=(old,)),)))
    elif choice < 0.96:
        content = {"type": "theory", "about": "span", "text": "What they say of this.", "ref": ""}
        store.record(Draft("memo", person, (NewEntry("memo", place, content=content),)))
    elif choice < 0.999:
        content = {"type": "theory", "about": "project", "text": "Not what I meant.", "ref": ""}
        store.record(Draft("memo", person, (NewEntry("memo", content=content),)))
        store.undo(person)
    else:
        content = {"added": [f"B{chance.randrange(1000)}"]}
        store.record(Draft("codebook", person, (NewEntry("codebook", codebook="book", content=content),)))


def measures(path: Path) -> dict[str, Callable[[], list[float]]]:
    """Return, by name, what is measured; each gives seconds, one for each run."""

    def repeated(action: Callable[[Store], object], times: int) -> Callable[[], list[float]]:
        def measured() -> list[float]:
            with Store.open(path) as store:
                return [clocked(lambda: action(store)) for _ in range(times)]

        return measured

    def opened() -> list[float]:
        import qualcode.store.store  # noqa: F401 - importing is not opening

        return [clocked(lambda: Store.open(path).close()) for _ in range(5)]

    def appended() -> list[float]:
        (text,) = (each for each in transcripts(1))
        chance = random.Random(5)
        with Store.open(path) as store:
            drafts = [
                Draft("code", "Ann", (NewEntry("code", a_passage(text, chance), "book", "A1", Origin()),))
                for _ in range(20)
            ]
            return [clocked(lambda draft=draft: store.record(draft)) for draft in drafts]

    def large_back_and_forth() -> list[float]:
        texts = transcripts(3)
        chance = random.Random(6)
        made = tuple(
            NewEntry("accept", a_passage(chance.choice(texts), chance), "book", "A2", an_origin(chance))
            for _ in range(LARGE)
        )
        with Store.open(path) as store:
            return [
                clocked(lambda: store.record(Draft("review", "Dan", made))),
                clocked(lambda: store.undo("Dan")),
                clocked(lambda: store.redo("Dan")),
            ]

    def copied() -> list[float]:
        from qualcode.store.backup import backup

        target = path.with_name("copy.bak")
        took = clocked(lambda: backup(path, target))
        target.unlink()
        return [took]

    return {
        "open": opened,
        "list-50": repeated(lambda store: store.operations(latest=50), 5),
        "list-50-of-Ben": repeated(lambda store: store.operations(latest=50, person="Ben"), 5),
        "list-of-nobody": repeated(lambda store: store.operations(latest=50, person="Nobody"), 5),
        "one-document": repeated(lambda store: store.judgements(document_id="interview-007"), 3),
        "all-judgements": repeated(lambda store: store.judgements(), 1),
        "blame": repeated(lambda store: store.history(store.operations(latest=1, verb="code")[0].entries[0].id), 5),
        "append-one": appended,
        "undo-one": repeated(lambda store: store.undo("Ann"), 10),
        "redo-one": repeated(lambda store: store.redo("Ann"), 10),
        "large": large_back_and_forth,
        "verify": repeated(lambda store: _sound(store), 1),
        "backup": copied,
    }


def _sound(store: Store) -> None:
    found = store.verify()
    assert found == (), found[:3]


def clocked(action: Callable[[], object]) -> float:
    """Return the seconds that an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def told(name: str, path: Path) -> None:
    """Measure one thing in a process of its own and print it."""
    command = [sys.executable, __file__, "--measure", name, str(path)]
    done = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    names = ["append-10000", "undo-10000", "redo-10000"] if name == "large" else [name]
    for at, each in enumerate(names):
        seconds = done["seconds"][at] if name == "large" else statistics.median(done["seconds"])
        goal = GOALS.get(each)
        verdict = "" if goal is None else f"  {'reached' if seconds < goal else 'MISSED'} (goal under {goal:g} s)"
        if each == "verify":
            verdict += (
                f", memory {'reached' if done['memory'] < VERIFY_MEMORY else 'MISSED'} (under {VERIFY_MEMORY:g} MB)"
            )
        print(f"{each:16} {seconds * 1000:10.1f} ms  peak {done['memory']:6.0f} MB{verdict}", flush=True)


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--singles", type=int, default=20_000, help="how many of them are written one by one")
    parser.add_argument("--keep", type=Path, help="a database to build, or to use when it is there")
    parser.add_argument("--only", help="one measure")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        name, path = chosen.measure
        seconds = measures(Path(path))[name]()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "memory": memory}))
        return
    print(
        f"Python {platform.python_version()} on {platform.machine()}; SQLite {sqlite3.sqlite_version}; {' '.join(sys.argv)}"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "project.db"
        kept: Path | None = chosen.keep
        if kept is not None and kept.exists():
            shutil.copyfile(kept, path)
        else:
            build(path, chosen.entries, chosen.singles)
            if kept is not None:
                shutil.copyfile(path, kept)
        with Store.open(path) as store:
            meta = store.meta()
        print(f"{meta['entries']} entries in {meta['operations']} operations; {path.stat().st_size / 1e6:.0f} MB")
        for name in [chosen.only] if chosen.only else measures(path):
            told(name, path)


if __name__ == "__main__":
    main()
