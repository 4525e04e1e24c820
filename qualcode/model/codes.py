"""A codebook as values: codes, rules, examples, crosswalks. Loading and checking live in ``codebook/``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "AttributeDefinition",
    "Change",
    "Code",
    "Codebook",
    "Combine",
    "Crosswalk",
    "CrosswalkLink",
    "CueList",
    "Example",
    "Examples",
    "Facet",
    "Figure",
    "Guidance",
    "Overlaps",
    "Revision",
    "Rule",
    "Seeds",
    "Source",
    "Unit",
    "Variant",
]

Unit = Literal["sentence", "turn", "passage"]
Overlaps = Literal["longest", "first", "all"]
Combine = Literal["max", "sum", "noisy_or"]
Relation = Literal["exact", "broad", "narrow", "related"]


@dataclass(frozen=True, slots=True)
class Source:
    """A publication or document that the codebook leans on."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Guidance:
    """One line of "use when" or "not when"; ``see`` names the code to use instead."""

    text: str
    see: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One example passage. ``question`` is what was asked before it, when that matters."""

    text: str
    why: str | None = None
    source: str | None = None
    question: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Examples:
    """Passages that are the code, are it in an unusual way, or only look like it."""

    typical: tuple[Example, ...] = ()
    atypical: tuple[Example, ...] = ()
    near_miss: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A published number about the idea: for display only, never a weight."""

    name: str
    value: str
    n: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a code: a query (``find``) or spaCy Matcher patterns (``tokens``), exactly one of them.

    Attributes:
        id: unique in the book, given or made (``A1-1``, ``A1-2`` … in order).
        weight: −1 … 1; what a hit adds to the code's score in a unit.
        set: facet values that a hit carries (``{"stance": "absent"}``).
        stance: words near the hit that decide its stance: ``{"absent": ("broken", "lost")}``, query strings.
        unit: overrides the codebook's unit for AND and NOT in this rule.
        line, column: where in the YAML file the rule begins (from 1).
    """

    id: str
    find: str | None = None
    tokens: tuple[Mapping[str, Any], ...] = ()
    weight: float = 1.0
    set: Mapping[str, str] = field(default_factory=dict)
    stance: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unit: Unit | None = None
    note: str | None = None
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Seeds:
    """Words that draw a topic towards the code, and words that must not."""

    words: tuple[str, ...] = ()
    weight: float = 0.3
    exclude_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """A code's wording in one dated variant of the book."""

    variant: str
    definition: str


@dataclass(frozen=True, slots=True)
class Code:
    """One idea to look for, with everything a coder needs to apply it the same way twice."""

    id: str
    label: str
    parent: str | None = None
    codable: bool = True
    alt_labels: tuple[str, ...] = ()
    origin: Literal["theory", "data", "merged"] = "theory"
    status: Literal["draft", "active", "retired"] = "active"
    replaced_by: str | None = None
    brief: str = ""
    definition: str = ""
    include: tuple[Guidance, ...] = ()
    exclude: tuple[Guidance, ...] = ()
    sources: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    opposite_of: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    often_with: tuple[str, ...] = ()
    examples: Examples = Examples()
    rules: tuple[Rule, ...] = ()
    threshold: float | None = None
    combine: Combine | None = None
    seeds: Seeds = Seeds()
    variants: tuple[str, ...] = ()
    revised: tuple[Revision, ...] = ()
    notes: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that a coding carries beside its code: stance, time, scope, realisation, …"""

    id: str
    values: tuple[str, ...]
    default: str | None = None


@dataclass(frozen=True, slots=True)
class AttributeDefinition:
    """A property of documents or speakers that tables can be split by."""

    name: str
    type: Literal["text", "number", "integer", "date"] = "text"
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CueList:
    """Words that set a hit's stance or a flag, how far they reach, and where they must not count."""

    cues: tuple[str, ...] = ()
    scope: Literal["clause", "sentence"] = "clause"
    exempt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CrosswalkLink:
    """``source`` in this book stands to ``target`` in the other as ``relation`` says."""

    source: str
    target: str
    relation: Relation


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """How the codes of this book relate to those of another."""

    to: str
    links: tuple[CrosswalkLink, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One dated edition of a framework inside its codebook file."""

    id: str
    date: str
    title: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the codebook's own history."""

    date: str
    by: str
    change: str


@dataclass(frozen=True, slots=True, repr=False)
class Codebook:
    """A codebook, loaded and sound: ids unique, parents known, no cycles. Codes keep the file's order.

    ``sha256`` is of the file as read, so every coding can name the wording that made it. ``variant`` is the
    dated edition that was asked for; codes that are not in it are not in ``codes``.
    """

    id: str
    version: str
    title: str
    codes: tuple[Code, ...]
    language: str = "en-GB"
    licence: str = ""
    description: str = ""
    sources: tuple[Source, ...] = ()
    facets: tuple[Facet, ...] = ()
    attributes: tuple[AttributeDefinition, ...] = ()
    lexicons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cues: Mapping[str, CueList] = field(default_factory=dict)
    crosswalks: tuple[Crosswalk, ...] = ()
    variants: tuple[Variant, ...] = ()
    variant: str | None = None
    changelog: tuple[Change, ...] = ()
    unit: Unit = "sentence"
    roles_left_out: tuple[str, ...] = ("interviewer", "moderator", "observer")
    overlaps: Overlaps = "longest"
    threshold: float = 0.5
    combine: Combine = "max"
    path: str | None = None
    sha256: str = ""

    def __repr__(self) -> str:
        return f"<Codebook {self.id!r} {self.version}: {len(self.codes)} codes>"

    def _repr_html_(self) -> str:
        """Return the codes as a table, for notebooks."""
        from qualcode.model.table import Column, Table

        columns = (
            Column("code", "text", "id"),
            Column("label", "text", "name"),
            Column("meaning", "text", "in brief"),
            Column("rules", "integer", "how many"),
        )
        rows = tuple((each.id, each.label, each.brief or each.definition, len(each.rules)) for each in self.tree())
        return Table("codebook", f"{self.title} ({self.id} {self.version})", columns, rows)._repr_html_()

    def __getitem__(self, code_id: str) -> Code:
        """Return the code with this id; raises ``KeyError`` when there is none."""
        for code in self.codes:
            if code.id == code_id:
                return code
        raise KeyError(code_id)

    def __contains__(self, code_id: object) -> bool:
        return any(code.id == code_id for code in self.codes)

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def children(self, code_id: str | None) -> tuple[Code, ...]:
        """Return the direct children of a code, in file order; of ``None``, the top level."""
        return tuple(code for code in self.codes if code.parent == code_id)

    def descendants(self, code_id: str) -> tuple[Code, ...]:
        """Return all codes below a code, in tree order, without itself."""
        found: list[Code] = []
        for child in self.children(code_id):
            found.append(child)
            found.extend(self.descendants(child.id))
        return tuple(found)

    def ancestors(self, code_id: str) -> tuple[Code, ...]:
        """Return the parents of a code from the nearest up, without itself."""
        found: list[Code] = []
        parent = self[code_id].parent
        while parent is not None:
            found.append(self[parent])
            parent = found[-1].parent
        return tuple(found)

    def level(self, code_id: str) -> int:
        """Return how deep a code lies: 1 for the top level."""
        return len(self.ancestors(code_id)) + 1

    def tree(self) -> tuple[Code, ...]:
        """Return all codes, each parent before its children."""
        return tuple(found for top in self.children(None) for found in (top, *self.descendants(top.id)))

    def find(self, name: str) -> Code | None:
        """Return the code whose id, label or alternative label is ``name`` (case ignored), or ``None``."""
        wanted = name.casefold()
        for code in self.codes:
            if wanted in {code.id.casefold(), code.label.casefold(), *(alt.casefold() for alt in code.alt_labels)}:
                return code
        return None
