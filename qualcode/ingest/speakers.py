"""Labels → people: which labels are the same person, which name several, and what role each one has."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import get_args

from qualcode.errors import IngestError
from qualcode.ingest.options import IngestOptions
from qualcode.model.document import Document, IngestWarning, Role, Speaker

__all__ = ["Cast", "WordLists", "cast_of", "is_code_label", "joint_parts", "label_key", "role_from_words",
           "suggest_interviewer", "word_lists"]  # fmt: skip

_JOINT = re.compile(r"\s*(?:[/&+,]|\band\b|\bund\b|\bet\b|\by\b)\s*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CODE = re.compile(r"(?:[^\W\d_]{1,4}[ _-]?\d{1,4}[a-z]?|[A-Z]{1,3}\d*(?:-[A-Z]{1,3}\d+)+|[A-Z])\Z")
_ASKS = re.compile(r"\w[\"'”’)]*\s?\?")
_JOINED_CODE = re.compile(r"[a-z]{1,3}\d*(?:-[a-z]{1,3}\d+)+")
_FEWEST_QUESTIONS = 3
_MOST_OF = 0.7
_FEWEST_VOICES = 2
_WORDS_TO_A_QUESTION = 60
"""Interviewers ask often and say little else; a speaker of long turns asks himself now and then."""


@dataclass(frozen=True, slots=True)
class WordLists:
    """The words of ``roles.yaml``, folded: label → role, words that name a role inside a label, and false labels."""

    roles: Mapping[str, Role]
    inside: Mapping[str, Role]
    not_speakers: frozenset[str]
    metadata: frozenset[str]
    never_in_label: frozenset[str]
    headings: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who speaks in one document, and how each label as written leads to them."""

    speakers: tuple[Speaker, ...]
    warnings: tuple[IngestWarning, ...]
    by_key: Mapping[str, tuple[str, ...]]

    def ids_of(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Return the ids of the people behind these labels, each once, in order."""
        return tuple(dict.fromkeys(each for label in labels for each in self.by_key.get(label_key(label), ())))

    def id_of_label(self, label: str) -> str | None:
        """Return the id of the one person with this label, ``None`` when there is none."""
        ids = self.by_key.get(label_key(label), ())
        return ids[0] if len(ids) == 1 else None


@lru_cache(maxsize=1)
def word_lists() -> WordLists:
    """Return the word lists of ``roles.yaml`` (read once)."""
    import yaml

    raw = yaml.safe_load(files(__package__).joinpath("roles.yaml").read_text(encoding="utf-8"))
    return WordLists(
        roles={label_key(word): role for role, words in raw["roles"].items() for word in words},
        inside={word: role for role, words in raw["inside"].items() for word in words},
        not_speakers=frozenset(label_key(word) for word in raw["not_speakers"]),
        metadata=frozenset(label_key(word) for word in raw["metadata"]),
        never_in_label=frozenset(raw["never_in_label"]),
        headings=frozenset(raw["headings"]),
    )


@lru_cache(maxsize=8192)
def label_key(label: str) -> str:
    """Return the form in which two spellings of one label are equal: ``Interviewer2:`` and ``INTERVIEWER 2``.

    Case, spaces, full stops, Markdown stars, surrounding brackets and a closing colon do not count.
    """
    folded = unicodedata.normalize("NFKC", label).casefold().replace("’", "'")
    folded = folded.replace("*", "").replace(".", "").strip(" \t\n:[]{}<>#@")
    return re.sub(r"(?<=[^\W\d])[\s_]+(?=\d)", "", " ".join(folded.split()))


def is_code_label(label: str) -> bool:
    """Return whether a label has the shape of a case code: ``P01``, ``S 2``, ``FG2-P3``, ``B``."""
    return _CODE.match(label.strip()) is not None


def joint_parts(label: str, known: Collection[str]) -> list[str]:
    """Return the labels in ``A/B`` or ``P1 & P2``; the label alone unless each part is a known key or a code."""
    parts = [part for part in _JOINT.split(label) if part]
    if len(parts) > 1 and all(label_key(part) in known or is_code_label(part) for part in parts):
        return parts
    return [label]


@lru_cache(maxsize=8192)
def role_from_words(label: str) -> Role | None:
    """Return the role that the words of a label name, ``None`` when they name none."""
    lists, key = word_lists(), label_key(label)
    bare = re.sub(r"\s*\([^()]*\)\s*", " ", key).strip()
    last = bare.rpartition("-")[2] if _JOINED_CODE.fullmatch(bare) else bare
    for candidate in (key, bare, re.sub(r"[\s-]*\d+[a-z]?\Z", "", last)):
        found = lists.roles.get(candidate)
        if found is not None:
            return found
    for word in _WORD.findall(key):
        found = lists.inside.get(word)
        if found is not None:
            return found
    return None


def cast_of(turns: Sequence[Sequence[str]], options: IngestOptions, legend_roles: Mapping[str, Role]) -> Cast:
    """Return the people behind the labels of a document's blocks, numbered S1, S2 … as they first speak.

    A label that names several (``A/B``, ``P1 & P2``) is split when each part is a label of its own elsewhere or has
    the shape of a code. Roles come from the options, then the legend, then the words of the label; when somebody asks
    the questions, the others whose role is unknown are taken to be participants (warning ``role-assumed``).

    Raises:
        IngestError: QC-I014 for a role in the options that does not exist.
    """
    options_roles = _checked_roles(options)
    aliases = {label_key(written): person for written, person in options.aliases.items()}
    spoken = Counter(label for labels in turns for label in labels)
    alone = {label_key(label) for label in (*spoken, *legend_roles)} | set(aliases)
    people: dict[str, list[str]] = {}
    by_key: dict[str, tuple[str, ...]] = {}
    for label in spoken:
        if label_key(label) not in by_key:
            parts = [label] if label_key(label) in aliases else joint_parts(label, alone)
            by_key[label_key(label)] = tuple(_person_key(part, aliases) for part in parts)
            for part in parts:
                _remember(people, part, aliases)
        elif len(by_key[label_key(label)]) == 1:
            _remember(people, label, aliases)
    ids = {key: f"S{number}" for number, key in enumerate(people, start=1)}
    legend = {_person_key(label, aliases): role for label, role in legend_roles.items()}
    stated = {_person_key(label, aliases): role for label, role in options_roles.items()}
    roles = {key: _role(key, names, stated, legend) for key, names in people.items()}
    _settle_bare_r(roles)
    assumed = _assume_participants(roles, people)
    speakers = tuple(
        Speaker(id=ids[key], label=names[0], role=roles[key], aliases=tuple(names[1:])) for key, names in people.items()
    )
    return Cast(
        speakers=speakers,
        warnings=_role_warnings(assumed),
        by_key={key: tuple(ids[person] for person in persons) for key, persons in by_key.items()}
        | {key: (ids[key],) for key in people},
    )


def suggest_interviewer(document: Document) -> IngestWarning | None:
    """Return an info that one speaker asks nearly all questions; ``None`` when a role or the counts say otherwise."""
    if len(document.speakers) < _FEWEST_VOICES:
        return None
    if any(speaker.role in ("interviewer", "moderator") for speaker in document.speakers):
        return None
    asked: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for block, spans in document.speech():
        if block.kind == "turn" and len(block.speaker_ids) == 1:
            words[block.speaker_ids[0]] += sum(document.quote(each).count(" ") + 1 for each in spans)
            asked[block.speaker_ids[0]] += sum(len(_ASKS.findall(document.text, each.start, each.end))
                                               for each in spans)  # fmt: skip
    if not asked:
        return None
    (first, count), total = asked.most_common(1)[0], sum(asked.values())
    if count < _FEWEST_QUESTIONS or count < _MOST_OF * total or count * _WORDS_TO_A_QUESTION < words[first]:
        return None
    speaker = document.speaker(first)
    if speaker.role == "participant":
        return None
    return IngestWarning(
        "role-suggestion", "info",
        f"{speaker.label} asks {count} of the {total} questions ({count * 100 // total} %). If that is the "
        f"interviewer, say so, and the others are taken to be participants: --role \"{speaker.label}=interviewer\"",
    )  # fmt: skip


def _checked_roles(options: IngestOptions) -> Mapping[str, Role]:
    known = get_args(Role)
    for label, role in options.roles.items():
        if role not in known:
            raise IngestError("QC-I014", f"{role!r} is no role (given for {label!r})",
                              hint=f"Use one of: {', '.join(known)}; for example --role "
                                   f"\"{label}=participant\".")  # fmt: skip
    return options.roles


def _person_key(label: str, aliases: Mapping[str, str]) -> str:
    return label_key(aliases.get(label_key(label), label))


def _remember(people: dict[str, list[str]], label: str, aliases: Mapping[str, str]) -> None:
    person = aliases.get(label_key(label))
    names = people.setdefault(_person_key(label, aliases), [] if person is None else [person])
    if label not in names:
        names.append(label)


def _role(key: str, names: Sequence[str], stated: Mapping[str, Role], legend: Mapping[str, Role]) -> Role:
    found = stated.get(key) or legend.get(key)
    if found is not None:
        return found
    return next((role for role in map(role_from_words, names) if role is not None), "unknown")


def _settle_bare_r(roles: dict[str, Role]) -> None:
    # "R" is a respondent beside "I", but the researcher beside "P" when nobody else asks.
    asks = any(role in ("interviewer", "moderator") for role in roles.values())
    if not asks and roles.get("r") == "participant" and any(re.fullmatch(r"p\d*", key) for key in roles):
        roles["r"] = "interviewer"


def _assume_participants(roles: dict[str, Role], people: Mapping[str, Sequence[str]]) -> list[str]:
    if not any(role in ("interviewer", "moderator") for role in roles.values()):
        return []
    assumed = [key for key, role in roles.items() if role == "unknown" and not key.startswith("unknown")]
    for key in assumed:
        roles[key] = "participant"
    return [people[key][0] for key in assumed]


def _role_warnings(assumed: Sequence[str]) -> tuple[IngestWarning, ...]:
    if not assumed:
        return ()
    who = ", ".join(assumed)
    taken = "is taken to be a participant" if len(assumed) == 1 else "are taken to be participants"
    message = f'{who} {taken}, because somebody else asks the questions. If not: --role "{assumed[0]}=ROLE"'
    return (IngestWarning("role-assumed", "info", message),)
