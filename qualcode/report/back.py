"""The last chapters: what was not coded, and how all of this was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from qualcode.analysis.study import Study
from qualcode.analysis.tally import counted_codings
from qualcode.analysis.uncoded import Stretch, stretches, uncoded
from qualcode.model.document import Document
from qualcode.report.model import MadeFile, Provenance, RuleRow, StretchView, UncodedRow
from qualcode.report.passages import clip, place
from qualcode.report.wording import counted, share_words

__all__ = ["made_parts", "rule_rows", "uncoded_parts"]

EXAMPLES = 3
LONGEST_EXAMPLE = 70
RULE_JOIN = "; "


def uncoded_parts(study: Study, noun: str) -> tuple[str, tuple[UncodedRow, ...], tuple[StretchView, ...]]:
    """Return what is to be said of the words that no code reached: a sentence, a row a document, three stretches.

    The stretches are the longest of three different documents, where there are so many.
    """
    table = list(uncoded(study))
    rows = tuple(
        UncodedRow(str(line["document"]), words, free, share_words(free, words) if words else "no words")
        for line in table
        for words, free in [(int(line["words"] or 0), int(line["uncoded_words"] or 0))]
    )
    free = share_words(rows[-1].uncoded, rows[-1].words, "words") if rows[-1].words else ""
    intro = (
        f"{free} lie in no coded passage. That is usual: much of any {noun} is "
        "greeting, story and detail. But a theme that the codebook does not foresee would be here, so read some of it."
        if rows[-1].words
        else "There are no words to speak of."
    )
    longest: list[Stretch] = []
    for case in study.cases:
        longest += stretches(study, case.id)[:EXAMPLES]
    longest.sort(key=lambda each: -each.words)
    firsts = [each for number, each in enumerate(longest)
              if each.document_id not in {other.document_id for other in longest[:number]}]  # fmt: skip
    chosen = (firsts + [each for each in longest if each not in firsts])[:EXAMPLES]
    shown = tuple(
        StretchView(clip(each.text, LONGEST_EXAMPLE), each.speaker,
                    f"{place(each.document, each.block, each.span, None, each.speaker)}, {counted(each.words, 'word')}")
        for each in chosen
    )  # fmt: skip
    return intro, rows, shown


def made_parts(
    study: Study, documents: Sequence[Document], made_with: Provenance
) -> tuple[str, tuple[tuple[str, str], ...], tuple[MadeFile, ...]]:
    """Return how the report was made: a sentence, facts by name, and the files with their fingerprints."""
    book = study.codebook
    codings = counted_codings(study)
    coders = Counter(coding.coder for coding in codings)
    facts = [("Program", f"qualcode {made_with.version}")]
    if made_with.command:
        facts.append(("Command", made_with.command))
    facts += [(f"Recipe: {name}", value) for name, value in made_with.recipe.items()]
    facts.append(("Codings by", ", ".join(f"{name} ({n:,})" for name, n in sorted(coders.items())) or "nobody"))
    facts.append(("Codebook file", f"{book.id} {book.version}, SHA-256 {book.sha256 or 'not known'}"))
    if made_with.libraries:
        facts.append(("Libraries", ", ".join(f"{name} {number}" for name, number in made_with.libraries.items())))
    intro = (
        "The same files, the same codebook and the same program give this report again, letter for letter. A file "
        "whose fingerprint (SHA-256) differs from the one below is not the file that was read."
    )
    files = tuple(MadeFile(document.name, document.source_sha256) for document in documents)
    return intro, tuple(facts), files


def rule_rows(study: Study) -> tuple[RuleRow, ...]:
    """Return for each code with codings the rules that spoke for them, most often first."""
    fired: dict[str, Counter[str]] = {}
    for coding in counted_codings(study):
        for rule in filter(None, coding.rule.split(RULE_JOIN)):
            fired.setdefault(coding.code, Counter())[rule] += 1
    rows = []
    for code in study.codebook.tree():
        if code.id in fired:
            often = sorted(fired[code.id].items(), key=lambda each: (-each[1], each[0]))
            silent = sum(rule.id not in fired[code.id] for rule in code.rules)
            rows.append(RuleRow(code.id, code.label, ", ".join(f"{rule} ({n})" for rule, n in often), silent))
    return tuple(rows)
