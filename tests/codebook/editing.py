"""A small book to edit, and which lines an edit touches."""

from __future__ import annotations

from difflib import SequenceMatcher

from tests.codebook.books import HEAD

BOOK = (
    HEAD
    + """\
facets: [{id: stance, values: [present, absent]}]
lexicons:
  staff: [teacher, colleague]   # who
  asked: ['code:A2 NEAR/3 why']
crosswalks:
  - to: other
    links:
      - {from: A1, to: X1, relation: exact}
      - {from: A2, to: X1, relation: exact}
changelog:
  - {date: 2026-01-01, by: me, change: "first version"}

# The codes.
codes:
  - id: A
    label: Working together
    codable: false
    definition: What people say about one another.

  # trust, in all its forms
  - id: A1
    label: Trust      # not the multi-academy kind
    parent: A
    origin: theory
    status: active
    definition: >-
      People rely on one another,
      or say that they do not.
    include:
      - relying on a colleague's word
    exclude:
      - {text: "doing things together", see: A2}
      - 'a hospital trust'
    sources: []
    often_with: [A2, B]
    examples:
      typical:
        - "We trust each other."
      near_miss:
        - {text: "The trust took over.", why: "an academy trust"}
    rules:
      # in so many words
      - trust NEAR/3 $staff
      # sayings
      - "got my back"
      - find: rely on
        weight: 0.8
    seeds: {words: [trust], weight: 0.3}

  - id: A2
    label: Doing the work
    alt_labels: [joint work]
    parent: A
    exclude: [{text: "relying on people", see: A1}]
    often_with: [A1]
    examples: {typical: [We plan together., We trust each other.], near_miss: [A trust fund.]}
    rules:
      # planning
      - plan together
      # the same again
      - "got my back"
      - {id: two, find: '"as a team" | teamwork', stance: {absent: [never]}}
    seeds: {words: [plan, trust], exclude_words: [lesson plan]}
    notes: >-
      A note
      on two lines.

  - id: B
    label: Alone
    opposite_of: [A1, A2]
    rules:
      - alone NOT code:A1
      - 'nobody NOT code:"Doing the work"'
      - by myself NOT (code:trust | code:A2)
"""
)


def touched(before: str, after: str) -> list[str]:
    """Return the lines that were taken out (``-``) and put in (``+``), in the order of the file."""
    old, new = before.split("\n"), after.split("\n")
    found: list[str] = []
    for kind, start, end, begin, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            found += [f"-{line}" for line in old[start:end]] + [f"+{line}" for line in new[begin:stop]]
    return found
