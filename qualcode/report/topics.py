"""The topic sheet as a page of its own, and as a chapter of the report."""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.analysis.study import Study
from qualcode.analysis.topics import code_told, topics
from qualcode.coding.topics.mapping import CodeMap
from qualcode.coding.topics.matching import REPRODUCIBLE
from qualcode.coding.topics.model import Pooled
from qualcode.coding.topics.sheet import TopicEntry, TopicQuote, TopicSheet
from qualcode.model.document import Document
from qualcode.report.model import FigureView, Piece, QuoteView, TopicChapter, TopicView
from qualcode.report.passages import pieces, place
from qualcode.report.render import rendered
from qualcode.report.wording import british_date, counted, share_words

__all__ = ["TOPICS_MARK", "TopicsPage", "topic_chapter", "topics_html", "topics_page"]

TOPICS_MARK = ": topics in the talk</title>"
"""What the page has near its beginning and other files do not."""


@dataclass(frozen=True, slots=True)
class TopicsPage:
    """Everything the page says."""

    title: str
    language: str
    facts: tuple[tuple[str, str], ...]
    chapter: TopicChapter


def topic_chapter(study: Study, sheet: TopicSheet, pooled: Pooled, codes: CodeMap | None) -> TopicChapter:
    """Return what is told of a model and the talk it was fitted on; ``codes`` is what the figure shows."""
    made: dict[str, str | int | float] = {"topics": sheet.model.k, "kind": sheet.model.kind, "seed": sheet.model.seed}
    made |= {f"pool_{name}": value for name, value in pooled.settings.items()} | dict(sheet.model.settings)
    return TopicChapter(
        _intro(),
        _figure(study, sheet, codes),
        tuple(_view(study, sheet, entry) for entry in sheet.entries),
        topics(study, sheet).notes,
        tuple((str(name).replace("_", " "), str(value)) for name, value in made.items()),
    )


def topics_page(study: Study, sheet: TopicSheet, pooled: Pooled, codes: CodeMap | None, *, date: str) -> TopicsPage:
    """Return the page of a model; ``date`` is the day to print, ``YYYY-MM-DD``."""
    kinds = {"nmf": "NMF (scikit-learn)", "lda": "LDA (gensim)", "tomotopy": "LDA (tomotopy)"}
    alone = sum(entry.candidate for entry in sheet.entries)
    facts = [
        ("Date", british_date(date)),
        ("Talk", f"{counted(sheet.words, 'word')} of {counted(sheet.speakers, 'speaker')} in "
         f"{counted(sheet.documents, 'document')}, cut into {counted(sheet.segments, 'segment')}"),
        ("Model", f"{sheet.model.k} topics, {kinds[sheet.model.kind]}, seed {sheet.model.seed}"),
    ]  # fmt: skip
    if sheet.coded_by:
        whose = "decided by people" if sheet.coded_by == "people" else "suggested by the machine, not decided"
        facts.append(("Codes", f"{study.codebook.title} ({study.codebook.id} {study.codebook.version}), {whose}"))
        free = sum(not entry.seeded for entry in sheet.entries)
        facts.append(("No code is seen to cover", f"{alone} of {counted(free, 'free topic')}"))
    return TopicsPage(study.title or "The study", study.codebook.language or "en-GB", tuple(facts),
                      topic_chapter(study, sheet, pooled, codes))  # fmt: skip


def topics_html(page: TopicsPage) -> str:
    """Return the page as HTML: one file, no script. Text from transcripts is shown as text, whatever it holds."""
    return rendered("topics.html.j2", page=page)


def _intro() -> tuple[str, ...]:
    return (
        "A topic is a list of words that are used together more than chance would have it. It is not a theme: what the "
        "words have in common, if anything, is for a person to say, from the passages.",
        "Words stand in the order of their relevance: how probable a word is in the topic, and how much more probable "
        "than in all talk. Passages are letter for letter; the topic's words in them are marked.",
    )


def _figure(study: Study, sheet: TopicSheet, codes: CodeMap | None) -> FigureView | None:
    if codes is None:
        return None
    from qualcode.viz.svg import to_data_uri
    from qualcode.viz.topics import topic_by_code, topic_by_code_alt

    return FigureView(
        to_data_uri(topic_by_code(study, sheet, codes)),
        topic_by_code_alt(study, sheet, codes),
        "Topics and codes: correlation of a topic’s share of a segment with the segment’s having the code, where it is "
        "more than chance. The darker, the stronger; a dot: it may be chance. Bold with a question mark: a free "
        "topic that no code is seen to cover. In [ ]: the code whose words seeded it.",
    )


def _view(study: Study, sheet: TopicSheet, entry: TopicEntry) -> TopicView:
    strongest = max((word.probability for word in entry.words), default=1.0)
    words = tuple((word.word, _size(word.probability / strongest), word.seed) for word in entry.words)
    share = f"{entry.share:.0%} of the talk"
    spread = f"takes the greatest part of {share_words(entry.segments, sheet.segments, 'segments')}"
    reach = f"by {entry.speakers} of {counted(sheet.speakers, 'speaker')} in {entry.documents} of "
    reach += counted(sheet.documents, "document")
    label = f"{entry.seeded} {study.codebook[entry.seeded].label}" if entry.seeded in study.codebook else entry.seeded
    languages = {document.id: document for document in study.documents.values()}
    return TopicView(
        f"topic-{entry.number + 1}", entry.number + 1, entry.label, label, words, (share, spread, reach),
        _codes(study, entry), entry.candidate, _doubt(sheet, entry),
        tuple(_quote(quote, languages.get(quote.document_id)) for quote in entry.quotes),
    )  # fmt: skip


def _size(share: float) -> int:
    """Return in which of three sizes a word is written: by its probability against the topic's most probable."""
    return 3 if share > 0.6 else 2 if share > 0.25 else 1


def _codes(study: Study, entry: TopicEntry) -> tuple[str, ...]:
    if entry.nearest is None:
        return tuple(_code(study, entry, at) for at in range(len(entry.codes)))
    told = code_told(study, entry.nearest.code, entry.nearest.correlation)
    return (f"no code for sure; nearest is {told}, which may be chance",)


def _code(study: Study, entry: TopicEntry, at: int) -> str:
    each = entry.codes[at]
    told = code_told(study, each.code, each.correlation)
    if each.average_precision is None:
        return told
    return (
        f"{told}: of segments in the order of this topic, average precision {each.average_precision:.2f}, where any "
        f"order has {each.base:.2f}"
    )


def _doubt(sheet: TopicSheet, entry: TopicEntry) -> str:
    if entry.reproduced is not None and entry.reproduced < REPRODUCIBLE:
        told = f"(likeness {entry.reproduced:.2f} over {sheet.fits})"
        return f"Other fits do not find this topic again {told}: take nothing from it."
    if entry.documents == 1 and sheet.documents > 1:
        return "It leads in one document only: it may be that document’s subject, or its speaker’s way of talking."
    return ""


def _quote(quote: TopicQuote, document: Document | None) -> QuoteView:
    start = document.blocks[quote.block].start_ms if document is not None else None
    shown: tuple[Piece, ...] = pieces(quote.text, quote.marked)
    language = (document.language or "") if document is not None else ""
    return QuoteView(shown, quote.speaker, place(quote.document, quote.block, quote.span, start, quote.speaker),
                     language=language)  # fmt: skip
