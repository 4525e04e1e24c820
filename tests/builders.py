"""Small documents for tests, made from speaker turns; everything in them is made up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from qualcode.model.document import Block, BlockKind, Document, Mark, MarkKind, Role, Span, Speaker, sha256_of

__all__ = ["Turn", "document"]

Turn = tuple[str, str, str] | tuple[str, str, str, str]
"""Label, role, speech and, when it is not a turn, the kind of block (``question``, ``heading`` …)."""

_MARK = re.compile(r"\[([^\]\n]+)\]")
_KINDS: Mapping[str, MarkKind] = {
    "inaudible": "inaudible",
    "laughter": "laughter",
    "pause": "pause",
    "crosstalk": "crosstalk",
}


def document(
    name: str,
    turns: Sequence[Turn],
    *,
    attributes: Mapping[str, str] | None = None,
    speakers: Mapping[str, Mapping[str, str]] | None = None,
) -> Document:
    """Return a valid document whose text is ``LABEL: speech``, a blank line after each turn.

    ``[laughter]`` and anything else in square brackets becomes a non-speech mark. ``attributes`` are the document's,
    ``speakers`` gives those of speakers by label. A turn without a label has no speaker.
    """
    text = ""
    blocks: list[Block] = []
    marks: list[Mark] = []
    people: dict[str, Speaker] = {}
    for index, (label, role, speech, *kind) in enumerate(turns):
        if label and label not in people:
            people[label] = Speaker(
                f"s{len(people) + 1}", label, _role(role), (), dict((speakers or {}).get(label, {}))
            )
        begin = len(text)
        head = f"{label}: " if label else ""
        text += head + speech
        blocks.append(
            Block(
                index,
                _kind(kind[0] if kind else "turn"),
                Span(begin, len(text)),
                (people[label].id,) if label else (),
                Span(begin, begin + len(head)) if label else None,
            )
        )
        for found in _MARK.finditer(speech):
            start = begin + len(head) + found.start()
            marks.append(Mark(Span(start, start + len(found.group())), _KINDS.get(found[1], "comment"), found[1]))
        text += "\n\n"
    made = Document(
        id=name,
        name=name,
        text=text,
        text_sha256=sha256_of(text),
        source_name=f"{name}.txt",
        source_sha256=sha256_of(text),
        format="text",
        parser="builder",
        parser_version="1",
        attributes=dict(attributes or {}),
        speakers=tuple(people.values()),
        blocks=tuple(blocks),
        marks=tuple(marks),
    )
    made.check()
    return made


def _role(text: str) -> Role:
    roles: Mapping[str, Role] = {
        "interviewer": "interviewer",
        "participant": "participant",
        "moderator": "moderator",
        "observer": "observer",
        "group": "group",
        "unknown": "unknown",
    }
    return roles[text]


def _kind(text: str) -> BlockKind:
    kinds: Mapping[str, BlockKind] = {
        "turn": "turn",
        "heading": "heading",
        "meta": "meta",
        "legend": "legend",
        "stage": "stage",
        "question": "question",
        "note": "note",
        "unattributed": "unattributed",
    }
    return kinds[text]
