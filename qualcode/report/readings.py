"""What each coder holds of a passage, and the commands that settle what they differ on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from qualcode.analysis.layers import Layer, under_code
from qualcode.analysis.study import Study
from qualcode.model.coding import Coding
from qualcode.model.document import Span
from qualcode.model.ledger import Judgement, Memo
from qualcode.report.commands import Commands
from qualcode.report.differing import Difference
from qualcode.report.passages import clip
from qualcode.report.people import facets_told, label_of, notes_on, origin_told
from qualcode.report.worklists import Answer, Reading, Settling
from qualcode.review.conflicts import Conflict

__all__ = ["Material", "readings_of", "settling_of"]

_EDGES = re.compile(r"^\W+|\W+$|\s+")
LONGEST = 30
"""Words shown of what a coder marked, where it is not the passage itself."""
_VERDICTS = {"coded": "coded by hand", "accepted": "accepted", "rejected": "rejected", "suggested": "suggested"}


@dataclass(frozen=True, slots=True)
class Material:
    """What a work-list of differences is made from; see :func:`~qualcode.report.disputes.disagreements_page`.

    ``judgements`` are those of people, by document id; orphans and what adjudication settled are not among them.
    """

    study: Study
    layers: tuple[Layer, ...]
    judgements: Mapping[str, tuple[Judgement, ...]]
    conflicts: tuple[Conflict, ...]
    memos: tuple[Memo, ...]
    commands: Commands


def readings_of(material: Material, difference: Difference) -> tuple[Reading, ...]:
    """Return a reading for each layer: codes in dispute first, each with reason, facets and memos."""
    study, document_id, span = material.study, difference.document_id, difference.span
    disputed = frozenset[str]().union(*(under_code(study, code) for code in difference.codes))
    here = _here(material, difference)
    passage = (span, study.documents[document_id].quote(span))
    found = []
    for layer in material.layers:
        if layer.machine or not any(each.layer == layer.coder for each in here):
            answers = [_suggested(each, passage, disputed) for each in layer.codings
                       if each.document_id == document_id and each.span.overlaps(span)]  # fmt: skip
        else:
            answers = [_answer(material, each, passage, disputed) for each in here if each.layer == layer.coder]
        answers.sort(key=lambda each: (not each.disputed, each.rejected, each.id))
        silence = ""
        if document_id not in layer.documents:
            silence = "Did not work through this document."
        elif not any(each.disputed for each in answers):
            silence = "Gave none of the codes in dispute here." if answers else "No code here."
        found.append(Reading(layer.coder, tuple(answers), silence))
    return tuple(found)


def settling_of(material: Material, difference: Difference) -> tuple[Settling, ...]:
    """Return for each code in dispute how to settle it.

    Where one says yes and another no, it is a conflict with an id. Where one says yes and another nothing, the coding's
    own id does. What only a machine suggests is accepted or rejected.
    """
    study, commands = material.study, material.commands
    coders = {layer.coder for layer in material.layers}
    found: list[Settling] = []
    for code in difference.codes:
        below = under_code(study, code)
        express = [
            each
            for each in material.conflicts
            if each.document_id == difference.document_id and each.code in below and each.span.overlaps(difference.span)
        ]
        done = {one.id for each in express for one in each.judgements}
        alone = [
            each
            for each in _here(material, difference)
            if each.code in below and each.layer in coders and each.verdict != "rejected" and each.id not in done
        ]
        found += [_settling(study, each.code, each.id, commands, express=True) for each in express]
        kept: list[Judgement] = []
        for one in alone:
            # Settling one coding settles those of the same code that overlap it.
            if not any(one.code == other.code and one.passage.span.overlaps(other.passage.span) for other in kept):
                kept.append(one)
        found += [_settling(study, one.code, one.id, commands) for one in kept]
        if not express and not alone:
            found += [
                _of_machine(material, each)
                for layer in material.layers
                for each in layer.codings
                if each.document_id == difference.document_id
                and each.code in below
                and each.span.overlaps(difference.span)
            ]
    return tuple(found)


def _settling(study: Study, code: str, name: str, commands: Commands, *, express: bool = False) -> Settling:
    yes, no = (commands.line("adjudicate", name, verdict) for verdict in ("--accept", "--reject"))
    return Settling(code, label_of(study.codebook, code), name, express, yes, no)


def _of_machine(material: Material, each: Coding) -> Settling:
    """Return how to settle what a machine suggests: it waits, or somebody has judged it already."""
    study, commands = material.study, material.commands
    for one in material.judgements.get(each.document_id, ()):
        if one.code == each.code and one.passage.span.overlaps(each.span):
            return _settling(study, one.code, one.id, commands)
    yes, no = (commands.line(verb, "--id", each.id) for verb in ("accept", "reject"))
    return Settling(each.code, label_of(study.codebook, each.code), each.id, False, yes, no)


def _words(span: Span, quote: str, passage: tuple[Span, str]) -> str:
    """Return what was marked, shortened; empty when it is the passage, but for punctuation around it."""
    same = span == passage[0] or (span.overlaps(passage[0]) and _EDGES.sub("", quote) == _EDGES.sub("", passage[1]))
    return "" if same else clip(" ".join(quote.split()), LONGEST)


def _here(material: Material, difference: Difference) -> list[Judgement]:
    every = material.judgements.get(difference.document_id, ())
    return [each for each in every if each.passage.span.overlaps(difference.span)]


def _answer(material: Material, each: Judgement, passage: tuple[Span, str], disputed: frozenset[str]) -> Answer:
    return Answer(
        each.code,
        label_of(material.study.codebook, each.code),
        _VERDICTS[each.verdict],
        each.verdict == "rejected",
        each.code in disputed,
        _words(each.passage.span, each.passage.quote, passage),
        facets_told(sorted(each.origin.facets.items())),
        each.reason,
        origin_told(each),
        notes_on(each, material.memos),
    )


def _suggested(each: Coding, passage: tuple[Span, str], disputed: frozenset[str]) -> Answer:
    words = _words(each.span, each.quote, passage)
    facets = facets_told(sorted(each.facets.items()))
    return Answer(each.code, each.label, _VERDICTS[each.status], False, each.code in disputed, words, facets, "",
                  each.rule, ())  # fmt: skip
