"""The lemmas of a word form: our hand-checked corrections first, then spaCy's lookup table, then endings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from qualcode.text.fold import fold
from qualcode.text.nlp import lemma_table

__all__ = ["corrections", "lemmas_of", "query_lemma"]


@cache
def corrections() -> Mapping[str, tuple[str, ...]]:
    """Return the hand-checked forms with their lemmas, the form's own lemma first (``lemmas.yaml``)."""
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # all text: "no" is a word, not false
    raw = yaml.load(files("qualcode.text").joinpath("lemmas.yaml").read_text("utf-8"), Loader=loader)
    return {fold(form): tuple(fold(lemma) for lemma in lemmas) for form, lemmas in raw["forms"].items()}


@cache
def lemmas_of(folded: str) -> tuple[str, ...]:
    """Return the lemmas of a folded word form, its own first; never empty.

    A form may belong to two lemmas ("leaves": leave, leaf). A form that no table knows is cut by the regular English
    endings when that gives a word the tables know; otherwise it is its own lemma.

    >>> lemmas_of("leaves")
    ('leave', 'leaf')
    >>> lemmas_of("worse")
    ('bad', 'worse')
    """
    found = corrections().get(folded)
    if found is not None:
        return found
    table = lemma_table()
    lemma = table.get(folded)
    if lemma is not None and lemma != folded and not lemma.isdigit():  # the table turns "third" into "3"
        base = corrections().get(lemma, (lemma,))[0]
        if folded not in _stems():
            return (base,)
        return (base, folded) if folded.endswith("ing") else (folded, base)
    if lemma is not None or folded in _headwords() or not folded.isalpha() or len(folded) < 5:
        return (folded,)
    return (_by_ending(folded),)


def query_lemma(word: str) -> str:
    """Return the lemma that a query word asks for: itself when it is a lemma of its own, else its first.

    >>> query_lemma("leads"), query_lemma("meeting"), query_lemma("met")
    ('lead', 'meeting', 'meet')
    """
    folded = fold(word)
    lemmas = lemmas_of(folded)
    return folded if folded in lemmas else lemmas[0]


@cache
def _headwords() -> frozenset[str]:
    return frozenset(lemma_table().values()) | {lemma for lemmas in corrections().values() for lemma in lemmas}


@cache
def _stems() -> frozenset[str]:
    """Return the lemmas of other forms: "marking" belongs to itself and to "mark", as "markings" does."""
    return frozenset(lemma for form, lemma in lemma_table().items() if form != lemma and form not in corrections())


def _by_ending(form: str) -> str:
    known = _headwords()
    for candidate in _candidates(form):
        if candidate in known:
            return query_lemma(candidate)
    return query_lemma(form[:-1]) if form.endswith("s") and not form.endswith(("ss", "us", "is")) else form


def _candidates(form: str) -> tuple[str, ...]:
    if form.endswith("ies"):
        return (form[:-3] + "y", form[:-1])
    if form.endswith(("sses", "shes", "ches", "xes", "zes")):
        return (form[:-2], form[:-1])
    if form.endswith("s") and not form.endswith(("ss", "us", "is")):
        return (form[:-1],)
    for ending in ("ied", "ed", "ing"):
        if form.endswith(ending):
            stem = form[: -len(ending)]
            if ending == "ied":
                return (stem + "y",)
            doubled = (stem[:-1],) if len(stem) > 2 and stem[-1] == stem[-2] else ()
            return (*doubled, stem, stem + "e")
    return ()
