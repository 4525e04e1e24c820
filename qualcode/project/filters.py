"""Filters of a query that can find nothing in these documents: most often a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import get_args

from qualcode.model.document import Document, Role
from qualcode.query.ast import Filter

__all__ = ["filter_notes"]

_LISTED = 12


def filter_notes(filters: Iterable[Filter], documents: Sequence[Document]) -> tuple[str, ...]:
    """Return a sentence for each filter that can match nothing here, with what there is.

    That is an ``attr:`` whose attribute no document and no speaker has, or a ``speaker:`` that is neither a role nor
    somebody in the documents.
    """
    from qualcode.text.fold import fold

    people = [person for document in documents for person in document.speakers]
    holders = [*(document.attributes for document in documents), *(person.attributes for person in people)]
    attributes = list(dict.fromkeys(name for holder in holders for name in holder))
    labels = list(dict.fromkeys(person.label for person in people))
    voices = {fold(name) for person in people for name in (person.label, person.id)} | set(get_args(Role))
    notes: dict[str, None] = {}
    for each in filters:
        if each.kind == "attr" and fold(each.name) not in map(fold, attributes):
            notes[f"No document and no speaker has the attribute {each.name!r}. {_meant(each.name, attributes)}"] = None
        elif each.kind == "speaker" and fold(each.value) not in voices:
            known = [*dict.fromkeys(person.role for person in people), *labels]
            notes[f"Nobody is called {each.value!r}, and there is no such role. {_meant(each.value, known)}"] = None
    return tuple(notes)


def _meant(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    if not known:
        return "There are none."
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return f"There are: {', '.join(known[:_LISTED])}{more}."
