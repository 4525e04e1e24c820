"""The only module that imports spaCy: its English tokenizer, its lemma table, its models and its Matcher.

Nothing here downloads anything: a model is used when the user names one that is installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from qualcode.errors import CodingError, MissingExtraError
from qualcode.text.fold import fold

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokenizer import Tokenizer
    from spacy.tokens import Doc

__all__ = [
    "blank_tokenizer",
    "lemma_table",
    "load_model",
    "match_token_patterns",
    "model_readings",
    "model_version",
    "spacy_version",
    "special_cases",
    "tokenise_chunks",
]

SPOKEN_EXCEPTIONS: Mapping[str, tuple[str, ...]] = {
    "y'know": ("y'", "know"),
    "y'see": ("y'", "see"),
    "d'you": ("d'", "you"),
    "d'ya": ("d'", "ya"),
    "d'yer": ("d'", "yer"),
    "d'they": ("d'", "they"),
    "d'we": ("d'", "we"),
    "t'other": ("t'", "other"),
    "th'other": ("th'", "other"),
    "int'": ("in", "t'"),
    "on't": ("on", "'t"),
}
"""Spoken words that spaCy's own rules leave whole; each is cut where a researcher would look for its parts."""

SPOKEN_INFIX = (
    r"(?<=[A-Za-z])(?=(?:[Nn]['\u2019][Tt]|['\u2019](?:[SsDdMm]|ll|ve|re|LL|VE|RE))"
    r"(?:$|[-\u2013\u2014~\u2026/,:]|\.[A-Z.]))"
)
"""Cuts *head'll*, *kids'd* and the *n't* of *don't\u2014I*: spaCy's own rules know whole chunks and pronouns only."""

SPOKEN_PREFIX, SPOKEN_SUFFIX = r"-+(?=[A-Za-z])", r"(?<=[A-Za-z'\u2019])-+"
"""Cut the hyphens with which a typist breaks off or takes up again (*we never- we did*, *--well*) from the word."""


def spacy_version() -> str:
    """Return the version of the installed spaCy."""
    from importlib.metadata import version

    return version("spacy")


@cache
def blank_tokenizer() -> Language:
    """Return spaCy's blank English pipeline with the exceptions for spoken English added."""
    import spacy
    from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

    nlp = spacy.blank("en")
    nlp.max_length = 2_000_000_000
    tokenizer: Any = nlp.tokenizer
    rules: Any = nlp.Defaults
    tokenizer.prefix_search = compile_prefix_regex([*rules.prefixes, SPOKEN_PREFIX]).search
    tokenizer.suffix_search = compile_suffix_regex([*rules.suffixes, SPOKEN_SUFFIX]).search
    tokenizer.infix_finditer = compile_infix_regex([*rules.infixes, SPOKEN_INFIX]).finditer
    for whole, parts in SPOKEN_EXCEPTIONS.items():
        for spelling in _spellings(whole):
            tokenizer.add_special_case(spelling, [{"ORTH": part} for part in _cut_like(spelling, parts)])
    for whole, cut in list(tokenizer.rules.items()):
        shouted = whole.upper()
        if shouted not in tokenizer.rules and len(cut) > 1 and ("'" in whole or "\u2019" in whole or whole in _JOINED):
            shouts = [next(iter(token.values())).upper() for token in cut]
            tokenizer.add_special_case(shouted, [{"ORTH": part} for part in shouts])
    return nlp


_JOINED = frozenset({"cannot", "gonna", "gotta"})
"""Exceptions without an apostrophe that are cut in capitals too; ID, IM and WERE are not I'd, I'm and we're."""


def _spellings(whole: str) -> Iterator[str]:
    for cased in (whole, whole.capitalize()):
        yield cased
        if "'" in cased:
            yield cased.replace("'", "\u2019")


def _cut_like(spelling: str, parts: Sequence[str]) -> list[str]:
    cut, at = [], 0
    for part in parts:
        cut.append(spelling[at : at + len(part)])
        at += len(part)
    return cut


@cache
def _bare_tokenizer() -> Tokenizer:
    """Return the same tokenizer over a vocabulary without word shapes and the like, which only cost time here."""
    from spacy.tokenizer import Tokenizer
    from spacy.vocab import Vocab

    full: Any = blank_tokenizer().tokenizer
    return Tokenizer(
        Vocab(), rules=full.rules, prefix_search=full.prefix_search, suffix_search=full.suffix_search,
        infix_finditer=full.infix_finditer, token_match=full.token_match, url_match=full.url_match,
    )  # fmt: skip


@cache
def special_cases() -> frozenset[str]:
    """Return the chunks for which the tokenizer has a rule of their own."""
    tokenizer: Any = blank_tokenizer().tokenizer
    return frozenset(tokenizer.rules)


_PLAIN = re.compile(r"([A-Za-z]*[a-z]{2})[,;:?!.]?")


def tokenise_chunks(chunks: Sequence[str]) -> list[list[tuple[int, str]]]:
    """Return for each chunk (text without white space) its tokens as (offset in the chunk, text).

    They go through spaCy's tokenizer in one call: its result for a chunk depends on the chunk alone. Letters
    with at most one mark behind them need no call: no affix rule cuts plain letters, and each of these marks is
    a suffix rule of its own, so that spaCy cuts just the mark off (a property test compares the two).
    """
    rules = special_cases()
    quick: list[list[tuple[int, str]] | None] = []
    slow: list[str] = []
    for chunk in chunks:
        plain = _PLAIN.fullmatch(chunk)
        if plain is None or chunk in rules or plain[1] in rules:
            quick.append(None)
            slow.append(chunk)
        else:
            size = plain.end(1)
            quick.append([(0, chunk)] if size == len(chunk) else [(0, plain[1]), (size, chunk[size])])
    cut = iter(_cut_by_spacy(slow))
    return [next(cut) if tokens is None else tokens for tokens in quick]


def _cut_by_spacy(chunks: Sequence[str]) -> list[list[tuple[int, str]]]:
    # Two blanks: the second is a token, without which spaCy sees smileys across chunks (") :" for "):") and a
    # chunk's tokens would depend on its neighbours.
    doc: Doc = _bare_tokenizer()("  ".join(chunks))
    result: list[list[tuple[int, str]]] = []
    at = 0
    tokens = iter(doc)
    token = next(tokens, None)
    for chunk in chunks:
        end = at + len(chunk)
        found: list[tuple[int, str]] = []
        while token is not None and token.idx < end:
            if token.idx >= at:
                found.append((token.idx - at, token.text))
            token = next(tokens, None)
        result.append(found)
        at = end + 2
    return result


@cache
def lemma_table() -> Mapping[str, str]:
    """Return spaCy's English lookup table (word form to lemma), keys and values folded."""
    import gzip
    import json
    from pathlib import Path

    from spacy.util import registry

    # The loaded table is keyed by hashes; the file that the registry names holds the words themselves.
    source = Path(registry.lookups.get("en")["lemma_lookup"])
    raw = source.read_bytes() if source.exists() else gzip.decompress(Path(f"{source}.gz").read_bytes())
    data: Mapping[str, str] = json.loads(raw)
    return {fold(form): fold(lemma) for form, lemma in data.items()}


@cache
def load_model(name: str) -> Language:
    """Return an installed spaCy pipeline, by package name or folder.

    Raises:
        MissingExtraError: QC-M001 when it is not there. Nothing is downloaded.
    """
    import spacy

    try:
        return spacy.load(name)
    except (OSError, ValueError) as error:
        raise MissingExtraError(
            "QC-M001",
            f"there is no spaCy model {name!r} on this machine",
            hint="Install it yourself, or leave `model:` out of the recipe: qualcode never downloads one.",
        ) from error


def model_version(name: str) -> str:
    """Return what the recipe records of a model: its own name and version, such as ``en_core_web_sm 3.8.0``."""
    meta = load_model(name).meta
    return f"{meta.get('lang', '')}_{meta.get('name', '')} {meta.get('version', '')}"


def model_readings(name: str, texts: Iterable[str]) -> Iterator[list[tuple[int, int, str, str]]]:
    """Yield for each text its tokens as (start, end, lemma, tag) by the named model; lemmas folded, blanks left out."""
    for doc in load_model(name).pipe(texts):
        yield [
            (token.idx, token.idx + len(token), fold(token.lemma_), token.tag_) for token in doc if not token.is_space
        ]


def _matcher(patterns: Sequence[Sequence[Mapping[str, Any]]]) -> Any:
    from spacy.errors import MatchPatternError
    from spacy.matcher import Matcher

    matcher = Matcher(blank_tokenizer().vocab, validate=True)
    for number, pattern in enumerate(patterns):
        try:
            if any("_" in token for token in pattern):
                raise ValueError("extension attributes (_) are not there")
            matcher.add(str(number), [[dict(token) for token in pattern]])
        except (MatchPatternError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise CodingError(
                "QC-K010",
                f"spaCy refuses these token patterns: {reason}",
                hint="See spaCy's Matcher documentation for the keys that a token may have.",
            ) from error
    return matcher


def match_token_patterns(
    pattern: Sequence[Mapping[str, Any]], sentences: Iterable[tuple[Sequence[str], Sequence[str], Sequence[str]]]
) -> Iterator[list[tuple[int, int]]]:
    """Yield for each sentence, given as (words, lemmas, tags), all matches as token ranges, sorted.

    What only a trained model gives (POS, TAG, DEP, MORPH) is missing and never matches.

    Raises:
        CodingError: QC-K010 when spaCy refuses the pattern.
    """
    from spacy.tokens import Doc

    vocab = blank_tokenizer().vocab
    matcher = _matcher((tuple(pattern),))
    for words, lemmas, tags in sentences:
        doc = Doc(vocab, words=list(words), lemmas=list(lemmas), tags=list(tags))
        yield sorted({(start, end) for _, start, end in matcher(doc, allow_missing=True)})
