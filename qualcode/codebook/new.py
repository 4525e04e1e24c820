"""A first codebook to change: it loads, and its examples pass."""

from __future__ import annotations

import json
import re

from qualcode.errors import CodebookError

__all__ = ["new_codebook"]

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


def new_codebook(id: str, title: str) -> str:  # noqa: A002 - the word in the file and on the command line
    """Return the text of a commented starter codebook with a heading and two codes.

    Raises:
        CodebookError: QC-C016 for an id that a codebook cannot have, or an empty title.

    >>> print(new_codebook("plc", "Learning communities").splitlines()[3])
    id: plc
    """
    if not _ID.fullmatch(id):
        hint = "Use letters, digits, . _ and -, without blanks."
        raise CodebookError("QC-C016", f"{id!r} cannot be the id of a codebook.", hint=hint)
    if not title.strip():
        raise CodebookError("QC-C016", "the title is empty.", hint="Say what the codebook is about.")
    is_plain = re.fullmatch(r"[a-zA-Z][\w.-]*", id, re.ASCII) and id.casefold() != "null"
    quoted_id = id if is_plain else json.dumps(id, ensure_ascii=False)
    return _TEMPLATE.format(id=quoted_id, title=json.dumps(" ".join(title.split()), ensure_ascii=False))
