"""Made-up talk about three things, and the model of it that anybody would draw by hand: for tests of topics."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from qualcode.coding.base import Corpus
from qualcode.coding.topics.model import Pooled, TopicModel
from qualcode.coding.topics.pooling import pool
from qualcode.model.document import Document
from tests.builders import Turn, document

__all__ = ["BOOK", "THEMES", "documents", "hand_model", "make_study", "pooled_talk"]

THEMES = {
    "garden": ("The garden needs soil and seeds.", "We dig the soil with a spade.", "Seeds and flowers grow in the garden.",
               "The spade and the hose hang by the flowers.", "Weeds grow among the seeds and flowers."),
    "choir": ("The choir sings a song at noon.", "Her voice carries the melody of the song.", "Singers breathe, then the choir begins.",
              "The melody wants a second voice.", "The piano helps the singers with the melody."),
    "boiler": ("The boiler leaks on the radiator pipe.", "A plumber mends the pipe and the valve.", "The radiator is cold, the valve stuck.",
               "Heating costs rise when the boiler leaks.", "The plumber says the heating valve is old."),
}  # fmt: skip

BOOK = """\
schema: qualcode-codebook/1
id: place
version: "1.0"
title: What people talk about
codes:
  - id: G
    label: The garden
    definition: Somebody talks of the garden.
    rules:
      - garden | soil | seed | flower
    seeds: {words: [soil, seed, spade, flower]}
  - id: M
    label: Music
    definition: Somebody talks of music.
    rules:
      - choir | melody | voice
    seeds: {words: [choir, melody, voice, song]}
"""


def _said(theme: str, start: int, sentences: int) -> str:
    lines = THEMES[theme]
    return " ".join(lines[(start + number) % len(lines)] for number in range(sentences))


def documents() -> list[Document]:
    """Return six interviews: three of gardeners' schools (site ``green``), three of others; each touches two themes."""
    plans = {
        "a": ("garden", "garden", "choir"), "b": ("garden", "garden", "boiler"), "c": ("garden", "choir", "garden"),
        "d": ("choir", "choir", "boiler"), "e": ("boiler", "choir", "boiler"), "f": ("boiler", "boiler", "garden"),
    }  # fmt: skip
    made = []
    for number, (name, themes) in enumerate(plans.items()):
        turns: list[Turn] = []
        for step, theme in enumerate(themes * 2):
            turns.append(("Int", "interviewer", "What else is there to tell?"))
            turns.append((f"P{name}", "participant", _said(theme, number + step, 7)))
        site = "green" if name < "d" else "town"
        made.append(document(name, turns, attributes={"site": site}, speakers={f"P{name}": {"job": site[:3]}}))
    return made


def pooled_talk() -> tuple[Corpus, Pooled]:
    """Return the corpus, and its talk in segments of one theme each."""
    corpus = Corpus.of(documents())
    return corpus, pool(corpus, by="question")


def hand_model(pooled: Pooled, *, kind: str = "nmf", order: tuple[str, ...] = tuple(THEMES)) -> TopicModel:
    """Return the model in which each theme is a topic: words and shares counted from the themes' own words."""
    spoken = [" ".join(THEMES[theme]).casefold().replace(".", " ").replace(",", " ").split() for theme in order]
    words = np.array(
        [[sum(term[:4] == each[:4] for each in theme) + 0.01 for term in pooled.terms] for theme in spoken]
    )
    words /= words.sum(axis=1, keepdims=True)
    shares = pooled.counts @ (words / words.sum(axis=0)).T + 0.01
    shares = shares / shares.sum(axis=1, keepdims=True)
    return TopicModel(
        kind=kind, k=len(order), seed=0, terms=pooled.terms, words=words, shares=np.asarray(shares),  # type: ignore[arg-type] # one of the kinds
        prior=np.full(len(order), 0.1), seeded=("",) * len(order), settings={"library": "by hand"},
    )  # fmt: skip


def make_study(folder: Path) -> Path:
    """Write the talk as transcripts, with a table of attributes and a codebook, into a folder and return it."""
    folder.mkdir(parents=True)
    rows = ["document,site"]
    for each in documents():
        (folder / f"{each.name}.txt").write_text(each.text.replace("Int:", "INTERVIEWER:"), encoding="utf-8")
        rows.append(f"{each.name}.txt,{each.attributes['site']}")
    (folder / "cases.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "place.yaml").write_text(BOOK, encoding="utf-8")
    return folder
