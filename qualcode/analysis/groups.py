"""Splitting a study by an attribute of its documents or speakers, each group with its own denominators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qualcode.analysis.study import Study
from qualcode.analysis.tally import Roster, counted_codings
from qualcode.errors import AnalysisError
from qualcode.model.coding import Coding

__all__ = ["NOT_GIVEN", "Group", "attribute_names", "groups_by"]

NOT_GIVEN = "not given"


@dataclass(frozen=True, slots=True)
class Group:
    """The cases (or speakers) that share a value.

    Attributes:
        documents: ids of the documents in the group; for a speaker's attribute, of those in which somebody of the
            group speaks and is counted.
        holds: whether a coding belongs to the group.
    """

    value: str
    documents: frozenset[str]
    holds: Callable[[Coding], bool]


def attribute_names(study: Study) -> tuple[str, ...]:
    """Return the attributes that tables can be split by: those the codebook declares first, then as they appear."""
    seen = {name for case in study.cases for name in case.attributes}
    seen |= {name for case in study.cases for person in case.speakers for name in person.attributes}
    order = [each.name for each in study.codebook.attributes]
    order += [name for case in study.cases for name in case.attributes]
    order += [name for case in study.cases for person in case.speakers for name in person.attributes]
    return tuple(dict.fromkeys(name for name in order if name in seen))


def groups_by(study: Study, attribute: str) -> tuple[Group, ...]:
    """Return the groups of an attribute, in the codebook's order of values, else by number or alphabet.

    An attribute of documents goes before one of speakers with the same name. What has no value forms the last group,
    ``not given``.

    Raises:
        AnalysisError: QC-A004 when neither a document nor a speaker has the attribute.
    """
    of_case = {case.id: case.attributes.get(attribute, "") for case in study.cases}
    if any(of_case.values()):
        return tuple(
            Group(value, members, _of_documents(members))
            for value in _ordered(study, attribute, set(of_case.values()))
            for members in [frozenset(name for name, own in of_case.items() if (own or NOT_GIVEN) == value)]
        )
    left_out = frozenset(study.codebook.roles_left_out)
    of_person = {
        (case.id, person.label): person.attributes.get(attribute, "")
        for case in study.cases
        for person in case.speakers
        if person.role not in left_out
    }
    if not any(of_person.values()):
        names = attribute_names(study)
        raise AnalysisError("QC-A004", f"no document and no speaker has the attribute {attribute!r}",
                            hint=f"There are: {', '.join(names)}." if names
                            else "Attributes come from a table: `qualcode ingest … --attributes FILE`.")  # fmt: skip
    unknown = [(case.id, "") for case in study.cases if not any(at == case.id for at, _ in of_person)]
    of_person.update(dict.fromkeys(unknown, ""))
    groups = []
    for value in _ordered(study, attribute, set(of_person.values())):
        people = frozenset(who for who, own in of_person.items() if (own or NOT_GIVEN) == value)
        holds = _of_people(Roster(study), people, of_person, value)
        # Speech under no name may be coded too; its document then belongs to the group, or k would pass n.
        unnamed = {coding.document_id for coding in counted_codings(study) if holds(coding)}
        groups.append(Group(value, frozenset(at for at, _ in people) | unnamed, holds))
    return tuple(groups)


def _of_documents(members: frozenset[str]) -> Callable[[Coding], bool]:
    return lambda coding: coding.document_id in members


def _of_people(
    roster: Roster, people: frozenset[tuple[str, str]], known: dict[tuple[str, str], str], value: str
) -> Callable[[Coding], bool]:
    def holds(coding: Coding) -> bool:
        said_by = roster.of(coding) or ((coding.document_id, ""),)
        return any(who in people or (value == NOT_GIVEN and who not in known) for who in said_by)

    return holds


def _ordered(study: Study, attribute: str, values: set[str]) -> list[str]:
    declared = next((each.allowed for each in study.codebook.attributes if each.name == attribute), ())
    given = values - {""}
    first = [value for value in declared if value in given]
    rest = [value for value in given if value not in declared]
    try:
        rest.sort(key=lambda value: (float(value), value))
    except ValueError:
        rest.sort(key=lambda value: (value.casefold(), value))
    return [*first, *rest, *([NOT_GIVEN] if "" in values else [])]
