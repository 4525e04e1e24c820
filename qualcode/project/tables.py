"""Tables that have settings of their own, or need more than one person's codings: layers, a sample, words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from qualcode.errors import AnalysisError, LedgerError
from qualcode.model.table import Table

if TYPE_CHECKING:
    from qualcode.analysis.handsample import HandSample
    from qualcode.analysis.layers import Layer
    from qualcode.analysis.study import Study
    from qualcode.model.codes import Unit
    from qualcode.model.ledger import HandCoded
    from qualcode.project.viewing import Views

__all__ = ["OPTIONS", "check_name", "hand_sample", "project_table"]

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "agreement": ("level", "people", "machine", "pairs", "over", "codes", "measures", "replicates", "seed",
                  "confidence", "threshold"),
    "disagreements": ("level", "people", "machine", "codes"),
    "confusions": ("level", "people", "machine"),
    "saturation": ("order", "base", "run", "replicates", "seed"),
    "cooccurrence": ("unit", "codes", "minimum"),
    "attributes": ("codes", "adjust", "replicates", "seed"),
    "keyness": ("code", "groups", "form", "limit", "minimum", "replicates", "seed", "confidence"),
    "prevalence": ("codes", "method", "target", "confidence", "sample"),
    "reading": ("codes", "confidence"),
    "evaluation": ("level", "people", "codes", "replicates", "seed", "confidence"),
    "blindspots": ("clusters", "decided_only", "minimum", "replicates", "seed", "long"),
    "classifier": (),
    "topics": ("k", "free", "kind", "seed", "fits", "pool", "words", "codes", "confidence"),
}  # fmt: skip
"""The tables of this module, each with its settings."""


def project_table(
    project: Views, name: str, codebook: str | None, options: Mapping[str, Any], *, by: str | None
) -> Table | None:
    """Return one of the tables of :data:`OPTIONS`; ``None`` for another name that takes no settings.

    Raises:
        AnalysisError: QC-A023 for a setting that the table does not have, and what the table says.
    """
    check_name(name)
    allowed = OPTIONS.get(name, ())
    for option in options:
        if option not in allowed:
            takers = [table for table, names in OPTIONS.items() if option in names]
            raise AnalysisError("QC-A023", f"the table {name!r} has no setting {option!r}",
                                hint=f"It is one of: {', '.join(takers)}." if takers else
                                f"Its settings: {', '.join(allowed) or 'none'}.")  # fmt: skip
    if name not in _MAKERS:
        return None
    return _MAKERS[name](project, codebook, dict(options), by)


def _between(project: Views, codebook: str | None, options: dict[str, Any]) -> tuple[Study, tuple[Layer, ...]]:
    """Return the study and the layers that are compared; taken out of the options are those that choose them.

    Unless it is said, people are compared with each other, and one person with the machine.

    Raises:
        AnalysisError: QC-A025 when fewer than two have coded.
    """
    done = project.coded(codebook)
    people, machine = options.pop("people", None), options.pop("machine", None)
    layers = project.layers(people, machine=bool(machine), codebook=codebook)
    if machine is None and people is None and len(layers) < 2:
        layers = project.layers(people, machine=True, codebook=codebook)
    if len(layers) < 2:
        who = ", ".join(each.coder for each in layers) or "nobody"
        raise AnalysisError("QC-A025", f"there is nobody to compare: {who} alone has coded",
                            hint="Let a second person code, or compare with the machine: --machine")  # fmt: skip
    return _cut(project, done.study, options.get("level")), layers


def _cut(project: Views, study: Study, level: str | None) -> Study:
    """Return the study cut into sentences or passages where these are asked for: only the index can cut them."""
    if level not in ("sentence", "passage") or level == study.unit:
        return study
    index = project._corpus().index
    unit = cast("Unit", level)
    units = {case.id: index.unit_spans(case.id, unit) for case in study.cases}
    return dataclasses.replace(study, units=units, unit=unit)


def _agreement(project: Views, codebook: str | None, options: dict[str, Any], by: str | None) -> Table:
    from qualcode.analysis import agreement

    _no_by("agreement", by)
    study, layers = _between(project, codebook, options)
    return agreement(study, layers, **_coded(options))


def _disagreements(project: Views, codebook: str | None, options: dict[str, Any], by: str | None) -> Table:
    from qualcode.analysis import disagreements

    _no_by("disagreements", by)
    study, layers = _between(project, codebook, options)
    return disagreements(study, layers, **_coded(options))


def _confusions(project: Views, codebook: str | None, options: dict[str, Any], by: str | None) -> Table:
    from qualcode.analysis import confusions

    _no_by("confusions", by)
    study, layers = _between(project, codebook, options)
    return confusions(study, layers, **options)


def _saturation(project: Views, codebook: str | None, options: dict[str, Any], by: str | None) -> Table:
    from qualcode.analysis import saturation

    _no_by("saturation", by)
    return saturation(project.coded(codebook).study, **options)


def _cooccurrence(project: Views, codebook: str | None, options: dict[str, Any], by: str | None) -> Table:
    from qualcode.analysis import cooccurrence

    _no_by("cooccurrence", by)
    return cooccurrence(_cut(project, project.coded(codebook).study, options.get("unit")), **_coded(options))


def _attributes(project: Views, codebook: str | None, options: dict[str, Any], by: str | None) -> Table:
    from qualcode.analysis import association
    from qualcode.project.coding import table_of

    study = project.coded(codebook).study
    return table_of("attributes", study) if by is None else association(study, by=by, **_coded(options))


def _keyness(project: Views, codebook: str | None, options: dict[str, Any], by: str | None) -> Table:
    from qualcode.analysis import code_keyness, keyness
    from qualcode.analysis.keyness import WordCounts

    study = project.coded(codebook).study
    code = options.pop("code", None)
    if (code is None) == (by is None):
        raise AnalysisError("QC-A024", "say what to compare: groups of documents, or a code with the rest",
                            hint="One of --by ATTRIBUTE and --code CODE.")  # fmt: skip
    if code is not None:
        options.pop("groups", None)
        return code_keyness(study, project._code_named(code, study.codebook), **options)
    index = project._corpus().index
    matrix, words = index.document_term_matrix()
    counts = WordCounts(tuple(key for key, _, _ in index.documents()), tuple(words), matrix)
    return keyness(study, counts, by=cast(str, by), **options)


def _prevalence(project: Views, codebook: str | None, options: dict[str, Any], by: str | None) -> Table:
    from qualcode.analysis import prevalence
    from qualcode.project.sampling import Sampling

    _no_by("prevalence", by)
    done = project.coded(codebook)
    machine = project.machine_codings(codebook)
    asked = options.pop("sample", None)
    drawn: HandSample | None = None
    if isinstance(project, Sampling):
        try:
            drawn = hand_sample(project.sample(asked, codebook=codebook))
        except LedgerError:
            if asked is not None:
                raise
    study = _cut(project, done.study, drawn.unit if drawn is not None else None)
    return prevalence(study, drawn, machine=machine, **_coded(options))


def _topics(project: Views, codebook: str | None, options: dict[str, Any], by: str | None) -> Table:
    from qualcode.project.topics import Topics

    # The tables take any view of a project; topics are fitted from one that is whole.
    return cast(Topics, project).topic_table(by=by, codebook=codebook, **_coded(options))


def _evaluation(project: Views, codebook: str | None, options: dict[str, Any], by: str | None) -> Table:
    from qualcode.analysis.evaluation import evaluation_table
    from qualcode.project.evaluating import Evaluating

    _no_by("evaluation", by)
    people = list(options.pop("people", None) or ())
    assert isinstance(project, Evaluating)  # every project is one
    against = people[0] if people else None
    return evaluation_table(project.evaluate(against, codebook=codebook, terms=False, **_coded(options)))


def _classifier(project: Views, codebook: str | None, options: dict[str, Any], by: str | None) -> Table:  # noqa: ARG001
    from qualcode.project.learning import Learning

    _no_by("classifier", by)
    assert isinstance(project, Learning)
    return project.classifier_table(codebook)


def _blindspots(project: Views, codebook: str | None, options: dict[str, Any], by: str | None) -> Table:
    from qualcode.project.blindspots import BlindspotVerbs

    _no_by("blindspots", by)
    # The tables take any view of a project; what coders see of talk is known where it is whole.
    return cast(BlindspotVerbs, project).blindspot_table(codebook=codebook, **options)


def _reading(project: Views, codebook: str | None, options: dict[str, Any], by: str | None) -> Table:
    from qualcode.project.reading_order import ReadingOrder

    _no_by("reading", by)
    assert isinstance(project, ReadingOrder)
    return project.reading_table(codebook=codebook, **_coded(options))


def hand_sample(sample: HandCoded) -> HandSample:
    """Return a sample of the ledger as :func:`qualcode.analysis.prevalence` takes it."""
    from qualcode.analysis.handsample import DrawnUnit, HandSample

    units = tuple(
        DrawnUnit(place.document_id, place.span, probability, sample.labels.get(number))
        for number, (place, probability) in enumerate(sample.units)
    )
    return HandSample(units, cast(Any, sample.unit), cast(Any, sample.by), "; ".join(sample.coders), sample.seed)


def _coded(options: dict[str, Any]) -> dict[str, Any]:
    """Return settings with one code given alone as a list of one."""
    codes = options.get("codes")
    return {**options, "codes": [codes]} if isinstance(codes, str) else options


def _no_by(name: str, by: str | None) -> None:
    if by is not None:
        raise AnalysisError("QC-A023", f"the table {name!r} is not split by an attribute", hint="Leave --by out.")


def check_name(name: str) -> None:
    """Raise AnalysisError QC-A020 when a project has no table of this name."""
    from difflib import get_close_matches

    from qualcode.project.coding import TABLES

    names = list(dict.fromkeys((*TABLES, *OPTIONS)))
    if name not in names:
        near = get_close_matches(name, names, n=1)
        raise AnalysisError("QC-A020", f"there is no table {name!r}",
                            hint=f"Did you mean {near[0]!r}?" if near else f"Tables: {', '.join(names)}.")  # fmt: skip


_MAKERS: Mapping[str, Callable[[Views, str | None, dict[str, Any], str | None], Table]] = {
    "agreement": _agreement,
    "disagreements": _disagreements,
    "confusions": _confusions,
    "saturation": _saturation,
    "cooccurrence": _cooccurrence,
    "attributes": _attributes,
    "keyness": _keyness,
    "prevalence": _prevalence,
    "reading": _reading,
    "evaluation": _evaluation,
    "topics": _topics,
    "blindspots": _blindspots,
    "classifier": _classifier,
}
