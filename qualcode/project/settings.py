"""``qualcode.yaml``: a project's title, codebooks and recipe, read as strictly as a codebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from qualcode.codebook import nodes
from qualcode.errors import CodebookError, Place, Problem, ProjectError
from qualcode.model.codes import Unit
from qualcode.model.document import Role

__all__ = ["SETTINGS_FILE", "CoderRecipe", "Parameter", "Settings", "load_settings", "settings_text"]

SETTINGS_FILE = "qualcode.yaml"
SCHEMA = "qualcode-project/1"


Scalar = str | int | float | bool
Parameter = Scalar | tuple[Scalar, ...]
"""What a coder may be told in the settings: a word, a number, yes or no, or a list of these."""


@dataclass(frozen=True, slots=True)
class CoderRecipe:
    """One coder of the recipe, by its registered name, with its parameters."""

    name: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What ``qualcode.yaml`` says.

    Attributes:
        title: of the study, for reports.
        codebooks: shipped names (``hope-merged``, ``leithwood-olf@2012``) or files, relative to the project's folder.
        unit, roles_left_out: override what the codebooks say; ``None`` leaves it to them.
        attributes: a table with a row for each document, relative to the project's folder.
        roles, aliases, speaker_pattern: how transcripts are read when a call does not say otherwise.
        coders, seed, model: the recipe; ``model`` is an installed spaCy pipeline whose lemmas and tags the index uses.
        vectors: the folder of a model that makes sentence vectors, relative to the project's folder; ``None`` for none.
    """

    title: str = ""
    codebooks: tuple[str, ...] = ()
    unit: Unit | None = None
    roles_left_out: tuple[str, ...] | None = None
    attributes: str | None = None
    roles: Mapping[str, Role] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    speaker_pattern: str | None = None
    coders: tuple[CoderRecipe, ...] = (CoderRecipe("rules"),)
    seed: int = 0
    model: str | None = None
    vectors: str | None = None


def settings_text(title: str, codebooks: Iterable[str]) -> str:
    """Return a commented ``qualcode.yaml`` that :func:`load_settings` reads."""
    books = ", ".join(_quoted(each) for each in codebooks)
    return f"""# The settings of this study. Change a line, save, and run: qualcode code DIR
schema: {SCHEMA}
title: {_quoted(title)}

# Shipped codebooks by name (qualcode codebook list), your own as codebooks/NAME.yaml.
codebooks: [{books}]

# Uncomment what should differ from the codebook:
# unit: sentence                  # sentence, turn or passage: what is counted
# roles_left_out: [interviewer, moderator, observer]

# A table with a row for each transcript; its first column is called document.
# attributes: attributes.csv

# How transcripts are read:
# ingest:
#   roles: {{Dana: interviewer}}
#   aliases: {{D: Dana}}
#   speaker_pattern: '^(?P<label>[A-Z]+):'

recipe:
  seed: 0
  # model: en_core_web_sm          # a spaCy model that you have installed: its lemmas and tags instead of the tables'
  # vectors: models/minilm         # a folder with a sentence model: passages are compared by meaning too
  coders:
    - name: rules
    # Instead of it, examples and what you decide as well, in one list:
    # - {{name: ensemble, coders: [rules, exemplars, classifier]}}
"""


def load_settings(path: Path) -> Settings:
    """Return what a ``qualcode.yaml`` says.

    Raises:
        ProjectError: QC-P001 when there is none, QC-P002 with every problem (line and column) when it is not sound.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ProjectError(
            "QC-P001",
            f"this is not a project: there is no {SETTINGS_FILE} in it",
            where=str(path.parent),
            hint=f"Make one: qualcode init {_shell(path.parent)}",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError("QC-P002", f"the settings cannot be read: {error}", where=str(path),
                           hint="Save the file as UTF-8.") from error  # fmt: skip
    try:
        root = nodes.compose(text, str(path))
    except CodebookError as error:
        raise ProjectError("QC-P002", "the settings are not YAML:", where=str(path),
                           problems=[_recoded(each) for each in error.problems]) from None  # fmt: skip
    reader = _Reader(str(path))
    settings = reader.settings(root)
    if reader.problems:
        raise ProjectError("QC-P002", "the settings are not sound:", where=str(path),
                           problems=sorted(reader.problems, key=_position))  # fmt: skip
    return settings


def _recoded(problem: Problem) -> Problem:
    return Problem("QC-P002", problem.message, problem.place, problem.hint)


def _position(problem: Problem) -> tuple[int, int]:
    place = problem.place
    return (0, 0) if place is None else (place.line or 0, place.column or 0)


class _Reader:
    """Reads the nodes of one settings file and keeps everything that is wrong."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def settings(self, root: nodes.Node | None) -> Settings:
        if not isinstance(root, nodes.Mapping):
            self.problems.append(Problem("QC-P002", "the file must be keys with values, beginning with "
                                         f"'schema: {SCHEMA}'", Place(self.file, 1, 1)))  # fmt: skip
            return Settings()
        found: dict[str, Any] = {}
        fields: dict[str, Callable[[nodes.Node], Any]] = {
            "schema": lambda node: self._one_of(node, (SCHEMA,), "schema"),
            "title": self._text,
            "codebooks": self._texts,
            "unit": lambda node: self._one_of(node, get_args(Unit), "unit"),
            "roles_left_out": lambda node: tuple(
                self._one_of(each, get_args(Role), "role") for each in self._items(node)
            ),
            "attributes": self._text,
            "ingest": self._ingest,
            "recipe": self._recipe,
        }
        for key, value in self._fields(root, fields, "the settings").items():
            if key in {"ingest", "recipe"}:
                found.update(value)
            else:
                found[key] = value
        if "schema" not in found:
            self._wrong(root, f"the settings have no 'schema: {SCHEMA}'")
        found.pop("schema", None)
        return Settings(**found)

    def _ingest(self, node: nodes.Node) -> dict[str, Any]:
        return self._fields(node, {
            "roles": lambda value: self._mapping(
                value, lambda each: self._one_of(each, get_args(Role), "role")
            ),
            "aliases": lambda value: self._mapping(value, self._text),
            "speaker_pattern": self._text,
        }, "ingest")  # fmt: skip

    def _recipe(self, node: nodes.Node) -> dict[str, Any]:
        return self._fields(node, {
            "seed": self._integer,
            "model": self._text,
            "vectors": self._text,
            "coders": lambda value: tuple(map(self._coder, self._items(value))),
        }, "recipe")  # fmt: skip

    def _coder(self, node: nodes.Node) -> CoderRecipe:
        if isinstance(node, nodes.Scalar):
            return CoderRecipe(node.value)
        parameters = self._mapping(node, self._parameter)
        if "name" not in parameters:
            self._wrong(node, "a coder has no 'name'")
        return CoderRecipe(str(parameters.pop("name", "rules")), parameters)

    def _parameter(self, node: nodes.Node) -> Parameter:
        if isinstance(node, nodes.Sequence):
            return tuple(map(self._plain, node.items))
        return self._plain(node)

    def _fields(
        self, node: nodes.Node, fields: Mapping[str, Callable[[nodes.Node], Any]], owner: str
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in self._pairs(node):
            if key.value not in fields:
                near = get_close_matches(key.value, fields, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(fields)}."
                self._wrong(key, f"unknown key {key.value!r} in {owner}", hint)
            elif not (isinstance(value, nodes.Scalar) and value.value in {"", "null", "~"} and not value.style):
                found[key.value] = fields[key.value](value)
        return found

    def _mapping(self, node: nodes.Node, read: Callable[[nodes.Node], Any]) -> dict[str, Any]:
        return {key.value: read(value) for key, value in self._pairs(node)}

    def _pairs(self, node: nodes.Node) -> list[tuple[nodes.Scalar, nodes.Node]]:
        if not isinstance(node, nodes.Mapping):
            self._wrong(node, "keys with values are wanted here")
            return []
        found: dict[str, tuple[nodes.Scalar, nodes.Node]] = {}
        for key, value in node.pairs:
            if not isinstance(key, nodes.Scalar):
                self._wrong(key, "a key must be one word")
            elif key.value in found:
                first = found[key.value][0].line
                self._wrong(
                    key, f"the key {key.value!r} stands here twice (first in line {first})", "Remove one of them."
                )
            else:
                found[key.value] = (key, value)
        return list(found.values())

    def _items(self, node: nodes.Node) -> list[nodes.Node]:
        if not isinstance(node, nodes.Sequence):
            self._wrong(node, "a list is wanted here", "Write [one, two] or lines that begin with '- '.")
            return []
        return node.items

    def _text(self, node: nodes.Node) -> str:
        if not isinstance(node, nodes.Scalar):
            self._wrong(node, "one piece of text is wanted here")
            return ""
        return node.value

    def _texts(self, node: nodes.Node) -> tuple[str, ...]:
        return tuple(map(self._text, self._items(node)))

    def _integer(self, node: nodes.Node) -> int:
        text = self._text(node)
        if not text.isascii() or not text.isdigit():
            self._wrong(node, f"a whole number is wanted here, not {text!r}")
            return 0
        return int(text)

    def _plain(self, node: nodes.Node) -> Scalar:
        text = self._text(node)
        if isinstance(node, nodes.Scalar) and not node.style:
            if text in {"true", "false"}:
                return text == "true"
            for kind in (int, float):
                try:
                    return kind(text)
                except ValueError:
                    continue
        return text

    def _one_of(self, node: nodes.Node, options: tuple[str, ...], what: str) -> Any:
        text = self._text(node)
        if text not in options:
            near = get_close_matches(text, options, n=1)
            self._wrong(node, f"{what} is {text!r}, but must be {' or '.join(options)}",
                        f"Did you mean {near[0]!r}?" if near else None)  # fmt: skip
            return options[0]
        return text

    def _wrong(self, node: nodes.Node, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem("QC-P002", message, Place(self.file, node.line, node.column), hint))


def _quoted(text: str) -> str:
    """Return a text as YAML's single-quoted scalar on one line."""
    printable = "".join(each if each.isprintable() else " " for each in text)
    return "'" + " ".join(printable.split()).replace("'", "''") + "'"


def _shell(path: Path) -> str:
    text = str(path)
    return f'"{text}"' if " " in text else text


def with_codebook(text: str, old: str, new: str) -> str:
    """Return the text of a ``qualcode.yaml`` with one codebook named otherwise; all else stays letter for letter.

    Raises:
        ProjectError: QC-P002 when the settings do not name ``old``.
    """
    root = nodes.compose(text, SETTINGS_FILE)
    pairs = root.pairs if isinstance(root, nodes.Mapping) else []
    for key, value in pairs:
        if isinstance(key, nodes.Scalar) and key.value == "codebooks":
            for each in value.items if isinstance(value, nodes.Sequence) else [value]:
                if isinstance(each, nodes.Scalar) and each.value == old:
                    return text[: each.start] + _quoted(new) + text[each.end :]
    raise ProjectError("QC-P002", f"the settings do not name the codebook {old!r}", where=SETTINGS_FILE,
                       hint="Name it after 'codebooks:'.")  # fmt: skip
