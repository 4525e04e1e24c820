"""Plain text → Document: who speaks is found over the whole file, then one walk over its paragraphs makes the blocks.

Nothing in the text is moved or changed. An unlabelled paragraph continues the turn above it; a paragraph wholly in
brackets is a stage note; what stands above the first turn is metadata or a legend. A text in which nobody is labelled
is still a document: its paragraphs are ``unattributed`` and can be coded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from qualcode.ingest.bare import choose_bare
from qualcode.ingest.build import SourceInfo, located_document
from qualcode.ingest.choice import Choice, choose, missing_colons
from qualcode.ingest.decode import decode
from qualcode.ingest.headers import Candidate, candidates_of
from qualcode.ingest.layout import Line, is_hard_wrapped, lines_of
from qualcode.ingest.options import IngestOptions
from qualcode.ingest.paragraphs import Paragraph, paragraphs_of
from qualcode.ingest.preamble import Preamble, read_preamble
from qualcode.ingest.prose import prose_blocks
from qualcode.ingest.speakers import label_key, role_from_words
from qualcode.ingest.timing import timed
from qualcode.ingest.turns import conversation_blocks
from qualcode.model.document import Document, IngestWarning, Span

__all__ = ["read_plain", "read_text"]


def read_plain(data: bytes, source: SourceInfo, options: IngestOptions) -> tuple[Document, ...]:
    """Return the one document of a plain text or Markdown file.

    Raises:
        IngestError: when the bytes cannot be decoded or hold no text.
    """
    decoded = decode(data, name=source.name, forced=options.encoding)
    known = replace(source, encoding=decoded.encoding, newline=decoded.newline)
    return (read_text(decoded.text, source=known, options=options, warnings=decoded.warnings),)


def read_text(
    text: str,
    *,
    source: SourceInfo,
    options: IngestOptions,
    bold: Sequence[Span] = (),
    headings: Sequence[Span] = (),
    warnings: Iterable[IngestWarning] = (),
) -> Document:
    """Return the document of a text whose lines end in ``\\n``.

    Args:
        bold: runs of bold text, in order; a bold label is strong evidence of a turn.
        headings: paragraphs that the source styles as headings.

    Raises:
        IngestError: QC-I004 when the text is blank; QC-I013 for a bad ``speaker_pattern``.
    """
    lines = lines_of(text)
    candidates = candidates_of(text, lines, bold=bold, pattern=options.speaker_pattern)
    preamble = Preamble() if options.speaker_pattern else read_preamble(text, lines, candidates)
    choice, wrapped = _choose(text, lines, candidates, preamble, options, bold)
    if not choice.headers and preamble.first_turn:
        # What looked like a preamble may have been the conversation.
        again, as_wrapped = _choose(text, lines, candidates, Preamble(), options, bold)
        if len(again.keys) > 1:
            choice, wrapped, preamble = again, as_wrapped, Preamble()
    headers, colons = missing_colons(text, lines, choice, wrapped=wrapped, lenient=options.lenient_labels)
    if headers:
        paragraphs = paragraphs_of(text, lines, headers, wrapped=wrapped)
        made = conversation_blocks(text, lines, paragraphs, headers, preamble, options, headings)
    else:
        notes = {each.line: each for each in candidates if role_from_words(each.label) == "observer"}
        paragraphs = paragraphs_of(text, lines, notes, wrapped=wrapped)
        made = prose_blocks(text, lines, paragraphs, options, headings)
    blocks, late = timed(text, made.blocks, options)
    return located_document(
        text,
        blocks,
        source=source,
        options=options,
        warnings=[*warnings, *choice.warnings, *colons, *made.warnings, *late],
        legend_roles=preamble.roles if headers else {},
    )


def _choose(
    text: str,
    lines: Sequence[Line],
    candidates: Sequence[Candidate],
    preamble: Preamble,
    options: IngestOptions,
    bold: Sequence[Span],
) -> tuple[Choice, bool]:
    live = {each.line: each for each in candidates if each.line >= preamble.first_turn}
    wrapped = is_hard_wrapped(text, lines, live)
    below: list[Paragraph] = paragraphs_of(text, lines, live, wrapped=wrapped)
    count = sum(each.first >= preamble.first_turn for each in below)
    stated = [*options.roles, *options.aliases, *options.aliases.values(), *preamble.labels]
    forced = {label_key(label) for label in stated}
    choice = choose(candidates, forced=forced, from_line=preamble.first_turn, paragraphs=count)
    if all(role_from_words(each.label) == "observer" for each in choice.headers.values()):
        # Somebody took notes, but nobody is labelled as speaking.
        choice = Choice({}, frozenset(), ())
    if not choice.headers and options.speaker_pattern is None:
        choice = choose_bare(text, lines, from_line=preamble.first_turn, stated=forced, bold=bold) or choice
    return choice, wrapped if choice.headers == live else is_hard_wrapped(text, lines, choice.headers)
