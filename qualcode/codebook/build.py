"""From checked entries to the values of :mod:`qualcode.model.codes`, as one variant of the book has them."""

from __future__ import annotations

from collections.abc import Sequence

from qualcode.codebook.reading import Path, Sheet
from qualcode.codebook.schema import BookEntry, CodeEntry, ExampleEntry, GuidanceEntry, RuleEntry
from qualcode.model.codes import (
    AttributeDefinition,
    Change,
    Code,
    Codebook,
    Crosswalk,
    CrosswalkLink,
    CueList,
    Example,
    Examples,
    Facet,
    Figure,
    Guidance,
    Revision,
    Rule,
    Seeds,
    Source,
    Variant,
)

__all__ = ["build_codebook", "in_variant", "rule_id"]


def in_variant(code: CodeEntry, variant: str | None) -> bool:
    """Return whether a variant has the code; ``None`` stands for all variants together."""
    return variant is None or not code.variants or variant in code.variants


def rule_id(code: CodeEntry, number: int) -> str:
    """Return the id of a code's rule, given or made; ``number`` counts from 0."""
    return code.rules[number].id or f"{code.id}-{number + 1}"


def build_codebook(book: BookEntry, sheet: Sheet, *, variant: str | None, path: str | None, sha256: str) -> Codebook:
    """Return the codebook as ``variant`` has it (``None``: with the codes of all variants).

    Codes of other variants are left out, and so are the relations and crosswalk links that name them; a
    definition that the variant revised is the revised one.
    """
    kept = {code.id for code in book.codes if in_variant(code, variant)}
    return Codebook(
        id=book.id,
        version=book.version,
        title=book.title,
        codes=tuple(
            _code(code, ("codes", number), sheet, kept, variant)
            for number, code in enumerate(book.codes)
            if code.id in kept
        ),
        language=book.language,
        licence=book.licence,
        description=book.description,
        sources=tuple(Source(each.id, each.text) for each in book.sources),
        facets=tuple(Facet(each.id, tuple(each.values), each.default) for each in book.facets),
        attributes=tuple(AttributeDefinition(each.name, each.type, tuple(each.allowed)) for each in book.attributes),
        lexicons={name: tuple(items) for name, items in book.lexicons.items()},
        cues={name: CueList(tuple(each.cues), each.scope, tuple(each.exempt)) for name, each in book.cues.items()},
        crosswalks=tuple(
            Crosswalk(
                each.to,
                tuple(CrosswalkLink(link.from_, link.to, link.relation) for link in each.links if link.from_ in kept),
            )
            for each in book.crosswalks
        ),
        variants=tuple(Variant(each.id, each.date, each.title, each.note) for each in book.variants),
        variant=variant,
        changelog=tuple(Change(each.date, each.by, each.change) for each in book.changelog),
        unit=book.defaults.unit,
        roles_left_out=tuple(book.defaults.roles_left_out),
        overlaps=book.defaults.overlaps,
        threshold=float(book.defaults.threshold),
        combine=book.defaults.combine,
        path=path,
        sha256=sha256,
    )


def _code(code: CodeEntry, path: Path, sheet: Sheet, kept: set[str], variant: str | None) -> Code:
    revised = {each.variant: each.definition for each in code.revised}
    return Code(
        id=code.id,
        label=code.label,
        parent=code.parent,
        codable=code.codable,
        alt_labels=tuple(code.alt_labels),
        origin=code.origin,
        status=code.status,
        replaced_by=code.replaced_by if code.replaced_by in kept else None,
        brief=code.brief,
        definition=revised.get(variant, code.definition) if variant is not None else code.definition,
        include=_guidance(code.include, kept),
        exclude=_guidance(code.exclude, kept),
        sources=tuple(code.sources),
        figures=tuple(Figure(each.name, each.value, each.n, each.source) for each in code.figures),
        opposite_of=tuple(each for each in code.opposite_of if each in kept),
        excludes=tuple(each for each in code.excludes if each in kept),
        often_with=tuple(each for each in code.often_with if each in kept),
        examples=Examples(
            _examples(code.examples.typical, (*path, "examples", "typical"), sheet),
            _examples(code.examples.atypical, (*path, "examples", "atypical"), sheet),
            _examples(code.examples.near_miss, (*path, "examples", "near_miss"), sheet),
        ),
        rules=tuple(
            _rule(each, rule_id(code, number), (*path, "rules", number), sheet)
            for number, each in enumerate(code.rules)
        ),
        threshold=None if code.threshold is None else float(code.threshold),
        combine=code.combine,
        seeds=Seeds(tuple(code.seeds.words), float(code.seeds.weight), tuple(code.seeds.exclude_words)),
        variants=tuple(code.variants),
        revised=tuple(Revision(each.variant, each.definition) for each in code.revised),
        notes=code.notes,
        line=sheet.place(path).line,
    )


def _guidance(lines: Sequence[GuidanceEntry], kept: set[str]) -> tuple[Guidance, ...]:
    return tuple(Guidance(each.text, each.see if each.see in kept else None) for each in lines)


def _examples(examples: Sequence[ExampleEntry], path: Path, sheet: Sheet) -> tuple[Example, ...]:
    return tuple(
        Example(each.text, each.why, each.source, each.question, sheet.place((*path, number)).line)
        for number, each in enumerate(examples)
    )


def _rule(rule: RuleEntry, made_id: str, path: Path, sheet: Sheet) -> Rule:
    place = sheet.place(path)
    return Rule(
        id=made_id,
        find=rule.find,
        tokens=tuple(rule.tokens or ()),
        weight=float(rule.weight),
        set=dict(rule.set),
        stance={name: tuple(words) for name, words in rule.stance.items()},
        unit=rule.unit,
        note=rule.note,
        line=place.line,
        column=place.column,
    )
