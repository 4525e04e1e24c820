"""Where people differ about one passage and one code, and nobody has settled it; or two settled it in two ways."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from qualcode.model.document import Span
from qualcode.model.ledger import SETTLED, Judgement
from qualcode.review.passages import differ

__all__ = ["Conflict", "conflicts_of"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Overlapping judgements of one code in one document of which some say yes and some say no.

    ``id`` is ``c`` and 11 hex digits made from the judgements, so it changes when one of them does.
    """

    id: str
    document_id: str
    codebook: str
    code: str
    span: Span
    judgements: tuple[Judgement, ...]

    @property
    def for_it(self) -> tuple[Judgement, ...]:
        """Those that accept or code it."""
        return tuple(each for each in self.judgements if each.verdict != "rejected")

    @property
    def against(self) -> tuple[Judgement, ...]:
        """Those that reject it."""
        return tuple(each for each in self.judgements if each.verdict == "rejected")


def conflicts_of(judgements: Iterable[Judgement]) -> tuple[Conflict, ...]:
    """Return the conflicts that are not settled, by document id, place and code.

    Judgements of one document and code that overlap, directly or through others, are looked at together. People who
    settle one conflict apart from each other, and differently, make a conflict of their settlements.
    """
    every = [each for each in judgements if not each.orphan]
    settled = {key for each in every for key in each.settles}
    groups: dict[tuple[str, str, str, bool], list[Judgement]] = {}
    for each in every:
        ours = each.layer == SETTLED
        if ours or each.id not in settled:
            groups.setdefault((each.passage.document_id, each.codebook, each.code, ours), []).append(each)
    found: list[Conflict] = []
    for (document_id, codebook, code, _), held in groups.items():
        for cluster in _clusters(held):
            if len({each.verdict == "rejected" for each in cluster}) == 2 and _differing(cluster):
                span = Span(cluster[0].passage.span.start, max(each.passage.span.end for each in cluster))
                found.append(Conflict(_name(cluster), document_id, codebook, code, span, tuple(cluster)))
    return tuple(sorted(found, key=lambda each: (each.document_id, each.span, each.code)))


def _clusters(held: Iterable[Judgement]) -> Iterable[list[Judgement]]:
    cluster: list[Judgement] = []
    end = -1
    for each in sorted(held, key=lambda each: (each.passage.span, each.at, each.id)):
        if cluster and each.passage.span.start >= end:
            yield cluster
            cluster = []
        cluster.append(each)
        end = max(end, each.passage.span.end) if len(cluster) > 1 else each.passage.span.end
    if cluster:
        yield cluster


def _differing(cluster: Sequence[Judgement]) -> bool:
    return any(differ(one, other) for at, one in enumerate(cluster) for other in cluster[at + 1 :])


def _name(cluster: Iterable[Judgement]) -> str:
    return "c" + sha256("\0".join(sorted(each.id for each in cluster)).encode()).hexdigest()[:11]
