"""A first codebook to change: it loads, and its examples pass."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from qualcode.errors import CodebookError

__all__ = ["Candidate", "candidates_codebook", "new_codebook"]

_ID = re.compile(r"\w[\w.-]*")

_TEMPLATE = """\
# A codebook for qualcode. Every key is explained in docs/codebooks.md.
# After a change: qualcode codebook check {id}.yaml, then qualcode codebook test {id}.yaml.
schema: qualcode-codebook/1
id: {id}
version: "0.1.0"
title: {title}
language: en-GB
licence: ""
description: >-
  Say here what the codebook is for, whose talk it is applied to, and what one coding means.

# Publications or documents that the codes lean on; a code names them in its own sources: [S1].
sources:
  - {{id: S1, text: "Author, A. (2026) A title to replace."}}

# Values that a coding carries beside its code.
facets:
  - {{id: stance, values: [present, absent, mixed], default: present}}

# A code is suggested in a sentence when the weight of its best rule reaches the threshold.
defaults:
  unit: sentence              # sentence | turn | passage
  roles_left_out: [interviewer, moderator, observer]
  overlaps: longest
  threshold: 0.5
  combine: max                # max | sum | noisy_or

# Word lists: a rule uses them as $staff. Each item is a word in any inflection, or a query.
lexicons:
  staff: [teacher, staff, colleague, teaching assistant]

# A hit near one of these is never deleted: its stance becomes absent.
cues:
  negation:
    scope: clause
    cues: [not, "n't", never, no, nobody, hardly]
    exempt: ["not only", "no doubt"]

changelog:
  - {{date: 2026-01-01, by: me, change: "first version"}}

codes:
  - id: A
    label: Working together
    codable: false            # a heading: it is never applied to text itself
    definition: What people say about working with one another.

  - id: A1
    label: Trust between colleagues
    parent: A
    origin: theory            # theory | data | merged
    status: active            # draft | active | retired
    brief: Colleagues rely on one another.
    definition: >-
      Somebody says that colleagues rely on one another, or that they do not. Failed trust counts too, with
      stance absent.
    include:
      - relying on a colleague's word or judgement
    exclude:
      - {{text: "doing things together with nothing said about relying on one another", see: A2}}
      - a multi-academy trust or a hospital trust
    sources: [S1]
    examples:
      typical:
        - We trust each other enough to say when it went wrong.
        - I know my colleagues have got my back.
      atypical:
        - She left me her class and went home.
      near_miss:
        - {{text: "The trust took over the school in May.", why: "a multi-academy trust"}}
    # A rule is a query. Wholly in double quotes it is that exact phrase; a query that begins with a quotation
    # mark goes in single quotes.
    rules:
      - trust NEAR/3 (each other | one another | $staff)
      - '"got my back" | "got each other''s backs"'
      - find: rely on NEAR/4 $staff
        weight: 0.8
        stance: {{absent: [cannot, never]}}
    seeds: {{words: [trust, rely, honest], weight: 0.3}}

  - id: A2
    label: Doing the work together
    parent: A
    origin: data
    brief: Colleagues plan, teach or review together.
    definition: >-
      Somebody tells of colleagues who do part of their own work together: planning, teaching, looking at results.
    include:
      - planning, teaching or looking at work in pairs or teams
    exclude:
      - {{text: "relying on one another, with no work told of", see: A1}}
      - pupils who work in groups
    often_with: [A1]
    examples:
      typical:
        - The two of us plan together every Thursday.
        - Teachers sit down as a team and look at the books.
      atypical:
        - Her lesson is half mine and mine is half hers.
      near_miss:
        - {{text: "The children worked together on a poster.", why: "pupils, not colleagues"}}
    rules:
      - (plan | teach | review) together
      - "as a team"
    seeds: {{words: [plan, team, together], weight: 0.3}}
"""


_CANDIDATES = """\
# A codebook that begins with topics. Every key is explained in docs/codebooks.md.
# A topic is a list of words that are used together. Whether it is an idea is for you to say: read the passages, write
# the definition, give the code a name of its own, throw out examples that do not belong, or the whole code.
# The examples are participants' words. Take them out, or change them, before this file leaves the study.
# After a change: qualcode codebook check {id}.yaml. Passages are then suggested by the coder "exemplars".
schema: qualcode-codebook/1
id: {id}
version: "0.1.0"
title: {title}
language: en-GB
facets:
  - {{id: stance, values: [present, absent, mixed], default: present}}
codes:
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A code that might be, before anybody has named it.

    Attributes:
        id: of the code.
        label: stands in until a person writes one.
        seeds: words that draw a topic to it.
        typical: passages as said, each with its place.
        told: where it comes from, a line each.
    """

    id: str
    label: str
    seeds: tuple[str, ...]
    typical: tuple[tuple[str, str], ...]
    told: tuple[str, ...] = ()


def candidates_codebook(id: str, title: str, candidates: Sequence[Candidate]) -> str:  # noqa: A002
    """Return the text of a codebook with a draft code for each candidate, for a person to name and define.

    Raises:
        CodebookError: QC-C016 for an id that a codebook cannot have, or an empty title.
    """
    from qualcode.codebook.edit.writing import item_lines

    head = _CANDIDATES.format(id=_checked_id(id), title=_checked_title(title))
    entries = []
    for each in candidates:
        entry = {
            "id": each.id,
            "label": " ".join(each.label.split()),
            "origin": "data",
            "status": "draft",
            "examples": {"typical": [{"text": _flat(said), "source": _flat(place)} for said, place in each.typical]},
            "seeds": {"words": list(each.seeds)},
        }
        if not each.typical:
            del entry["examples"]
        comments = [f"  # {_flat(line)}" for line in each.told]
        first, *rest = item_lines(entry, 2)
        asked = "    # definition: what these passages have in common, when to use the code, and when not"
        entries.append("\n".join([*comments, first, *rest[:3], asked, *rest[3:]]))
    return head + "\n\n".join(entries) + "\n"


def _flat(text: str) -> str:
    return " ".join(text.split())


def new_codebook(id: str, title: str) -> str:  # noqa: A002 - the word in the file and on the command line
    """Return the text of a commented starter codebook with a heading and two codes.

    Raises:
        CodebookError: QC-C016 for an id that a codebook cannot have, or an empty title.

    >>> print(new_codebook("plc", "Learning communities").splitlines()[3])
    id: plc
    """
    return _TEMPLATE.format(id=_checked_id(id), title=_checked_title(title))


def _checked_id(id: str) -> str:  # noqa: A002
    if not _ID.fullmatch(id):
        hint = "Use letters, digits, . _ and -, without blanks."
        raise CodebookError("QC-C016", f"{id!r} cannot be the id of a codebook.", hint=hint)
    is_plain = re.fullmatch(r"[a-zA-Z][\w.-]*", id, re.ASCII) and id.casefold() != "null"
    return id if is_plain else json.dumps(id, ensure_ascii=False)


def _checked_title(title: str) -> str:
    if not title.strip():
        raise CodebookError("QC-C016", "the title is empty.", hint="Say what the codebook is about.")
    return json.dumps(" ".join(title.split()), ensure_ascii=False)
