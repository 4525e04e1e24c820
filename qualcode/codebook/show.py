"""A codebook, or one of its codes, as plain text for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from qualcode.errors import CodebookError
from qualcode.model.codes import Code, Codebook, Example, Guidance, Rule

if TYPE_CHECKING:
    from qualcode.codebook.bank import ExampleBank

__all__ = ["bank_counts", "describe_book", "describe_code"]

_WIDTH = 100


def describe_book(codebook: Codebook) -> str:
    """Return the book's title, source and a tree of its codes, each with its number of rules and examples."""
    edition = f", variant {codebook.variant}" if codebook.variant else ""
    lines = [codebook.title, f"{codebook.id} {codebook.version}{edition}", ""]
    if codebook.description:
        lines += [fill(codebook.description, _WIDTH), ""]
    if codebook.variants:
        lines.append("Variants: " + "; ".join(f"{each.id} ({each.date})" for each in codebook.variants))
    if codebook.facets:
        lines.append("Facets: " + "; ".join(f"{each.id} ({', '.join(each.values)})" for each in codebook.facets))
    lines.append(
        f"A code is suggested in a {codebook.unit} when its rules reach {codebook.threshold:g} ({codebook.combine})."
    )
    lines.append("")
    tree = codebook.tree()
    names = [f"{'  ' * (codebook.level(code.id) - 1)}{code.id}  {code.label}" for code in tree]
    widest = max((len(name) for name in names), default=0)
    for name, code in zip(names, tree, strict=True):
        lines.append(f"{name:<{widest}}  {_counts(code)}".rstrip())
    rules = sum(len(code.rules) for code in tree)
    codable = sum(code.codable for code in tree)
    lines += ["", f"{_number(len(tree), 'code')} ({codable} codable), {_number(rules, 'rule')}"]
    return "\n".join(lines) + "\n"


def bank_counts(bank: ExampleBank, code: str) -> Mapping[str, int]:
    """Return how many examples of a code a bank has.

    ``typical``, ``atypical`` and ``near_miss`` are those written for it, ``denials`` those among them that tell of its
    absence, ``also`` those that were written for another code, or as a near miss of one, and are it too.
    """
    own = bank.of(code)
    kinds = Counter(each.kind for each in own)
    return {
        "typical": kinds["typical"],
        "atypical": kinds["atypical"],
        "near_miss": kinds["near_miss"],
        "denials": sum(each.denial for each in own),
        "also": sum(code in each.also for each in bank.examples),
    }


def describe_code(codebook: Codebook, code: str, bank: ExampleBank | None = None) -> str:
    """Return everything about one code: definition, when to use it and when not, examples, rules.

    Args:
        codebook: the book that has it.
        code: its id, label or alternative label; capitals make no difference.
        bank: the example bank of the book, of which it is said how many examples it has for the code.

    Raises:
        CodebookError: QC-C023 when the book has no such code.
    """
    found = codebook.find(code)
    if found is None:
        from qualcode.codebook.findings import did_you_mean

        names = [name for each in codebook for name in (each.id, each.label, *each.alt_labels)]
        message = f"the codebook {codebook.id!r} has no code {code!r}."
        raise CodebookError("QC-C023", message, hint=did_you_mean(code, names))
    parts = [_head(codebook, found)]
    parts += _section("Brief definition", [found.brief] if found.brief else [])
    parts += _section("Full definition", [found.definition] if found.definition else [])
    for revision in found.revised:
        parts += _section(f"Definition in {revision.variant}", [revision.definition])
    parts += _section("When to use", _guidance(found.include))
    parts += _section("When not to use", _guidance(found.exclude))
    parts += _section("Typical examples", _examples(found.examples.typical))
    parts += _section("Atypical examples", _examples(found.examples.atypical))
    parts += _section("Near misses", _examples(found.examples.near_miss))
    parts += _section("Example bank", [] if bank is None else [_banked(bank_counts(bank, found.id))])
    parts += _section(_rules_title(codebook, found), [_rule(rule) for rule in found.rules])
    parts += _section("Relations", _relations(codebook, found))
    parts += _section("Figures (for the reader, never weights)", _figures(found))
    texts = {source.id: source.text for source in codebook.sources}
    parts += _section("Sources", [f"{each}: {texts.get(each, '')}" for each in found.sources])
    parts += _section("Notes", [found.notes] if found.notes else [])
    return "\n\n".join(parts) + "\n"


def _head(codebook: Codebook, code: Code) -> str:
    lines = [f"{code.id}  {code.label}"]
    if code.alt_labels:
        lines.append(f"also: {', '.join(code.alt_labels)}")
    above = [f"{each.id} {each.label}" for each in reversed(codebook.ancestors(code.id))]
    if above:
        lines.append(f"under: {' > '.join(above)}")
    below = codebook.children(code.id)
    if below:
        lines.append("holds: " + "; ".join(f"{each.id} {each.label}" for each in below))
    kind = "" if code.codable else ", a heading that is not applied to text"
    lines.append(f"from {code.origin}, {code.status}{kind}")
    return "\n".join(fill(line, _WIDTH, subsequent_indent="    ") for line in lines)


def _section(title: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    hang = "  " if title.endswith("efinition") or title.startswith("Definition") or title == "Notes" else "    "
    body = [fill(item, _WIDTH, initial_indent="  ", subsequent_indent=hang, break_on_hyphens=False) for item in items]
    return ["\n".join([title, *body])]


def _guidance(lines: Iterable[Guidance]) -> list[str]:
    return [f"- {line.text}" + (f" (use {line.see})" if line.see else "") for line in lines]


def _examples(examples: Iterable[Example]) -> list[str]:
    items = []
    for each in examples:
        asked = f"[{each.question}] " if each.question else ""
        items.append(f"- {asked}\u201c{each.text}\u201d" + (f" ({each.why})" if each.why else ""))
    return items


def _banked(counts: Mapping[str, int]) -> str:
    written = counts["typical"] + counts["atypical"] + counts["near_miss"]
    if not written and not counts["also"]:
        return "- no example of this code"
    misses = "1 near miss" if counts["near_miss"] == 1 else f"{counts['near_miss']} near misses"
    kinds = [f"{counts['typical']} typical", f"{counts['atypical']} atypical", misses]
    told = f"- {_number(written, 'example')}: {', '.join(kinds)}"
    told += f"; {counts['denials']} of them tell of its absence" if counts["denials"] else ""
    return told + (f"; {counts['also']} of other codes are it too" if counts["also"] else "")


def _rules_title(codebook: Codebook, code: Code) -> str:
    threshold = codebook.threshold if code.threshold is None else code.threshold
    return f"Rules (suggested from {threshold:g}, {code.combine or codebook.combine} of the weights)"


def _rule(rule: Rule) -> str:
    query = rule.find if rule.find is not None else f"tokens: {list(rule.tokens)}"
    more = [] if rule.weight == 1 else [f"weight {rule.weight:g}"]
    more += [f"{facet}={value}" for facet, value in rule.set.items()]
    more += [f"{stance} near {', '.join(words)}" for stance, words in rule.stance.items()]
    more += [f"unit {rule.unit}"] if rule.unit else []
    return f"{rule.id}  {query}" + (f"  [{'; '.join(more)}]" if more else "")


def _relations(codebook: Codebook, code: Code) -> list[str]:
    items = []
    for name, ids in (
        ("opposite of", code.opposite_of),
        ("never with", code.excludes),
        ("often with", code.often_with),
        ("replaced by", (code.replaced_by,) if code.replaced_by else ()),
    ):
        if ids:
            items.append(f"{name}: " + "; ".join(f"{each} {codebook[each].label}" for each in ids))
    for crosswalk in codebook.crosswalks:
        links = [f"{link.target} ({link.relation})" for link in crosswalk.links if link.source == code.id]
        if links:
            items.append(f"in {crosswalk.to}: {', '.join(links)}")
    return items


def _figures(code: Code) -> list[str]:
    return [
        f"{each.name}: {each.value}" + "".join(f", {part}" for part in (each.n, each.source) if part)
        for each in code.figures
    ]


def _counts(code: Code) -> str:
    if not code.codable:
        return "(heading)"
    examples = len(code.examples.typical) + len(code.examples.atypical) + len(code.examples.near_miss)
    status = "" if code.status == "active" else f", {code.status}"
    return f"{_number(len(code.rules), 'rule')}, {_number(examples, 'example')}{status}"


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
