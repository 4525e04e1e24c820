"""The form of a codebook file, checked strictly at the border; ``codebooks/schema.json`` is made from it.

The descriptions are what an editor shows beside a key. A key that is not here is refused.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, WithJsonSchema, model_validator
from pydantic_core import CoreSchema

from qualcode.model.codes import Combine, Overlaps, Relation, Unit
from qualcode.model.document import Role

__all__ = ["SCHEMA_NAME", "BookEntry", "CodeEntry", "RuleEntry"]

SCHEMA_NAME = "qualcode-codebook/1"

_ID = r"^\w[\w.-]*$"
_WRITTEN = {"type": ["string", "number", "boolean"]}

Text = Annotated[str, Field(min_length=1)]
Word = Annotated[str, Field(min_length=1), WithJsonSchema({**_WRITTEN, "minLength": 1})]
Id = Annotated[str, Field(pattern=_ID), WithJsonSchema({**_WRITTEN, "pattern": _ID})]
Name = Annotated[str, Field(pattern=r"^[^\W\d][\w-]*$")]
Date = Annotated[
    str,
    Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"),
    WithJsonSchema({"type": ["string", "number"], "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}),
]
Query = Annotated[str, Field(min_length=1), WithJsonSchema({**_WRITTEN, "minLength": 1})]
Share = Annotated[float, Field(gt=0, le=1)]


class Entry(BaseModel):
    """A mapping in the file: strict types, no other keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class TextOrEntry(Entry):
    """A mapping that may be written as its main text alone."""

    main: ClassVar[str] = "text"

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {cls.main: value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core_schema))
        mapping = dict(schema)
        schema.clear()
        schema.update({"anyOf": [{**_WRITTEN, "minLength": 1}, mapping], "description": mapping.pop("description", "")})
        return schema


class SourceEntry(Entry):
    """A publication or document that the codebook leans on."""

    id: Id = Field(description="How codes and figures name the source.")
    text: Text = Field(description="The reference as it is to be printed.")


class FacetEntry(Entry):
    """A value that a coding carries beside its code."""

    id: Id = Field(description="Name of the facet, such as stance or time.")
    values: list[Word] = Field(min_length=1, description="All values that it can have.")
    default: Word | None = Field(default=None, description="The value of a coding when nothing else decides it.")


class AttributeEntry(Entry):
    """A property of documents or speakers that tables can be split by."""

    name: Id = Field(description="Name of the attribute, as in the attributes table.")
    type: Literal["text", "number", "integer", "date"] = Field(default="text", description="What its values are.")
    allowed: list[Word] = Field(default_factory=list, description="All values that it can have; empty: any.")


class DefaultsEntry(Entry):
    """How rules are applied where a rule or a code says nothing else."""

    unit: Unit = Field(default="sentence", description="Within what AND and NOT look, and what a score is made for.")
    roles_left_out: list[Role] = Field(
        default_factory=lambda: list[Role](("interviewer", "moderator", "observer")),
        description="Whose words are context and never coded.",
    )
    overlaps: Overlaps = Field(default="longest", description="Which of overlapping hits of one rule is kept.")
    threshold: Share = Field(default=0.5, description="The combined weight at which a code is suggested in a unit.")
    combine: Combine = Field(default="max", description="How the weights of several hits in a unit make one score.")


class CueEntry(Entry):
    """Words that set a hit's stance or a flag."""

    cues: list[Query] = Field(default_factory=list, description="The words and phrases, each a query.")
    scope: Literal["clause", "sentence"] = Field(default="clause", description="How far a cue reaches.")
    exempt: list[Query] = Field(default_factory=list, description="Phrases in which a cue does not count.")


class LinkEntry(Entry):
    """One line of a crosswalk."""

    from_: Id = Field(alias="from", description="A code of this book.")
    to: Id = Field(description="A code of the other book.")
    relation: Relation = Field(description="How the first stands to the second: the first is the narrow one in narrow.")


class CrosswalkEntry(Entry):
    """How the codes of this book relate to those of another."""

    to: Id = Field(description="The id of the other codebook.")
    links: list[LinkEntry] = Field(description="Pairs of codes with their relation.")


class VariantEntry(Entry):
    """One dated edition of a framework inside its codebook file."""

    id: Id = Field(description="Name of the edition; load it as book@edition.")
    date: Date = Field(description="Its date: 2013, 2013-09 or 2013-09-01.")
    title: str = Field(default="", description="What the edition is called.")
    note: str = Field(default="", description="What is different in it, and what was seen of it.")


class ChangeEntry(Entry):
    """One line of the codebook's own history."""

    date: Date = Field(description="When.")
    by: Text = Field(description="Who.")
    change: Text = Field(description="What was changed, and why.")


class GuidanceEntry(TextOrEntry):
    """One line of when to use a code, or when not to."""

    text: Text = Field(description="The guidance.")
    see: Id | None = Field(default=None, description="The code to use instead.")


class ExampleEntry(TextOrEntry):
    """One example passage."""

    text: Text = Field(description="What somebody says.")
    why: str | None = Field(default=None, description="Why it is, or is not, the code.")
    source: str | None = Field(default=None, description="Where it is from; empty for an invented one.")
    question: str | None = Field(default=None, description="What was asked before it, when that matters.")


class ExamplesEntry(Entry):
    """Passages that run as tests."""

    typical: list[ExampleEntry] = Field(default_factory=list, description="Passages that plainly are the code.")
    atypical: list[ExampleEntry] = Field(default_factory=list, description="Passages that are it in unusual words.")
    near_miss: list[ExampleEntry] = Field(default_factory=list, description="Passages that only look like it.")


class FigureEntry(Entry):
    """A published number about the idea: shown to readers, never a weight."""

    name: Text = Field(description="What was measured.")
    value: Word = Field(description="The number as printed.")
    n: Word | None = Field(default=None, description="From how many studies, effects or people.")
    source: Id | None = Field(default=None, description="The id of its source.")


class RuleEntry(TextOrEntry):
    """One rule: a query, or a mapping when it needs more."""

    main: ClassVar[str] = "find"

    id: Id | None = Field(
        default=None, description="Name of the rule in blame and exports; if left out, CODE-1, CODE-2 …"
    )
    find: Query | None = Field(default=None, description="The query.")
    tokens: list[dict[str, Any]] | None = Field(
        default=None, min_length=1, description="A spaCy Matcher pattern: one mapping for each token."
    )
    weight: float = Field(
        default=1.0, ge=-1, le=1, description="What a hit adds to the code's score in a unit: -1 to 1."
    )
    set: dict[str, Word] = Field(default_factory=dict, description="Facet values that a hit carries.")
    stance: dict[str, list[Query]] = Field(
        default_factory=dict, description="Words near the hit that decide its stance, for each value of stance."
    )
    unit: Unit | None = Field(default=None, description="The unit for AND and NOT in this rule.")
    note: str | None = Field(default=None, description="For whoever reads the rule next.")


class SeedsEntry(Entry):
    """Words that steer topic models towards the code."""

    words: list[Word] = Field(default_factory=list, description="Words that draw a topic to the code.")
    weight: float = Field(default=0.3, ge=0, le=1, description="How strongly: 0 to 1.")
    exclude_words: list[Word] = Field(default_factory=list, description="Words that must not draw it.")


class RevisionEntry(Entry):
    """A code's wording in one variant of the book."""

    variant: Id = Field(description="The id of the variant.")
    definition: Text = Field(description="The definition in that variant.")


class CodeEntry(Entry):
    """One idea to look for."""

    id: Id = Field(description="Stable for life; codings name it. Letters, digits, . _ and -, no blanks.")
    label: Text = Field(description="The plain name that people see.")
    alt_labels: list[Text] = Field(default_factory=list, description="Other names for the same idea.")
    parent: Id | None = Field(default=None, description="The id of the code that this one belongs under.")
    codable: bool = Field(default=True, description="false for a heading that is never applied to text itself.")
    origin: Literal["theory", "data", "merged"] = Field(default="theory", description="Where the idea comes from.")
    status: Literal["draft", "active", "retired"] = Field(
        default="active", description="Retired codes are kept, not used."
    )
    replaced_by: Id | None = Field(default=None, description="For a retired code: the code to use now.")
    brief: str = Field(default="", description="The idea in one line.")
    definition: str = Field(default="", description="The full definition, in two to four sentences.")
    include: list[GuidanceEntry] = Field(default_factory=list, description="When to use the code.")
    exclude: list[GuidanceEntry] = Field(default_factory=list, description="When not to use it, and what instead.")
    sources: list[Id] = Field(default_factory=list, description="Ids of the sources it leans on.")
    figures: list[FigureEntry] = Field(default_factory=list, description="Published numbers, for display only.")
    opposite_of: list[Id] = Field(default_factory=list, description="Codes that mean the contrary.")
    excludes: list[Id] = Field(default_factory=list, description="Codes never applied to the same passage.")
    often_with: list[Id] = Field(default_factory=list, description="Codes that often stand beside it.")
    examples: ExamplesEntry = Field(default_factory=ExamplesEntry, description="Passages that run as tests.")
    rules: list[RuleEntry] = Field(default_factory=list, description="Queries whose hits suggest the code.")
    threshold: Share | None = Field(default=None, description="Overrides the book's threshold.")
    combine: Combine | None = Field(default=None, description="Overrides the book's way to combine weights.")
    seeds: SeedsEntry = Field(default_factory=SeedsEntry, description="Words that steer topic models.")
    variants: list[Id] = Field(default_factory=list, description="The variants that have the code; empty: all.")
    revised: list[RevisionEntry] = Field(default_factory=list, description="Its wording in other variants.")
    notes: str = Field(default="", description="Anything else that the next reader should know.")


class BookEntry(Entry):
    """A qualcode codebook."""

    schema_: Literal["qualcode-codebook/1"] = Field(alias="schema", description="The form of this file.")
    id: Id = Field(description="The codebook's name in commands; the file's name without .yaml.")
    version: Word = Field(description="Rises with every change that can change a coding.")
    title: Text = Field(description="The codebook's title.")
    language: Text = Field(default="en-GB", description="The language of the transcripts it is for.")
    licence: str = Field(default="", description="On what terms others may use it.")
    description: str = Field(default="", description="What the codebook is for and how to use it.")
    sources: list[SourceEntry] = Field(default_factory=list, description="What it leans on.")
    facets: list[FacetEntry] = Field(default_factory=list, description="Values that codings carry.")
    attributes: list[AttributeEntry] = Field(default_factory=list, description="What to carry on each document.")
    defaults: DefaultsEntry = Field(default_factory=DefaultsEntry, description="How rules are applied.")
    default_variant: Id | None = Field(default=None, description="The variant that is loaded when none is asked for.")
    variants: list[VariantEntry] = Field(default_factory=list, description="Dated editions in this one file.")
    lexicons: dict[Name, list[Query]] = Field(
        default_factory=dict, description="Word lists that queries use as $name; each item is a query."
    )
    cues: dict[Name, CueEntry] = Field(
        default_factory=dict, description="negation, hedging and hypothetical: words that set stance and flags."
    )
    crosswalks: list[CrosswalkEntry] = Field(default_factory=list, description="Relations to other codebooks.")
    changelog: list[ChangeEntry] = Field(default_factory=list, description="The codebook's history, newest last.")
    codes: list[CodeEntry] = Field(description="The codes; a parent may stand before or after its children.")
