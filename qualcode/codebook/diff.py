"""What changed between two codebooks, code by code, and what kind of change it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from qualcode.model.codes import Code, Codebook, Example, Guidance, Rule
from qualcode.model.table import Column, Table

__all__ = ["CodebookChange", "CodebookDiff", "Kind", "diff_codebooks"]

Kind = Literal["meaning", "rules", "wording", "structure"]
Action = Literal["added", "removed", "changed"]

_KINDS: tuple[tuple[Kind, str], ...] = (
    ("structure", "which codes there are and where they belong"),
    ("meaning", "what a code means: earlier decisions may need another look"),
    ("rules", "what the machine suggests: run the coding again"),
    ("wording", "names and notes: no coding changes"),
)


_COLUMNS = (
    ("code", "id of the code; empty for the book itself"),
    ("label", "label of the code in the new book, or in the old one when it was removed"),
    ("kind", "meaning, rules, wording or structure"),
    ("part", "the key that changed; code for a whole code"),
    ("action", "added, removed or changed"),
    ("before", "what the old book says"),
    ("after", "what the new book says"),
)


@dataclass(frozen=True, slots=True)
class CodebookChange:
    """One change. ``code`` is the id of the code (empty: of the book itself), ``part`` the key that changed.

    ``before`` is empty for what was added, ``after`` for what was removed.
    """

    code: str
    label: str
    kind: Kind
    part: str
    action: Action
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class CodebookDiff:
    """All changes from one codebook to another, in the order of the codes."""

    old: str
    new: str
    changes: tuple[CodebookChange, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def added(self) -> tuple[str, ...]:
        """Return the ids of codes that only the new book has."""
        return tuple(each.code for each in self.changes if each.part == "code" and each.action == "added")

    @property
    def removed(self) -> tuple[str, ...]:
        """Return the ids of codes that only the old book has."""
        return tuple(each.code for each in self.changes if each.part == "code" and each.action == "removed")

    @property
    def retired(self) -> tuple[str, ...]:
        """Return the ids of codes that the new book has retired."""
        return tuple(each.code for each in self.changes if each.part == "status" and each.after == "retired")

    @property
    def relabelled(self) -> tuple[str, ...]:
        """Return the ids of codes whose label changed."""
        return tuple(each.code for each in self.changes if each.part == "label")

    @property
    def moved(self) -> tuple[str, ...]:
        """Return the ids of codes that have another parent."""
        return tuple(each.code for each in self.changes if each.part == "parent")

    def of_kind(self, kind: Kind) -> tuple[CodebookChange, ...]:
        """Return the changes of one kind."""
        return tuple(each for each in self.changes if each.kind == kind)

    def to_table(self) -> Table:
        """Return a table with one row for each change: ``code, label, kind, part, action, before, after``."""
        return Table(
            name="codebook-diff",
            title=f"Changes from {self.old} to {self.new}",
            columns=tuple(Column(name, "text", meaning) for name, meaning in _COLUMNS),
            rows=tuple(
                (each.code, each.label, each.kind, each.part, each.action, each.before, each.after)
                for each in self.changes
            ),
            provenance={"old": self.old, "new": self.new},
        )

    def __str__(self) -> str:
        if not self.changes:
            return f"{self.old} and {self.new} say the same.\n"
        lines = [f"From {self.old} to {self.new}: {len(self.changes)} change{'s' * (len(self.changes) != 1)}"]
        for kind, meaning in _KINDS:
            found = self.of_kind(kind)
            if found:
                lines += ["", f"{kind} ({meaning})", *(f"  {_line(each)}" for each in found)]
        return "\n".join(lines) + "\n"


def diff_codebooks(old: Codebook | str | Path, new: Codebook | str | Path) -> CodebookDiff:
    """Return what changed from ``old`` to ``new``.

    Codes are compared by id. Names and paths are loaded with the codes of all their variants, unless they name
    one (``book@variant``); line numbers, file names and the order of codes are no change.

    Raises:
        CodebookError: when one of them cannot be loaded.
    """
    before, after = _loaded(old), _loaded(new)
    changes = list(_book(before, after))
    earlier = {code.id: code for code in before}
    later = {code.id: code for code in after}
    for code in after:
        known = earlier.get(code.id)
        if known is None:
            changes.append(CodebookChange(code.id, code.label, "structure", "code", "added", after=code.label))
        else:
            changes.extend(_code(known, code))
    for code in before:
        if code.id not in later:
            changes.append(CodebookChange(code.id, code.label, "structure", "code", "removed", before=code.label))
    return CodebookDiff(_name(before), _name(after), tuple(changes))


def _loaded(book: Codebook | str | Path) -> Codebook:
    if isinstance(book, Codebook):
        return book
    from qualcode.codebook.load import ALL_VARIANTS, find_codebook, load_codebook

    _, variant = find_codebook(book)
    return load_codebook(book, variant=variant or ALL_VARIANTS)


def _name(book: Codebook) -> str:
    return f"{book.id} {book.version}" + (f"@{book.variant}" if book.variant else "")


_BOOK_PARTS: tuple[tuple[Kind, str], ...] = (
    ("wording", "title"),
    ("wording", "version"),
    ("wording", "language"),
    ("wording", "licence"),
    ("wording", "description"),
    ("rules", "unit"),
    ("rules", "roles_left_out"),
    ("rules", "overlaps"),
    ("rules", "threshold"),
    ("rules", "combine"),
)
_BOOK_LISTS: tuple[tuple[Kind, str, Callable[[Any], str]], ...] = (
    ("wording", "sources", lambda each: f"{each.id}: {each.text}"),
    ("structure", "facets", lambda each: f"{each.id}: {', '.join(each.values)} (default {each.default})"),
    ("structure", "attributes", lambda each: f"{each.name}: {each.type} {', '.join(each.allowed)}".rstrip()),
    ("structure", "variants", lambda each: f"{each.id} ({each.date}) {each.title} {each.note}".rstrip()),
)


def _book(old: Codebook, new: Codebook) -> Iterable[CodebookChange]:
    for kind, part in _BOOK_PARTS:
        yield from _value("", "", kind, part, _text(getattr(old, part)), _text(getattr(new, part)))
    for kind, part, text in _BOOK_LISTS:
        lists = ([text(each) for each in getattr(book, part)] for book in (old, new))
        yield from _items("", "", kind, part, *lists)
    for name in {**old.lexicons, **new.lexicons}:
        yield from _items("", "", "rules", f"${name}", old.lexicons.get(name, ()), new.lexicons.get(name, ()))
    for name in {**old.cues, **new.cues}:
        first, second = old.cues.get(name), new.cues.get(name)
        scopes = (first.scope if first else "", second.scope if second else "")
        yield from _value("", "", "rules", f"cues.{name}.scope", *scopes)
        for part in ("cues", "exempt"):
            words = (getattr(each, part) if each else () for each in (first, second))
            yield from _items("", "", "rules", f"cues.{name}.{part}", *words)
    yield from _items("", "", "structure", "crosswalks", _links(old), _links(new))


def _links(book: Codebook) -> list[str]:
    return [f"{link.source} {link.relation} {walk.to}:{link.target}" for walk in book.crosswalks for link in walk.links]


_CODE_PARTS: tuple[tuple[Kind, str], ...] = (
    ("structure", "parent"),
    ("structure", "status"),
    ("structure", "replaced_by"),
    ("structure", "codable"),
    ("wording", "label"),
    ("wording", "origin"),
    ("wording", "brief"),
    ("meaning", "definition"),
    ("rules", "threshold"),
    ("rules", "combine"),
    ("wording", "notes"),
)


def _code(old: Code, new: Code) -> Iterable[CodebookChange]:
    names = (new.id, new.label)
    for kind, part in _CODE_PARTS:
        before, after = _text(getattr(old, part)), _text(getattr(new, part))
        slight = part == "definition" and _bare(before) == _bare(after)
        yield from _value(*names, "wording" if slight else kind, part, before, after)
    for kind, part, text in _CODE_LISTS:
        lists = ([text(each) for each in getattr(code, part)] for code in (old, new))
        yield from _items(*names, kind, part, *lists)
    for part in ("typical", "atypical", "near_miss"):
        lists = ([_example(each) for each in getattr(code.examples, part)] for code in (old, new))
        yield from _items(*names, "meaning", f"examples.{part}", *lists)
    yield from _rules(old, new)
    for part in ("words", "exclude_words"):
        yield from _items(*names, "rules", f"seeds.{part}", getattr(old.seeds, part), getattr(new.seeds, part))
    yield from _value(*names, "rules", "seeds.weight", _text(old.seeds.weight), _text(new.seeds.weight))


def _guidance(line: Guidance) -> str:
    return line.text + (f" (use {line.see})" if line.see else "")


def _example(example: Example) -> str:
    asked = f"[{example.question}] " if example.question else ""
    return asked + example.text + (f" ({example.why})" if example.why else "")


_CODE_LISTS: tuple[tuple[Kind, str, Callable[[Any], str]], ...] = (
    ("wording", "alt_labels", str),
    ("meaning", "include", _guidance),
    ("meaning", "exclude", _guidance),
    ("wording", "sources", str),
    ("wording", "figures", lambda each: f"{each.name}: {each.value} {each.n or ''} {each.source or ''}".rstrip()),
    ("structure", "opposite_of", str),
    ("structure", "excludes", str),
    ("structure", "often_with", str),
    ("structure", "variants", str),
    ("meaning", "revised", lambda each: f"{each.variant}: {each.definition}"),
)


def _rules(old: Code, new: Code) -> Iterable[CodebookChange]:
    """Pair rules that are the same query; a pair that differs otherwise is one change."""
    earlier = [(_query(rule), rule) for rule in old.rules]
    unpaired: list[Rule] = []
    for rule in new.rules:
        found = next((pair for pair in earlier if pair[0] == _query(rule)), None)
        if found is None:
            unpaired.append(rule)
            continue
        earlier.remove(found)
        yield from _value(new.id, new.label, "rules", "rules", _rule(found[1]), _rule(rule))
    before = [_rule(rule) for _, rule in earlier]
    yield from _items(new.id, new.label, "rules", "rules", before, [_rule(rule) for rule in unpaired])


def _query(rule: Rule) -> str:
    return " ".join(rule.find.split()) if rule.find is not None else str(list(rule.tokens))


def _rule(rule: Rule) -> str:
    plain = replace(rule, id="", line=None, column=None, note=None)
    more = [] if plain.weight == 1 else [f"weight {plain.weight:g}"]
    more += [f"set {facet}={value}" for facet, value in plain.set.items()]
    more += [f"{stance} near {', '.join(words)}" for stance, words in plain.stance.items()]
    more += [f"unit {plain.unit}"] if plain.unit else []
    return _query(plain) + (f" [{'; '.join(more)}]" if more else "")


def _value(code: str, label: str, kind: Kind, part: str, before: str, after: str) -> Iterable[CodebookChange]:
    if before != after:
        action: Action = "changed" if before and after else "added" if after else "removed"
        yield CodebookChange(code, label, kind, part, action, before, after)


def _items(
    code: str, label: str, kind: Kind, part: str, before: Sequence[str], after: Sequence[str]
) -> Iterable[CodebookChange]:
    left = list(before)
    for each in after:
        if each in left:
            left.remove(each)
        else:
            yield CodebookChange(code, label, kind, part, "added", after=each)
    for each in left:
        yield CodebookChange(code, label, kind, part, "removed", before=each)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _line(change: CodebookChange) -> str:
    owner = f"{change.code} {change.label}: " if change.code else ""
    if change.action == "changed":
        return f"{owner}{change.part}: {change.before} → {change.after}"
    return f"{owner}{'+' if change.action == 'added' else '-'} {change.part}: {change.after or change.before}"
