"""Whether a codebook's rules, word lists and cues can be run: they parse, and what they name exists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qualcode.codebook.build import in_variant, rule_id
from qualcode.codebook.findings import Findings, did_you_mean
from qualcode.codebook.reading import Path, Sheet
from qualcode.codebook.schema import BookEntry, CodeEntry, RuleEntry

if TYPE_CHECKING:
    from qualcode.errors import Place
    from qualcode.query.ast import Filter

__all__ = ["check_queries"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ATTRIBUTES = _words(
    "ORTH TEXT NORM LOWER LENGTH IS_ALPHA IS_ASCII IS_DIGIT IS_LOWER IS_UPPER IS_TITLE IS_PUNCT IS_SPACE IS_STOP "
    "IS_SENT_START SENT_START IS_CURRENCY IS_QUOTE IS_BRACKET IS_LEFT_PUNCT IS_RIGHT_PUNCT LIKE_NUM LIKE_URL "
    "LIKE_EMAIL SPACY LEMMA SHAPE PREFIX SUFFIX OP"
)
_NEEDS_A_MODEL = _words("POS TAG MORPH DEP ENT_TYPE ENT_ID ENT_IOB ENT_KB_ID")
_OPERATOR = re.compile(r"[!?+*]|\{\d+\}|\{\d*,\d+\}|\{\d+,\d*\}")


@dataclass(frozen=True, slots=True)
class _Named:
    """What one query names: word lists and filters, each with its place in the file."""

    lexicons: tuple[tuple[str, Place], ...] = ()
    filters: tuple[tuple[Filter, Place], ...] = ()


def check_queries(book: BookEntry, sheet: Sheet, findings: Findings) -> None:
    """Add everything that is wrong with rules, word lists and cues to ``findings``."""
    lexicons: dict[str, list[_Named]] = {}
    for name, items in book.lexicons.items():
        owner = f"word list ${name}"
        lexicons[name] = [_read(item, ("lexicons", name, n), owner, sheet, findings) for n, item in enumerate(items)]
    rules: dict[str, list[_Named]] = {}
    for n, code in enumerate(book.codes):
        _thresholds(code, n, book, sheet, findings)
        _twice(code, n, sheet, findings)
        named = rules.setdefault(code.id, [])
        for m, rule in enumerate(code.rules):
            named.extend(_rule(rule, rule_id(code, m), ("codes", n, "rules", m), sheet, findings))
    cues = [
        _read(item, ("cues", name, key, n), f"{key} of {name!r}", sheet, findings)
        for name, cue in book.cues.items()
        for key, items in (("cues", cue.cues), ("exempt", cue.exempt))
        for n, item in enumerate(items)
    ]
    every = [each for some in (*lexicons.values(), cues, *rules.values()) for each in some]
    _lexicons(every, lexicons, sheet, findings)
    _attributes(every, book, findings)
    _code_filters(book, rules, lexicons, every, sheet, findings)


def _rule(rule: RuleEntry, name: str, path: Path, sheet: Sheet, findings: Findings) -> Iterator[_Named]:
    has_one = (rule.find is not None) + (rule.tokens is not None)
    written_keys = set(sheet.branch(path).keys)
    told_before = written_keys - set(RuleEntry.model_fields) or (written_keys & {"find", "tokens"} and not has_one)
    if has_one != 1 and not told_before:
        has = "neither find nor tokens" if rule.find is None else "both find and tokens"
        findings.error("QC-C031", f"rule {name!r} has {has}", sheet.place(path), "A rule has exactly one of them.")
    if rule.find is not None:
        written = (*path, "find") if "find" in sheet.branch(path).values else path
        yield _read(rule.find, written, f"rule {name!r}", sheet, findings)
    for n, token in enumerate(rule.tokens or ()):
        _token(token, name, (*path, "tokens", n), sheet, findings)
    for value, words in rule.stance.items():
        for n, word in enumerate(words):
            yield _read(word, (*path, "stance", value, n), f"stance of rule {name!r}", sheet, findings)


def _read(query: str, path: Path, owner: str, sheet: Sheet, findings: Findings) -> _Named:
    """Parse a query; return what it names, or nothing with the error added to ``findings``."""
    from qualcode.errors import QueryError
    from qualcode.query.parse import filters_used, lexicons_used, parse

    try:
        expression = parse(query)
    except QueryError as error:
        where = error.where
        line, column = (where.line or 1, where.column or 1) if where is not None else (1, 1)
        code = "QC-C036" if error.code == "QC-Q009" else "QC-C030"
        reason = error.message.split("\n", 1)[0]
        place = sheet.place_in_query(path, line, column)
        findings.error(code, f"{owner} cannot be read: {reason} ({error.code})", place, error.hint)
        return _Named()
    lists = tuple((each.name, sheet.place_in_query(path, 1, each.column + 1)) for each in lexicons_used(expression))
    filters = tuple((each, sheet.place_in_query(path, 1, each.column + 1)) for each in filters_used(expression))
    return _Named(lists, filters)


def _token(token: Mapping[str, Any], name: str, path: Path, sheet: Sheet, findings: Findings) -> None:
    for key, value in token.items():
        place = sheet.place((*path, key), key=True)
        if key.upper() in _NEEDS_A_MODEL:
            message = f"rule {name!r} asks for {key}, which only a trained spaCy model would give: it never fires"
            findings.warn("QC-C111", message, place, "Use LEMMA, LOWER or a query.")
        elif key.upper() not in _ATTRIBUTES and key != "_":
            hint = did_you_mean(key, _ATTRIBUTES) or "See spaCy's Matcher."
            message = f"rule {name!r} asks for the token attribute {key!r}, which is unknown."
            findings.error("QC-C038", message, place, hint)
        elif key.upper() == "OP" and not _OPERATOR.fullmatch(str(value)):
            message = f"rule {name!r} has the operator {value!r}"
            findings.error("QC-C038", message, place, "Use one of ! ? + * {n} {n,m} {n,} {,m}.")


def _thresholds(code: CodeEntry, number: int, book: BookEntry, sheet: Sheet, findings: Findings) -> None:
    """A score is made of the weights; one that can never reach the threshold never suggests anything."""
    weights = [rule.weight for rule in code.rules]
    if not weights:
        return
    threshold = book.defaults.threshold if code.threshold is None else code.threshold
    combine = code.combine or book.defaults.combine
    path: Path = ("codes", number)
    positive = [weight for weight in weights if weight > 0]
    best = _best(positive, combine)
    if best < threshold - 1e-9:
        own = code.threshold is not None
        place = sheet.place((*path, "threshold")) if own else sheet.place((*path, "rules"), key=True)
        reach = f"the rules of code {code.id!r} reach {best:.3g} at most ({combine})"
        message = f"{reach}, below its threshold {threshold:.3g}"
        findings.error("QC-C037", message, place, "Raise a weight, or lower the threshold.")
    elif combine == "max":
        for n, weight in enumerate(weights):
            if 0 < weight < threshold - 1e-9:
                name = rule_id(code, n)
                message = f"rule {name!r} has weight {weight:.3g}: with combine: max it never suggests anything"
                hint = "Raise it, or give the code combine: sum or noisy_or."
                findings.warn("QC-C109", message, sheet.place((*path, "rules", n)), hint)


def _best(weights: list[float], combine: str) -> float:
    if combine == "sum":
        return sum(weights)
    if combine == "max":
        return max(weights, default=0.0)
    miss = 1.0
    for weight in weights:
        miss *= 1 - weight
    return 1 - miss


def _twice(code: CodeEntry, number: int, sheet: Sheet, findings: Findings) -> None:
    first: dict[str, int] = {}
    for n, rule in enumerate(code.rules):
        if rule.find is None:
            continue
        earlier = first.setdefault(" ".join(rule.find.split()), n)
        if earlier != n:
            line = sheet.place(("codes", number, "rules", earlier)).line
            message = f"rule {rule_id(code, n)!r} is the same query as {rule_id(code, earlier)!r} in line {line}"
            findings.warn("QC-C104", message, sheet.place(("codes", number, "rules", n)), "Remove one of them.")


def _lexicons(every: list[_Named], lexicons: Mapping[str, list[_Named]], sheet: Sheet, findings: Findings) -> None:
    used: set[str] = set()
    for named in every:
        for name, place in named.lexicons:
            used.add(name)
            if name not in lexicons:
                message = f"the word list ${name} does not exist."
                findings.error("QC-C032", message, place, did_you_mean(name, lexicons) or "Add it to lexicons:.")
    inside = {name: {other for item in items for other, _ in item.lexicons} for name, items in lexicons.items()}
    for round_trip in _cycles(inside):
        message = f"the word list ${round_trip[0]} contains itself: {' → '.join('$' + name for name in round_trip)}"
        findings.error("QC-C033", message, sheet.place(("lexicons", round_trip[0]), key=True), "Write the words out.")
    for name in lexicons:
        if name not in used:
            message = f"the word list ${name} is not used"
            findings.warn("QC-C105", message, sheet.place(("lexicons", name), key=True), "Use it, or remove it.")


def _attributes(every: list[_Named], book: BookEntry, findings: Findings) -> None:
    declared = {each.name.casefold(): each.name for each in book.attributes}
    for named in every:
        for each, place in named.filters:
            if each.kind == "attr" and declared and each.name.casefold() not in declared:
                message = f"the attribute {each.name!r} is not among the attributes."
                findings.warn("QC-C108", message, place, did_you_mean(each.name, declared.values()) or "Declare it.")


def _code_filters(
    book: BookEntry,
    rules: Mapping[str, list[_Named]],
    lexicons: Mapping[str, list[_Named]],
    every: list[_Named],
    sheet: Sheet,
    findings: Findings,
) -> None:
    names = _names(book)
    for named in every:
        for each, place in named.filters:
            if each.kind == "code" and each.value.casefold() not in names:
                message = f"code:{each.value} names no code."
                findings.error("QC-C034", message, place, did_you_mean(each.value, _spoken(book)))
    below = _below(book)
    entries = {code.id: code for code in book.codes}
    needs: dict[str, set[str]] = {}
    for owner, used in rules.items():
        needs[owner] = set()
        for each, place in _with_lexicons(used, lexicons):
            found = names.get(each.value.casefold()) if each.kind == "code" else None
            if found is None:
                continue
            needs[owner] |= {found, *below[found]}
            missing = [
                variant.id
                for variant in book.variants
                if in_variant(entries[owner], variant.id) and not in_variant(entries[found], variant.id)
            ]
            if missing:
                message = f"a rule of code {owner!r} looks for code:{each.value}, which is not in {', '.join(missing)}"
                findings.error("QC-C034", message, place, "Use a code that every variant of this one has.")
    numbers = {code.id: n for n, code in enumerate(book.codes)}
    for round_trip in _cycles(needs):
        message = f"the rules of code {round_trip[0]!r} wait for its own codings: {' → '.join(round_trip)}"
        hint = "A code: filter covers the code and all below it. Take one of these filters away."
        findings.error("QC-C035", message, sheet.place(("codes", numbers[round_trip[0]], "rules"), key=True), hint)


def _names(book: BookEntry) -> dict[str, str]:
    """Return the code id for each name that ``code:`` may use, case folded."""
    names: dict[str, str] = {}
    for words in (lambda code: [code.id], lambda code: [code.label], lambda code: code.alt_labels):
        for code in book.codes:
            for word in words(code):
                names.setdefault(word.casefold(), code.id)
    return names


def _spoken(book: BookEntry) -> list[str]:
    return [name for code in book.codes for name in (code.id, code.label)]


def _below(book: BookEntry) -> dict[str, set[str]]:
    """Return for each code the ids of all codes under it; cycles of parents are cut."""
    parents = {code.id: code.parent for code in book.codes}
    below: dict[str, set[str]] = {code: set() for code in parents}
    for code, above in parents.items():
        seen = {code}
        while above is not None and above in parents and above not in seen:
            below[above].add(code)
            seen.add(above)
            above = parents[above]
    return below


def _with_lexicons(used: list[_Named], lexicons: Mapping[str, list[_Named]]) -> Iterator[tuple[Filter, Place]]:
    """Yield the filters of some queries and of the word lists that they use, at the place of the query."""
    for named in used:
        yield from named.filters
        for name, place in named.lexicons:
            waiting, seen = [name], {name}
            while waiting:
                for item in lexicons.get(waiting.pop(), ()):
                    yield from ((each, place) for each, _ in item.filters)
                    waiting.extend(other for other, _ in item.lexicons if other not in seen)
                    seen.update(other for other, _ in item.lexicons)


def _cycles(graph: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """Yield each cycle of a graph once, as a path that ends where it began."""
    done: set[str] = set()
    for start in graph:
        if start in done:
            continue
        came_from: dict[str, str] = {}
        waiting = sorted(graph[start])
        came_from.update(dict.fromkeys(waiting, start))
        while waiting and start not in came_from:
            here = waiting.pop(0)
            for after in sorted(graph.get(here, ())):
                if after not in came_from:
                    came_from[after] = here
                    waiting.append(after)
        if start in came_from:
            path = [start]
            while path[-1] != start or len(path) == 1:
                path.append(came_from[path[-1]])
            done.update(path)
            yield path[::-1]
