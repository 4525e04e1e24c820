"""Whether the parts of a codebook name each other rightly: ids, parents, sources, variants, facets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from qualcode.codebook.build import in_variant, rule_id
from qualcode.codebook.findings import Findings, did_you_mean
from qualcode.codebook.reading import Path, Sheet
from qualcode.codebook.schema import BookEntry, CodeEntry

__all__ = ["check_references"]

_CUES = ("negation", "hedging", "hypothetical")


def check_references(book: BookEntry, sheet: Sheet, findings: Findings) -> None:
    """Add everything that is wrong with ids and with what names them to ``findings``."""
    _unique_names(book, sheet, findings)
    _labels(book, sheet, findings)
    ids = {code.id: code for code in book.codes}
    _parents(book, ids, sheet, findings)
    _relations(book, ids, sheet, findings)
    _sources(book, sheet, findings)
    _variants(book, ids, sheet, findings)
    _facets(book, sheet, findings)
    _content(book, sheet, findings)


def _unique_names(book: BookEntry, sheet: Sheet, findings: Findings) -> None:
    def once(kind: str, code: str, named: Iterable[tuple[str, Path]]) -> None:
        first: dict[str, Path] = {}
        for name, path in named:
            earlier = first.setdefault(name.casefold(), path)
            if earlier is not path:
                line = sheet.place(earlier).line
                message = f"the {kind} {name!r} is used twice; the first is in line {line}"
                findings.error(code, message, sheet.place(path), "Capitals make no difference. Give one another name.")

    codes = list(enumerate(book.codes))
    once("code id", "QC-C020", ((code.id, ("codes", n, "id")) for n, code in codes))
    once("source id", "QC-C026", ((each.id, ("sources", n, "id")) for n, each in enumerate(book.sources)))
    once("facet", "QC-C026", ((each.id, ("facets", n, "id")) for n, each in enumerate(book.facets)))
    once("attribute", "QC-C026", ((each.name, ("attributes", n, "name")) for n, each in enumerate(book.attributes)))
    once("variant", "QC-C026", ((each.id, ("variants", n, "id")) for n, each in enumerate(book.variants)))
    rules = [
        (rule_id(code, m), ("codes", n, "rules", m, *(("id",) if rule.id else ())))
        for n, code in codes
        for m, rule in enumerate(code.rules)
    ]
    once("rule id", "QC-C026", rules)


def _labels(book: BookEntry, sheet: Sheet, findings: Findings) -> None:
    """Two codes must not be called the same; an alternative name that is also another's only draws a warning."""
    main: dict[str, tuple[str, Path]] = {}
    for n, code in enumerate(book.codes):
        main.setdefault(code.id.casefold(), (code.id, ("codes", n)))
    for n, code in enumerate(book.codes):
        path: Path = ("codes", n, "label")
        other, where = main.setdefault(code.label.casefold(), (code.id, path))
        if other != code.id:
            message = f"the label {code.label!r} of code {code.id!r} is also that of code {other!r}"
            findings.error("QC-C021", f"{message} in line {sheet.place(where).line}", sheet.place(path), "Rename one.")
    seen = dict(main)
    for n, code in enumerate(book.codes):
        for m, name in enumerate(code.alt_labels):
            path = ("codes", n, "alt_labels", m)
            other, _ = seen.setdefault(name.casefold(), (code.id, path))
            if other != code.id:
                message = f"the alternative label {name!r} of code {code.id!r} also names code {other!r}"
                findings.warn("QC-C107", message, sheet.place(path), "Searching by this name finds only one of them.")


def _parents(book: BookEntry, ids: Mapping[str, CodeEntry], sheet: Sheet, findings: Findings) -> None:
    reported: set[str] = set()
    for n, code in enumerate(book.codes):
        if code.parent is None:
            continue
        path: Path = ("codes", n, "parent")
        if code.parent not in ids:
            message = f"code {code.id!r} names parent {code.parent!r}, which does not exist."
            findings.error("QC-C012", message, sheet.place(path), did_you_mean(code.parent, ids))
            continue
        chain = [code.id]
        while (parent := ids[chain[-1]].parent) is not None and parent in ids and parent not in chain:
            chain.append(parent)
        if parent == code.id and not reported & set(chain):
            reported.update(chain)
            round_trip = " → ".join([*chain, code.id])
            message = f"code {code.id!r} is its own ancestor: {round_trip}"
            findings.error("QC-C022", message, sheet.place(path), "Take one of these parents away.")


def _ancestors(code: CodeEntry, ids: Mapping[str, CodeEntry]) -> list[str]:
    found: list[str] = []
    parent = code.parent
    while parent is not None and parent in ids and parent not in found:
        found.append(parent)
        parent = ids[parent].parent
    return found


def _relations(book: BookEntry, ids: Mapping[str, CodeEntry], sheet: Sheet, findings: Findings) -> None:
    def known(name: str | None, path: Path, owner: str, key: str) -> None:
        if name is not None and name not in ids:
            message = f"{key} of {owner} names code {name!r}, which does not exist."
            findings.error("QC-C023", message, sheet.place(path), did_you_mean(name, ids))

    for n, code in enumerate(book.codes):
        owner, path = f"code {code.id!r}", ("codes", n)
        for key, guidance in (("include", code.include), ("exclude", code.exclude)):
            for m, line in enumerate(guidance):
                known(line.see, (*path, key, m, "see"), owner, "see")
        known(code.replaced_by, (*path, "replaced_by"), owner, "replaced_by")
        for key in ("opposite_of", "excludes", "often_with"):
            for m, name in enumerate(getattr(code, key)):
                known(name, (*path, key, m), owner, key)
                if name == code.id:
                    message = f"{key} of {owner} names the code itself"
                    findings.error("QC-C029", message, sheet.place((*path, key, m)), "Remove it.")
        for m, name in enumerate(code.excludes):
            if name in ids and (name in _ancestors(code, ids) or code.id in _ancestors(ids[name], ids)):
                message = f"{owner} excludes {name!r}, which lies above or below it: no coding could satisfy that"
                findings.error("QC-C029", message, sheet.place((*path, "excludes", m)), "Remove it.")
        if code.replaced_by == code.id:
            findings.error("QC-C029", f"{owner} is replaced by itself", sheet.place((*path, "replaced_by")))
        if code.status == "retired" and code.replaced_by is None and not code.notes:
            message = f"{owner} is retired, but neither replaced_by nor notes say what became of it"
            findings.error("QC-C027", message, sheet.place((*path, "status")), "Add replaced_by: or notes:.")
    for n, crosswalk in enumerate(book.crosswalks):
        for m, link in enumerate(crosswalk.links):
            known(link.from_, ("crosswalks", n, "links", m, "from"), f"the crosswalk to {crosswalk.to!r}", "from")


def _sources(book: BookEntry, sheet: Sheet, findings: Findings) -> None:
    ids = [source.id for source in book.sources]

    def known(name: str, path: Path, owner: str) -> None:
        if name not in ids:
            message = f"{owner} names source {name!r}, which is not among the sources."
            findings.error("QC-C024", message, sheet.place(path), did_you_mean(name, ids) or "Add it to sources:.")

    for n, code in enumerate(book.codes):
        for m, name in enumerate(code.sources):
            known(name, ("codes", n, "sources", m), f"code {code.id!r}")
        for m, figure in enumerate(code.figures):
            if figure.source is not None:
                known(figure.source, ("codes", n, "figures", m, "source"), f"a figure of code {code.id!r}")


def _variants(book: BookEntry, ids: Mapping[str, CodeEntry], sheet: Sheet, findings: Findings) -> None:
    variants = [each.id for each in book.variants]

    def known(name: str, path: Path, owner: str) -> None:
        if name not in variants:
            message = f"{owner} names variant {name!r}, which is not among the variants."
            hint = did_you_mean(name, variants) or "Add it to variants:."
            findings.error("QC-C025", message, sheet.place(path), hint)

    if book.default_variant is not None:
        known(book.default_variant, ("default_variant",), "default_variant")
    if "all" in variants:
        message = "a variant cannot be called 'all': that name stands for every variant together"
        findings.error("QC-C025", message, sheet.place(("variants", variants.index("all"), "id")))
    for n, code in enumerate(book.codes):
        for m, name in enumerate(code.variants):
            known(name, ("codes", n, "variants", m), f"code {code.id!r}")
        for m, revision in enumerate(code.revised):
            known(revision.variant, ("codes", n, "revised", m, "variant"), f"a revision of code {code.id!r}")
        parent = ids.get(code.parent or "")
        if parent is None or not parent.variants:
            continue
        alone = [each for each in variants if in_variant(code, each) and not in_variant(parent, each)]
        if alone:
            message = f"code {code.id!r} is in {', '.join(alone)}, but its parent {parent.id!r} is not"
            path: Path = ("codes", n, "variants") if code.variants else ("codes", n)
            findings.error("QC-C025", message, sheet.place(path), f"Give it variants: [{', '.join(parent.variants)}].")


def _facets(book: BookEntry, sheet: Sheet, findings: Findings) -> None:
    values = {facet.id: facet.values for facet in book.facets}

    def allowed(facet: str, value: str, path: Path, owner: str, *, key: bool = False) -> None:
        if facet not in values:
            message = f"{owner} uses the facet {facet!r}, which is not among the facets."
            hint = did_you_mean(facet, values) or "Declare it."
            findings.error("QC-C028", message, sheet.place(path, key=True), hint)
        elif value not in values[facet]:
            options = ", ".join(values[facet])
            message = f"{owner} gives {facet} the value {value!r}, but it has only {options}"
            findings.error("QC-C028", message, sheet.place(path, key=key), did_you_mean(value, values[facet]))

    for n, facet in enumerate(book.facets):
        if facet.default is not None:
            allowed(facet.id, facet.default, ("facets", n, "default"), f"facet {facet.id!r}")
    for n, code in enumerate(book.codes):
        for m, rule in enumerate(code.rules):
            owner, path = f"rule {rule_id(code, m)!r}", ("codes", n, "rules", m)
            for name, value in rule.set.items():
                allowed(name, value, (*path, "set", name), owner)
            for value in rule.stance:
                allowed("stance", value, (*path, "stance", value), owner, key=True)


def _content(book: BookEntry, sheet: Sheet, findings: Findings) -> None:
    """Add warnings for what a code still lacks, and for cue lists that nothing reads."""
    for name in book.cues:
        hint = did_you_mean(name, _CUES)
        if name not in _CUES and hint:
            message = f"the cue list {name!r} sets a flag of that name, not one of {', '.join(_CUES)}."
            findings.warn("QC-C110", message, sheet.place(("cues", name), key=True), hint)
    lacks: tuple[tuple[str, str, Callable[[CodeEntry], bool]], ...] = (
        ("QC-C101", "definition", lambda code: not code.definition),
        ("QC-C102", "examples", lambda code: not (code.examples.typical or code.examples.atypical)),
        ("QC-C103", "rules", lambda code: not code.rules),
    )
    for n, code in enumerate(book.codes):
        if code.status == "retired":
            continue
        for number, what, is_missing in lacks:
            if is_missing(code) and (code.codable or what == "definition"):
                findings.warn(number, f"code {code.id!r} has no {what}", sheet.place(("codes", n)))
