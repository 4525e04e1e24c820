"""What a researcher can tell ingest about a file; every field has a default that means "find out"."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

from qualcode.model.document import Role

__all__ = ["IngestOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestOptions:
    """Choices for reading one or many files.

    Attributes:
        encoding: name of a codec that overrides the encoding ladder.
        speaker_pattern: regular expression for the header of a turn at the start of a line; its group ``label``
            (else group 1, else the whole match) is the speaker label.
        roles: label → role, wins over every guess.
        aliases: label as written → label of the person.
        default_speaker: label given to speech that has none.
        lenient_labels: also split at a known label that lacks its colon (``K No, I think``).
        stamp_position: whether a time stamp opens or closes its turn.
        sheet: name of the worksheet to read.
        columns: what a table's columns mean, for example ``{"speaker": "Who", "text": "Said"}``.
        format: name of the format to read the file as, instead of sniffing.
    """

    encoding: str | None = None
    speaker_pattern: str | None = None
    roles: Mapping[str, Role] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    default_speaker: str | None = None
    lenient_labels: bool = False
    stamp_position: Literal["auto", "start", "end"] = "auto"
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    format: str | None = None

    def stated(self) -> dict[str, str]:
        """Return the options that differ from the defaults, as strings: what a Document records of them."""
        default = IngestOptions()
        found: dict[str, str] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if value != getattr(default, each.name):
                found[each.name] = value if isinstance(value, str) else json.dumps(_plain(value), sort_keys=True)
        return found

    def canonical(self) -> str:
        """Return all stated options as one line of JSON, the same for equal options: part of a document's id."""
        return json.dumps(self.stated(), sort_keys=True, ensure_ascii=False)


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else value
