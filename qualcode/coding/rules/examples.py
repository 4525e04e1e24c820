"""A codebook's examples as executable tests: what hits what it must not, what misses what it should."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from qualcode.coding.base import Corpus
from qualcode.coding.rules.coder import RulesCoder
from qualcode.model.codes import Code, Codebook, Example
from qualcode.model.coding import Suggestion
from qualcode.model.document import Block, Document, Span, Speaker, sha256_of

__all__ = ["ExampleKind", "ExampleReport", "ExampleRow", "run_examples"]

ExampleKind = Literal["typical", "atypical", "near_miss"]


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """One example, run against the rules of its own code.

    Attributes:
        expected: whether the code should be suggested (``None`` for atypical ones: welcome, not demanded).
        hit: whether it was.
        rules: the rules that spoke.
        also: other codes that the rules suggested for the same words.
        line: where the example stands in the file.
    """

    code: str
    kind: ExampleKind
    text: str
    expected: bool | None
    hit: bool
    rules: tuple[str, ...]
    also: tuple[str, ...]
    line: int | None = None

    @property
    def passed(self) -> bool:
        """Whether the outcome is what was expected."""
        return self.expected is None or self.expected == self.hit


@dataclass(frozen=True, slots=True)
class ExampleReport:
    """All examples of a codebook (or of one code) with their outcome."""

    rows: tuple[ExampleRow, ...]

    @property
    def misses(self) -> tuple[ExampleRow, ...]:
        """Typical examples that no rule of their code reaches."""
        return tuple(row for row in self.rows if row.kind == "typical" and not row.hit)

    @property
    def false_hits(self) -> tuple[ExampleRow, ...]:
        """Near-misses that a rule of their own code hits: defects."""
        return tuple(row for row in self.rows if row.kind == "near_miss" and row.hit)

    @property
    def passed(self) -> bool:
        """Whether every example came out as expected."""
        return all(row.passed for row in self.rows)

    def counts(self, kind: ExampleKind) -> tuple[int, int]:
        """Return (how many were hit, how many there are) of one kind."""
        chosen = [row for row in self.rows if row.kind == kind]
        return sum(row.hit for row in chosen), len(chosen)


def run_examples(codebook: Codebook, code: str | None = None) -> ExampleReport:
    """Return the outcome of every typical, atypical and near-miss example under the codebook's rules.

    Each example is a document of its own; its ``question``, when it has one, is asked before it by an interviewer.

    Args:
        codebook: the codebook.
        code: only the examples of this code (all rules run all the same).
    """
    cases = [
        (each, kind, example)
        for each in codebook if each.codable and (code is None or each.id == code)
        for kind, example in _examples(each)
    ]  # fmt: skip
    documents = [_as_document(str(number), example) for number, (_, _, example) in enumerate(cases)]
    found: dict[str, list[Suggestion]] = {}
    for suggestion in RulesCoder(codebook).suggest(Corpus.of(documents)):
        if suggestion.block == ANSWER:
            found.setdefault(suggestion.document_id, []).append(suggestion)
    return ExampleReport(
        tuple(
            _row(each, kind, example, found.get(str(number), [])) for number, (each, kind, example) in enumerate(cases)
        )
    )


def _examples(code: Code) -> Iterator[tuple[ExampleKind, Example]]:
    yield from (("typical", example) for example in code.examples.typical)
    yield from (("atypical", example) for example in code.examples.atypical)
    yield from (("near_miss", example) for example in code.examples.near_miss)


def _row(code: Code, kind: ExampleKind, example: Example, found: list[Suggestion]) -> ExampleRow:
    mine = [suggestion for suggestion in found if suggestion.code == code.id]
    expected = {"typical": True, "atypical": None, "near_miss": False}[kind]
    # A code without rules cannot miss its typical examples: it waits for other coders.
    return ExampleRow(
        code=code.id,
        kind=kind,
        text=example.text,
        expected=expected if code.rules else None,
        hit=bool(mine),
        rules=tuple(dict.fromkeys(rule for suggestion in mine for rule in suggestion.rules)),
        also=tuple(dict.fromkeys(suggestion.code for suggestion in found if suggestion.code != code.id)),
        line=example.line,
    )


ANSWER = 1
"""The block of an example's document that holds the example; the one before it is the question."""


def _as_document(name: str, example: Example) -> Document:
    text = ""
    blocks: list[Block] = []
    for speaker, words in (("Q", example.question or ""), ("A", example.text)):
        start = len(text)
        text += f"{speaker}: {words}"
        blocks.append(Block(len(blocks), "turn", Span(start, len(text)), (speaker,), Span(start, start + 3)))
        text += "\n\n"
    digest = sha256_of(text)
    return Document(
        id=name, name=name, text=text, text_sha256=digest, source_name="examples", source_sha256=digest,
        format="examples", parser="examples", parser_version="1",
        speakers=(Speaker("Q", "Q", "interviewer"), Speaker("A", "A", "participant")), blocks=tuple(blocks),
    )  # fmt: skip
