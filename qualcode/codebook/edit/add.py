"""Adding to a book: codes, examples, rules, definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from qualcode.codebook.edit.draft import Draft, Item
from qualcode.codebook.edit.entries import insert_code
from qualcode.codebook.edit.move import behind_family
from qualcode.codebook.edit.rename import check_free
from qualcode.codebook.edit.result import Edit, Stamp, find_code, finish, one_line, open_draft, problem
from qualcode.codebook.edit.writing import Query, shown
from qualcode.codebook.findings import did_you_mean

__all__ = [
    "ExampleKind",
    "add_code",
    "add_example",
    "add_rule",
    "example_items",
    "remove_rule",
    "rule_numbers",
    "set_definition",
]

ExampleKind = Literal["typical", "atypical", "near_miss"]

_SPOKEN = {"typical": "a typical example", "atypical": "an atypical example", "near_miss": "a near miss"}


def add_code(
    text: str,
    id: str,  # noqa: A002 - the word in the file
    label: str,
    *,
    parent: str | None = None,
    definition: str = "",
    brief: str = "",
    origin: str = "",
    typical: Sequence[tuple[str, str]] = (),
    seeds: Sequence[str] = (),
    notes: str = "",
    after: str | None = None,
    date: str | None = None,
    by: str | None = None,
    version: str | None = None,
) -> Edit:
    """Return the book with a new code. Under a parent that only some variants have, it is in the same ones.

    Args:
        text: the codebook's YAML.
        id, label: the code's names.
        parent: the id of the code that it belongs under.
        definition, brief: what it means.
        origin: where the idea comes from: ``theory``, ``data`` or ``merged``; left to the reader's default if empty.
        typical: examples, each with where it is from (empty for an invented one).
        seeds: words that draw a topic to the code.
        notes: anything else.
        after: the id of the code behind whose entry (and those below it) the new one is written; without it behind
            the last code of the same parent, or at the end.
        date, by, version: as in :func:`qualcode.codebook.edit.rename.rename_code`.

    Raises:
        CodebookError: QC-C023 for an unknown code, QC-C122 for a name that is taken; and as :func:`finish` does.
    """
    stamp = Stamp(date, by, version)
    opened = open_draft(text, stamp)
    draft = opened.draft
    entry: dict[str, Any] = {"id": one_line(id, "the id"), "label": one_line(label, "the label")}
    check_free(draft, entry["id"], "id")
    check_free(draft, entry["label"], "label")
    if parent is not None:
        above = draft.code(find_code(draft, parent))
        entry["parent"] = parent
    if origin:
        entry["origin"] = origin
    entry |= {key: one_line(each, key) for key, each in (("brief", brief), ("definition", definition)) if each.strip()}
    if typical:
        entry["examples"] = {"typical": [_example(said, source) for said, source in typical]}
    if seeds:
        entry["seeds"] = {"words": [one_line(word, "a seed word") for word in seeds]}
    if parent is not None and above.get("variants"):
        entry["variants"] = list(above["variants"])
    if notes.strip():
        entry["notes"] = one_line(notes, "the notes")
    if after is not None:
        place = behind_family(draft, find_code(draft, after))
    elif parent is not None:
        place = behind_family(draft, find_code(draft, parent))
    else:
        place = len(draft.data["codes"])
    insert_code(draft, place, entry)
    return finish(opened, f"added {entry['id']} {shown(entry['label'])}", stamp)


def _example(said: str, source: str) -> Any:
    passage = one_line(said, "the passage")
    return {"text": passage, "source": one_line(source, "the source")} if source.strip() else passage


def set_definition(
    text: str,
    code: str,
    definition: str,
    *,
    brief: str | None = None,
    date: str | None = None,
    by: str | None = None,
    version: str | None = None,
) -> Edit:
    """Return the book with another definition of a code, and another ``brief`` if one is given.

    Raises:
        CodebookError: QC-C023 for an unknown code, QC-C120 when it is the same; and as :func:`finish` does.
    """
    stamp = Stamp(date, by, version)
    opened = open_draft(text, stamp)
    draft = opened.draft
    number = find_code(draft, code)
    parts = {"definition": definition} | ({} if brief is None else {"brief": brief})
    done: list[str] = []
    for key, value in parts.items():
        new = one_line(value, f"the {key}")
        if " ".join(draft.code(number).get(key, "").split()) != new:
            draft.set(("codes", number), key, new)
            done.append(key)
    return finish(opened, f"{code}: another {' and '.join(done)}", stamp)


def add_example(
    text: str,
    code: str,
    passage: str,
    *,
    kind: ExampleKind,
    why: str | None = None,
    source: str | None = None,
    question: str | None = None,
    date: str | None = None,
    by: str | None = None,
    version: str | None = None,
) -> Edit:
    """Return the book with one more example of a code; a rejected passage becomes a near miss.

    Args:
        text: the codebook's YAML.
        code: the id of the code.
        passage: what somebody says; line breaks in it become blanks.
        kind: ``typical``, ``atypical`` or ``near_miss``.
        why: why it is, or is not, the code.
        source: where it is from.
        question: what was asked before it.
        date, by, version: as in :func:`qualcode.codebook.edit.rename.rename_code`.

    Raises:
        CodebookError: QC-C014 for another kind, QC-C023 for an unknown code, QC-C120 for a passage that is an
            example of the code already; and as :func:`finish` does.
    """
    stamp = Stamp(date, by, version)
    opened = open_draft(text, stamp)
    draft = opened.draft
    number = find_code(draft, code)
    kinds = get_args(ExampleKind)
    if kind not in kinds:
        raise problem(
            "QC-C014",
            f"the kind of an example is {kind!r}, but must be one of {', '.join(kinds)}.",
            did_you_mean(kind, kinds),
        )
    said = one_line(passage, "the passage")
    examples = draft.code(number).get("examples", {})
    for other in kinds:
        if _same(said) in {_same(each) for each in examples.get(other, ())}:
            message = f"this passage is {_SPOKEN[other]} of code {code!r} already."
            raise problem("QC-C120", message, "Remove it there first." if other != kind else None)
    more = {"why": why, "source": source, "question": question}
    given = {key: one_line(each, f"the {key}") for key, each in more.items() if each and each.strip()}
    value: Any = {"text": said, **given} if given else said
    example_items(draft, number, kind, [Item(value)])
    return finish(opened, f"{code}: {shown(said)} is {_SPOKEN[kind]}", stamp)


def example_items(draft: Draft, number: int, kind: str, items: Sequence[Item]) -> None:
    """Put examples at the end of a list of examples, which is begun when there is none."""
    if not items:
        return
    path = ("codes", number)
    if draft.code(number).get("examples") is None:
        draft.set(path, "examples", {kind: [items[0].value]})
        items = items[1:]
    draft.extend((*path, "examples", kind), items)


def _same(example: Any) -> str:
    text = example["text"] if isinstance(example, Mapping) else example
    return " ".join(text.split()).casefold()


def add_rule(
    text: str,
    code: str,
    query: str,
    *,
    id: str | None = None,  # noqa: A002 - the word in the file
    weight: float | None = None,
    set: Mapping[str, str] | None = None,  # noqa: A002 - the word in the file
    stance: Mapping[str, Sequence[str]] | None = None,
    note: str | None = None,
    date: str | None = None,
    by: str | None = None,
    version: str | None = None,
) -> Edit:
    """Return the book with one more rule at the end of a code's rules.

    Args:
        text: the codebook's YAML.
        code: the id of the code.
        query: a query as it is typed into ``qualcode search``; in double quotes it is an exact phrase.
        id, weight, set, stance, note: as in a rule of the file.
        date, by, version: as in :func:`qualcode.codebook.edit.rename.rename_code`.

    Raises:
        CodebookError: QC-C023 for an unknown code, QC-C120 for a query that the code has already; and as
            :func:`finish` does: a query that does not parse is refused with its place.
    """
    stamp = Stamp(date, by, version)
    opened = open_draft(text, stamp)
    draft = opened.draft
    number = find_code(draft, code)
    find = Query(one_line(query, "the query"))
    rules = draft.code(number).get("rules", [])
    if find in {" ".join((each if isinstance(each, str) else each.get("find", "")).split()) for each in rules}:
        raise problem("QC-C120", f"code {code!r} has this rule already.", "Remove that one first.")
    more: dict[str, Any] = {"id": id, "find": find, "weight": weight, "set": dict(set or {})}
    more |= {
        "stance": {
            value: [Query(one_line(word, "a word of stance")) for word in words]
            for value, words in (stance or {}).items()
        },
        "note": one_line(note, "the note") if note else None,
    }
    given = {key: each for key, each in more.items() if each not in (None, {})}
    draft.extend(("codes", number, "rules"), [Item(find if len(given) == 1 else given)])
    return finish(opened, f"{code}: added the rule {shown(find)}", stamp)


def remove_rule(
    text: str,
    code: str,
    rule: str,
    *,
    date: str | None = None,
    by: str | None = None,
    version: str | None = None,
) -> Edit:
    """Return the book without one rule of a code.

    ``rule`` is its id, or the one made for it (``A1-2``: the second). The made ids of the rules behind it change.

    Raises:
        CodebookError: QC-C023 for an unknown code, QC-C124 for a rule that the code does not have; and as
            :func:`finish` does.
    """
    stamp = Stamp(date, by, version)
    opened = open_draft(text, stamp)
    draft = opened.draft
    number = find_code(draft, code)
    (place,) = rule_numbers(draft, number, [rule])
    draft.cut(("codes", number, "rules"), [place])
    return finish(opened, f"{code}: removed the rule {rule}", stamp)


def rule_numbers(draft: Draft, number: int, rules: Sequence[str]) -> list[int]:
    """Return the places (from 0) of rules of a code; raises QC-C124 when it has no such rule."""
    entry = draft.code(number)
    ids = [
        (each.get("id") if isinstance(each, Mapping) else None) or f"{entry['id']}-{n + 1}"
        for n, each in enumerate(entry.get("rules", ()))
    ]
    for rule in rules:
        if rule not in ids:
            hint = did_you_mean(rule, ids) or (f"Its rules: {', '.join(ids)}." if ids else "It has no rules.")
            raise problem("QC-C124", f"code {entry['id']!r} has no rule {rule!r}.", hint)
    return [ids.index(rule) for rule in rules]
