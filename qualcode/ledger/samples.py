"""Random samples in the ledger: drawn once, coded by hand unit by unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from qualcode.model.document import Span
from qualcode.model.ledger import Entry, HandCoded, Operation, Passage

__all__ = ["Samples", "sample_content"]


def sample_content(sample: HandCoded) -> dict[str, Any]:
    """Return what an entry of kind ``sample`` holds, as plain data; labels have entries of their own."""
    units = [
        [place.document_id, place.document_sha256, place.span.start, place.span.end, place.quote, probability]
        for place, probability in sample.units
    ]
    return {"unit": sample.unit, "by": sample.by, "seed": sample.seed, "units": units}


class Samples:
    """The samples of a ledger while it is folded."""

    def __init__(self) -> None:
        self._drawn: dict[str, HandCoded] = {}
        self._labels: dict[str, dict[int, frozenset[str]]] = {}
        self._readings: dict[str, dict[str, dict[int, frozenset[str]]]] = {}

    def draw(self, operation: Operation, entry: Entry) -> None:
        """Add the sample that an entry draws."""
        content = entry.content
        units = tuple(
            (Passage(document_id, sha256, Span(start, end), quote), float(probability))
            for document_id, sha256, start, end, quote, probability in content["units"]
        )
        self._drawn[entry.id] = HandCoded(entry.id, operation.person, operation.at, entry.codebook,
                                          str(content["unit"]), str(content["by"]), int(content["seed"]),
                                          units)  # fmt: skip

    def label(self, operation: Operation, entry: Entry) -> None:
        """Put the codes of one unit into its sample; the latest count. What is said of no sample is passed over."""
        key = str(entry.content["sample"])
        if key in self._drawn:
            codes = frozenset(str(code) for code in entry.content["codes"])
            self._labels.setdefault(key, {})[int(entry.content["number"])] = codes
            self._readings.setdefault(key, {}).setdefault(operation.person, {})[int(entry.content["number"])] = codes

    def recode(self, codebook: str, moves: Mapping[str, str]) -> None:
        """Let the labels follow a change of a codebook."""
        for key, latest in self._labels.items() if moves else ():
            if self._drawn[key].codebook == codebook:
                for labels in (latest, *self._readings[key].values()):
                    for at, codes in labels.items():
                        labels[at] = frozenset(moves.get(code, code) for code in codes)

    def result(self) -> dict[str, HandCoded]:
        """Return the samples by id, in the order in which they were drawn."""
        return {
            key: replace(
                each,
                labels=self._labels.get(key, {}),
                coders=tuple(self._readings.get(key, ())),
                readings=self._readings.get(key, {}),
            )
            for key, each in self._drawn.items()
        }
