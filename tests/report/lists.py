"""Made-up decisions to make work-lists from: two coders on one interview, and the same interview before an edit."""

from __future__ import annotations

from collections.abc import Sequence

from qualcode.analysis.layers import Layer
from qualcode.analysis.study import Study, study_of
from qualcode.model.codes import Codebook
from qualcode.model.document import Document, Span
from qualcode.model.ledger import Judgement, Memo, Origin, Verdict, passage_at
from qualcode.report.commands import Commands
from qualcode.report.disputes import disagreements_page
from qualcode.report.orphans import Lost, orphans_page
from qualcode.report.worklists import DisagreementsPage, OrphansPage
from qualcode.review.conflicts import conflicts_of
from tests.analysis.studies import coding_at, units_of
from tests.builders import document
from tests.report.fixture import BOOK

__all__ = ["NOW", "OLD", "at", "differing_page", "judged", "lost_page", "study_and_layers"]

OLD = document(
    "hill.txt",
    [
        ("Interviewer", "interviewer", "Tell me about trust."),
        ("Head", "participant", "We trust each other now. It took a year, mind. The rain came in."),
    ],
)
NOW = document(
    "hill.txt",
    [
        ("Interviewer", "interviewer", "Tell me about trust."),
        ("Head", "participant", "We do trust each other, now. It took a year. We trust each other, now."),
    ],
)


def at(made: Document, quote: str) -> Span:
    """Return the first place of some words."""
    start = made.text.index(quote)
    return Span(start, start + len(quote))


def judged(
    made: Document,
    quote: str,
    code: str,
    person: str,
    verdict: Verdict = "accepted",
    *,
    id: str = "",  # noqa: A002
    layer: str = "",
    reason: str = "",
    orphan: str = "",
    facets: dict[str, str] | None = None,
    settles: tuple[str, ...] = (),
) -> Judgement:
    """Return what a person holds of some words."""
    origin = Origin("rules", (f"{code}-1",), facets=facets or {}) if verdict != "coded" else Origin(facets=facets or {})
    return Judgement(id or f"{person}.{code}.{at(made, quote).start}", layer or person, person, verdict,
                     passage_at(made, at(made, quote)), "small", code, origin, "2026-11-20T10:00:00.000Z", reason,
                     orphan, settles=settles)  # fmt: skip


def lost_page(
    lost: Sequence[Lost],
    *,
    memos: Sequence[Memo] = (),
    folder: str = "study",
    book: Codebook = BOOK,
    title: str = "Hill",
) -> OrphansPage:
    """Return the page of lost codings."""
    return orphans_page(lost, book, title=title, commands=Commands(folder), date="2026-11-22", memos=memos)


def study_and_layers(
    judgements: Sequence[Judgement],
    *,
    made: Document = OLD,
    through: dict[str, bool] | None = None,
    book: Codebook = BOOK,
    title: str = "Hill",
) -> tuple[Study, list[Layer]]:
    """Return one document and a layer for each coder: who judged anything, or is named in ``through``."""
    known = dict.fromkeys((each.layer for each in judgements if each.layer != "settled"), True) | (through or {})
    layers = [
        Layer(
            name,
            frozenset({made.id} if worked else ()),
            tuple(
                coding_at(made, each.passage.span, each.code, book=book)
                for each in judgements
                if each.layer == name and each.verdict != "rejected" and worked
            ),
        )
        for name, worked in known.items()
    ]
    study = study_of([made], book, (), units={made.id: units_of(made)}, title=title)
    return study, layers


def differing_page(
    judgements: Sequence[Judgement],
    *,
    made: Document = OLD,
    through: dict[str, bool] | None = None,
    memos: Sequence[Memo] = (),
    folder: str = "study",
    book: Codebook = BOOK,
    title: str = "Hill",
) -> DisagreementsPage:
    """Return the page of differing readings; coders as in :func:`study_and_layers`."""
    study, layers = study_and_layers(judgements, made=made, through=through, book=book, title=title)
    return disagreements_page(study, layers, judgements, conflicts_of(judgements), level="sentence",
                              commands=Commands(folder), date="2026-11-22", memos=memos)  # fmt: skip
