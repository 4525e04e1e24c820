"""The benchmark's own corpus and codebook: made from a seed, no real text in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from qualcode.model.codes import Code, Codebook, Rule
from qualcode.model.document import Block, Document, Span, Speaker, sha256_of

SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "je",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "qui",
    "ro",
    "su",
    "ta",
    "ve",
    "wi",
    "xo",
    "yu",
    "bra",
    "cle",
    "dri",
    "flo",
    "gru",
    "sha",
    "the",
    "tri",
    "plo",
    "sten",
]
COMMON = [
    "the",
    "and",
    "to",
    "of",
    "a",
    "in",
    "that",
    "it",
    "is",
    "was",
    "i",
    "for",
    "on",
    "you",
    "he",
    "be",
    "with",
    "as",
    "by",
    "at",
    "have",
    "are",
    "this",
    "not",
    "but",
    "had",
    "his",
    "they",
    "from",
    "she",
    "which",
    "or",
    "we",
    "an",
    "there",
    "her",
    "were",
    "one",
    "do",
    "been",
    "all",
    "their",
    "has",
    "would",
    "will",
    "what",
    "if",
    "can",
    "when",
    "so",
    "no",
    "said",
    "who",
    "more",
    "about",
    "up",
    "them",
    "some",
    "could",
    "him",
    "into",
    "its",
    "then",
    "two",
    "out",
    "time",
    "like",
    "only",
    "my",
    "did",
    "other",
    "me",
    "your",
    "now",
    "over",
    "just",
    "may",
    "these",
    "new",
    "also",
    "people",
    "any",
    "know",
    "very",
    "see",
    "first",
    "well",
    "after",
    "should",
    "than",
    "where",
    "back",
    "how",
    "get",
    "most",
    "way",
    "down",
    "our",
    "made",
    "got",
    "much",
    "before",
    "go",
    "good",
    "think",
    "say",
]
LEMMAS = [
    "lead",
    "teach",
    "learn",
    "plan",
    "trust",
    "listen",
    "change",
    "support",
    "share",
    "build",
    "keep",
    "know",
    "bring",
    "talk",
    "meet",
    "decide",
    "show",
    "grow",
    "help",
    "start",
]
FORMS = {"lead": "lead leads led leading", "teach": "teach teaches taught teaching", "learn": "learn learns learned learning",
         "plan": "plan plans planned planning", "trust": "trust trusts trusted trusting", "listen": "listen listens listened listening",
         "change": "change changes changed changing", "support": "support supports supported supporting",
         "share": "share shares shared sharing", "build": "build builds built building", "keep": "keep keeps kept keeping",
         "know": "know knows knew known knowing", "bring": "bring brings brought bringing", "talk": "talk talks talked talking",
         "meet": "meet meets met", "decide": "decide decides decided deciding", "show": "show shows showed shown",
         "grow": "grow grows grew grown", "help": "help helps helped helping", "start": "start starts started starting"}  # fmt: skip
VOCABULARY = 60_000


@cache
def vocabulary(seed: int = 7) -> tuple[list[str], np.ndarray]:
    """Return word forms and their probabilities: frequent English words first, made-up words in a Zipf tail."""
    random = np.random.default_rng(seed)
    words = list(dict.fromkeys(COMMON + [form for lemma in LEMMAS for form in FORMS[lemma].split()]))
    known = set(words)
    while len(words) < VOCABULARY:
        word = "".join(random.choice(SYLLABLES, random.integers(2, 5)))
        if word not in known:
            known.add(word)
            words.append(word)
    weights = 1.0 / (np.arange(VOCABULARY) + 12.0)
    return words, weights / weights.sum()


def documents(megabytes: float, seed: int = 11) -> Iterator[Document]:
    """Yield documents of about 1 MB, each a conversation of turns, until the size is reached."""
    words, weights = vocabulary()
    random = np.random.default_rng(seed)
    table = np.asarray(words, object)
    steps = np.cumsum(weights)
    made, number = 0, 0
    while made < megabytes * 1e6:
        goal = int(min(1e6, megabytes * 1e6 - made))
        text, blocks, size = [], [], 0
        while size < goal:
            label = "INT: " if len(blocks) % 2 == 0 else f"P{1 + len(blocks) % 7:02d}: "
            count = int(random.integers(4, 14)) if label == "INT: " else int(random.integers(20, 120))
            tokens = table[np.searchsorted(steps, random.random(count))].tolist()
            tokens[0] = tokens[0].capitalize()
            for at in range(7, count - 1, 9):
                tokens[at] += "," if at % 4 else "."
            turn = f"{label}{' '.join(tokens)}{'?' if label == 'INT: ' else '.'}\n\n"
            speaker = label[:-2]
            end = size + len(turn) - 2
            blocks.append(Block(len(blocks), "turn", Span(size, end), (speaker,), Span(size, size + len(label))))
            text.append(turn)
            size += len(turn)
        whole = "".join(text)
        speakers = [Speaker("INT", "INT", "interviewer")]
        speakers += [Speaker(f"P{n:02d}", f"P{n:02d}", "participant") for n in range(1, 8)]
        digest = sha256_of(whole)
        yield Document(
            id=f"made-{number:04d}", name=f"made-{number:04d}", text=whole, text_sha256=digest, source_name="made",
            source_sha256=digest, format="made", parser="made", parser_version="1", speakers=tuple(speakers),
            blocks=tuple(blocks),
        )  # fmt: skip
        made += size
        number += 1


def patterns(count: int = 1000, seed: int = 13) -> list[tuple[str, str]]:
    """Return (kind, query) pairs: 35 % words, 35 % phrases, 12 % wildcards, 15 % NEAR, 3 % regular expressions."""
    words, _ = vocabulary()
    random = np.random.default_rng(seed)
    rare = words[400:20_000]

    def pick() -> str:
        return str(rare[int(random.integers(0, len(rare)))])

    def common() -> str:
        return str(words[int(random.integers(0, 400))])

    found: list[tuple[str, str]] = []
    for number in range(count):
        share = (number * 37 % 100) / 100
        if share < 0.35:
            found.append(("word", f'"{pick()}"'))
        elif share < 0.70:
            parts = [common() if random.random() < 0.6 else pick() for _ in range(int(random.integers(2, 4)))]
            found.append(("phrase", '"' + " ".join(parts) + '"'))
        elif share < 0.82:
            word = pick()
            found.append(
                ("wildcard", word[: max(4, len(word) - 2)] + "*" if number % 2 else word[:3] + "?" + word[4:] + "*")
            )
        elif share < 0.97:
            found.append(("near", f'"{pick()}" NEAR/6 "{common()}"'))
        else:
            found.append(("regex", f"/{pick()[:4]}[aeiou]+.?/"))
    return found


def codebook(found: list[tuple[str, str]], per_code: int = 20) -> Codebook:
    """Return a codebook with ``per_code`` of these patterns a code, without cue lists."""
    codes = []
    for first in range(0, len(found), per_code):
        name = f"K{first // per_code + 1}"
        rules = tuple(Rule(f"{name}-{n}", query) for n, (_, query) in enumerate(found[first : first + per_code], 1))
        codes.append(Code(id=name, label=name, rules=rules))
    return Codebook(id="made", version="1", title="Made", codes=tuple(codes), facets=(), cues={})
