"""A small study with a hand and a machine, every number of which can be counted on fingers."""

from __future__ import annotations

from dataclasses import replace

from qualcode.analysis import Layer, Study
from qualcode.model.codes import Code, Codebook, Facet, Rule
from qualcode.model.coding import Coding
from qualcode.model.document import Document, Span
from tests.analysis.studies import coding_at, study
from tests.builders import document

__all__ = ["BOOK", "DOCUMENTS", "HAND", "MACHINE", "both_layers", "of", "rules", "tiny_study"]

BOOK = Codebook(
    "pets",
    "1",
    "Pets",
    (
        Code("A", "Animals", codable=False, definition="Any."),
        Code("A1", "Dogs", parent="A", definition="Dogs.", rules=(Rule("A1-1", "dog | hound", line=12),
                                                                  Rule("A1-2", "bark", line=13))),
        Code("A2", "Cats", parent="A", definition="Cats.", rules=(Rule("A2-1", "cat", line=20),
                                                                  Rule("A2-2", "purr", line=21))),
        Code("B", "Rain", definition="Rain.", rules=(Rule("B-1", "rain", line=30),)),
    ),
    facets=(Facet("stance", ("present", "absent"), "present"),),
    sha256="0" * 64,
)  # fmt: skip

DOCUMENTS = (
    document("one.txt", [
        ("Q", "interviewer", "A dog?"),
        ("P", "participant", "The dog sat. It rained hard. The cat slept. The tree has bark."),
        ("P", "participant", "My hound ran off. We went home."),
    ]),
    document("two.txt", [
        ("R", "participant", "The dog and the cat fought. The rain came in. Nobody minded."),
    ]),
)  # fmt: skip


def of(name: str, quote: str, code: str, *, rule: str = "", score: float | None = None, status: str = "coded",
       stance: str = "present", evidence: str = "", coder: str = "person") -> Coding:  # fmt: skip
    """Return a coding of the first place where the words stand."""
    text: Document = next(each for each in DOCUMENTS if each.name == name)
    start = text.text.index(quote)
    made = coding_at(text, Span(start, start + len(quote)), code, stance, "coded", evidence, score, rule, book=BOOK)
    return replace(made, coder=coder, status=status, rule=rule)  # type: ignore[arg-type]  # a status, as its name says


def rules(name: str, quote: str, code: str, rule: str, score: float = 0.6, **more: str) -> Coding:
    """Return a suggestion of a rule."""
    return of(name, quote, code, rule=rule, score=score, status="suggested", coder="rules", **more)


HAND = (
    of("one.txt", "The dog sat. It rained hard.", "A1"),  # two sentences, one passage
    of("one.txt", "It rained hard.", "B"),
    of("one.txt", "The cat slept.", "A2"),
    of("one.txt", "My hound ran off.", "A1", stance="absent"),
    of("two.txt", "The dog and the cat fought.", "A1"),
    of("two.txt", "The dog and the cat fought.", "A2"),
)
MACHINE = (
    rules("one.txt", "The dog sat.", "A1", "A1-1", 0.9, evidence="dog"),  # right
    rules("one.txt", "The tree has bark.", "A1", "A1-2", 0.7, evidence="bark"),  # false: the hand has nothing
    rules("one.txt", "The cat slept.", "B", "B-1", 0.4),  # false: the hand has A2 here
    rules("one.txt", "My hound ran off.", "A1", "A1-1", 0.6),  # right, another stance
    rules("two.txt", "The dog and the cat fought.", "A1", "A1-1; A1-2", 0.8),  # right
    rules("two.txt", "The rain came in.", "B", "B-1", 0.8),  # false
)


def tiny_study() -> Study:
    """Return the study; its units are sentences: six in the one document, three in the other."""
    return study(DOCUMENTS, (), BOOK)


def both_layers() -> tuple[Layer, Layer]:
    """Return the hand's layer and the machine's."""
    worked = frozenset(each.id for each in DOCUMENTS)
    return Layer("hand", worked, HAND), Layer("machine", worked, MACHINE, machine=True)
