"""Small codebooks and what a coder says of small documents, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qualcode.coding import Corpus, RulesCoder
from qualcode.model.codes import Code, Codebook, CueList, Facet, Rule
from qualcode.model.coding import Suggestion
from qualcode.model.document import Document
from tests.builders import document

__all__ = ["CUES", "STANCE", "book", "code", "coded", "quotes", "rule", "said"]

STANCE = Facet("stance", ("present", "absent", "mixed"), "present")

CUES = {
    "negation": CueList(
        cues=('"n\'t"', "not", "never", '"no"', "nobody", "without", '"lack of"', '"no longer"', "hardly"),
        exempt=('"not only"', '"no doubt"', '"can\'t fault"', '"not just"', '"no end"'),
    ),
    "hedging": CueList(cues=('"sort of"', "maybe", '"I suppose"')),
    "hypothetical": CueList(cues=('"if"', '"would have"'), scope="sentence"),
}


def rule(find: str | None = None, **more: Any) -> Rule:
    """Return a rule; its id is its query unless another is given."""
    return Rule(id=more.pop("id", None) or find or "tokens", find=find, **more)


def code(name: str, *rules: Rule | str, **more: Any) -> Code:
    """Return a code; rules may be given as queries."""
    found = tuple(
        rule(each, id=f"{name}-{number}") if isinstance(each, str) else each for number, each in enumerate(rules, 1)
    )
    return Code(name, more.pop("label", f"Label of {name}"), rules=found, **more)


def book(*codes: Code, cues: Mapping[str, CueList] | None = None, **more: Any) -> Codebook:
    """Return a codebook with the facet stance and, unless others are given, the cues of this module."""
    more.setdefault("facets", (STANCE,))
    return Codebook("book", "1", "A book", codes, cues=CUES if cues is None else cues, **more)


def said(*turns: str, name: str = "d") -> Document:
    """Return a document of turns: ``Q:`` asks, everybody else takes part."""
    parted = [turn.split(": ", 1) if ": " in turn else ["P", turn] for turn in turns]
    return document(name, [(who, "interviewer" if who == "Q" else "participant", words) for who, words in parted])


def coded(codebook: Codebook, *documents: Document | str, **parameters: Any) -> list[Suggestion]:
    """Return the suggestions of the rules for some documents, or for turns of one."""
    found = [each for each in documents if isinstance(each, Document)]
    turns = [each for each in documents if isinstance(each, str)]
    corpus = Corpus.of(found or [said(*turns)])
    return list(RulesCoder(codebook, **parameters).suggest(corpus))


def quotes(suggestions: Sequence[Suggestion]) -> list[tuple[str, str]]:
    """Return code and quote of each suggestion."""
    return [(each.code, each.quote) for each in suggestions]
