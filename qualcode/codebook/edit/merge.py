"""Making one code of several."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from qualcode.codebook.edit.add import example_items
from qualcode.codebook.edit.draft import Draft, Item
from qualcode.codebook.edit.entries import drop_code
from qualcode.codebook.edit.references import LISTS, retarget_filters, single_references
from qualcode.codebook.edit.result import Edit, Stamp, find_code, finish, open_draft, problem
from qualcode.codebook.edit.retire import check_in_use, mark_retired
from qualcode.codebook.edit.writing import Query
from qualcode.codebook.reading import Path

__all__ = ["marked_as_rule", "merge_codes"]

_EXAMPLES = ("typical", "atypical", "near_miss")


def merge_codes(
    text: str,
    codes: Sequence[str],
    *,
    into: str,
    drop: bool = False,
    date: str | None = None,
    by: str | None = None,
    version: str | None = None,
) -> Edit:
    """Return the book with ``codes`` made part of the code ``into``, and their codings to follow it.

    ``into`` keeps its definition, brief, threshold and relations, and gets what it does not have yet of the others'
    labels (as ``alt_labels``), ``include``, ``exclude``, ``examples``, ``rules`` (which move, with their comments),
    ``seeds`` and ``sources``. What was said to tell the merged codes apart goes: lines of ``exclude`` whose
    ``see`` names one of them, and near misses that are examples of another. Children move under ``into``, and what
    named a merged code names ``into``.

    Args:
        text: the codebook's YAML.
        codes: ids of the codes that are merged away; ``into`` may be among them.
        into: the id of the code that stays.
        drop: take the merged codes out of the file. Else they stay as ``retired``, ``replaced_by: into``.
        date, by, version: as in :func:`qualcode.codebook.edit.rename.rename_code`.

    Raises:
        CodebookError: QC-C023 for an unknown code, QC-C120 when nothing is to be merged, QC-C125 when ``into`` is
            retired; and as :func:`finish` does.
    """
    stamp = Stamp(date, by, version)
    opened = open_draft(text, stamp)
    draft = opened.draft
    check_in_use(draft, into)
    merged = list(dict.fromkeys(each for each in codes if each != into))
    if not merged:
        raise problem(
            "QC-C120", f"no code is named that could be merged into {into!r}.", "Name at least one other code."
        )
    before = copy.deepcopy(draft.data)
    places = [find_code(draft, each) for each in merged]
    _rise(draft, into, merged)
    _redirect(draft, merged, into)
    for each in merged:
        _unite(draft, find_code(draft, each), find_code(draft, into), {*merged, into})
    if drop:
        for each in merged:
            drop_code(draft, find_code(draft, each))
    else:
        for place in places:
            mark_retired(draft, place, into)
    follow = dict.fromkeys(merged, into)
    retarget_filters(draft, before, follow)
    return finish(opened, f"merged {', '.join(merged)} into {into}", stamp, codes=follow)


def _rise(draft: Draft, into: str, merged: Sequence[str]) -> None:
    """Bring ``into`` up to the place of the highest code above it that is merged away, if there is one."""
    number = find_code(draft, into)
    parents = {entry["id"]: entry.get("parent") for entry in draft.data["codes"]}
    place, above = into, parents[into]
    while above is not None:
        place = above if above in merged else place
        above = parents[above]
    if place == into:
        return
    if parents[place] is None:
        draft.remove(("codes", number, "parent"))
    else:
        draft.set(("codes", number), "parent", parents[place])


def _redirect(draft: Draft, merged: Sequence[str], into: str) -> None:
    """Let everything that names a merged code name ``into``, once, and never itself."""
    number = find_code(draft, into)
    for key in ("include", "exclude"):
        # What told the codes apart: the line goes, or in include only its pointer.
        lines = draft.code(number).get(key, [])
        pointing = [m for m, line in enumerate(lines) if isinstance(line, Mapping) and line.get("see") in merged]
        if key == "exclude":
            draft.cut(("codes", number, key), pointing)
        else:
            for m in pointing:
                draft.remove(("codes", number, key, m, "see"))
    for n, entry in enumerate(draft.data["codes"]):
        for key in LISTS:
            seen = {into} if entry["id"] == into else set()
            twice: list[int] = []
            for m, name in enumerate(entry.get(key, ())):
                target = into if name in merged else name
                # The entry of a merged code keeps its relations as they were, if it does not name itself by them.
                if target in seen or (name in merged and entry["id"] in merged):
                    twice.append(m)
                seen.add(target)
            if any(name in merged for name in entry.get(key, ())) or entry["id"] == into:
                draft.cut(("codes", n, key), twice)
    lists: dict[Path, str] = {
        ("codes", n, key, m): into
        for n, entry in enumerate(draft.data["codes"])
        for key in LISTS
        for m, name in enumerate(entry.get(key, ()))
        if name in merged
    }
    draft.replace_all({**lists, **{path: into for path, name in single_references(draft.data) if name in merged}})
    for n, walk in enumerate(draft.data.get("crosswalks", ())):
        links = walk["links"]
        twice = [m for m, link in enumerate(links) if link["from"] == into and link in links[:m]]
        draft.cut(("crosswalks", n, "links"), twice)


def _unite(draft: Draft, source: int, target: int, family: set[str]) -> None:
    """Bring what one merged code has over to the code that stays."""
    path, other = ("codes", target), ("codes", source)
    entry, merged = draft.code(target), draft.code(source)
    known = {each.casefold() for each in (entry["id"], entry["label"], *entry.get("alt_labels", ()))}
    names = [merged["label"], *merged.get("alt_labels", ())]
    draft.extend((*path, "alt_labels"), [Item(each) for each in names if each.casefold() not in known])
    for key in ("include", "exclude"):
        items = [
            Item(line, item.lines)
            for item in draft.items((*other, key))
            if not (isinstance(line := item.value, Mapping) and line.get("see") in family)
        ]
        draft.extend((*path, key), _new(items, entry.get(key, ())))
    _unite_examples(draft, source, target)
    draft.extend((*path, "sources"), _new(draft.items((*other, "sources")), entry.get("sources", ())))
    _unite_seeds(draft, source, target)
    rules = _new(draft.items((*other, "rules")), entry.get("rules", ()))
    rules = [Item(marked_as_rule(each.value), each.lines) for each in rules]
    if merged.get("rules"):
        draft.remove((*other, "rules"))
    draft.extend((*path, "rules"), rules)


def _unite_examples(draft: Draft, source: int, target: int) -> None:
    had = draft.code(target).get("examples", {})
    coded = {_text(each) for kind in ("typical", "atypical") for each in had.get(kind, ())}
    others = draft.code(source).get("examples", {})
    coded |= {_text(each) for kind in ("typical", "atypical") for each in others.get(kind, ())}
    gone = [m for m, each in enumerate(had.get("near_miss", ())) if _text(each) in coded]
    if gone:
        draft.cut(("codes", target, "examples", "near_miss"), gone)
    for kind in _EXAMPLES:
        own = draft.code(target).get("examples", {})
        have = [each for some in own.values() for each in some]
        items = _new(draft.items(("codes", source, "examples", kind)), have)
        if kind == "near_miss":
            items = [each for each in items if _text(each.value) not in coded]
        example_items(draft, target, kind, items)


def _unite_seeds(draft: Draft, source: int, target: int) -> None:
    seeds = draft.code(source).get("seeds")
    if not seeds:
        return
    path = ("codes", target, "seeds")
    if not draft.at(path):
        draft.set(path[:2], "seeds", copy.deepcopy(seeds))
    for key in ("words", "exclude_words"):
        opposite = draft.at((*path, "exclude_words" if key == "words" else "words")) or ()
        words = _new([Item(each) for each in seeds.get(key, ())], draft.at((*path, key)) or ())
        draft.extend((*path, key), [each for each in words if each.value not in opposite])
    draft.remove(("codes", source, "seeds"))


def _new(items: Sequence[Item], have: Sequence[Any]) -> list[Item]:
    """Return the items whose text or query is not among ``have``, each once."""
    seen = {_text(each) for each in have}
    found: list[Item] = []
    for item in items:
        if _text(item.value) not in seen:
            seen.add(_text(item.value))
            found.append(item)
    return found


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("text") or value.get("find") or repr(value.get("tokens", value))
    return " ".join(str(value).split()).casefold()


def marked_as_rule(rule: Any) -> Any:
    """Return a rule's value with its queries marked, so that they are written as queries again."""
    if isinstance(rule, str):
        return Query(rule)
    marked = dict(rule)
    if "find" in marked:
        marked["find"] = Query(marked["find"])
    if "stance" in marked:
        marked["stance"] = {value: [Query(word) for word in words] for value, words in marked["stance"].items()}
    return marked
