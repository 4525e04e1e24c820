"""A slow coder, written from the definitions in plain Python lists and dictionaries.

It shares with the real one only what is tested elsewhere: the index's tokens, sentences and passages, and (through
``tests.query.reference``) the parser and the lemmas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qualcode.model.codes import Code, Codebook, Rule
from qualcode.model.document import Document, Span
from qualcode.query.engine import CodedSpan
from qualcode.text import TokenIndex, fold, lemmas_of
from qualcode.text.nlp import blank_tokenizer
from tests.query.engines import units_of
from tests.query.reference import evaluate_slowly, resolve

__all__ = ["Row", "code_slowly"]

CLAUSE_WORDS = [
    "but",
    "because",
    "cos",
    "'cause",
    "'cos",
    "although",
    "though",
    "whereas",
    "unless",
    "until",
    "while",
    "whilst",
]
LINKS = ["and", "so", "or", "then", "yet", "which", "who", "that", "when", "if"]
OPENERS = [
    "i",
    "we",
    "you",
    "he",
    "she",
    "it",
    "they",
    "there",
    "that",
    "this",
    "who",
    "nobody",
    "everybody",
    "everyone",
    "never",
    "not",
    "is",
    "was",
    "are",
    "were",
    "did",
    "do",
    "does",
    "had",
    "has",
    "have",
    "then",
    "so",
    "now",
    "no",
    "some",
    "most",
    "even",
]
CONTRASTS = [("rather", "than"), ("instead", "of"), ("let", "alone")]
CLAUSE_MARKS = [
    *",;:()[]",
    "-",
    "--",
    "---",
    "\u2013",
    "\u2014",
    "..",
    "...",
    "\u2026",
    ".",
    "?",
    "!",
    "?!",
    "....",
    "!!",
]


@dataclass(frozen=True)
class Word:
    """A token: where it stands, how it is folded, and its place in the order of sentences, passages and turns."""

    document: int
    block: int
    start: int
    end: int
    folded: str
    text: str
    sentence: int
    passage: int


@dataclass(frozen=True)
class Hit:
    """Words ``first … last`` (included) that a rule (number in its code) matched."""

    first: int
    last: int
    rule: int
    stance: str = "present"
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    document: str
    block: int
    start: int
    end: int
    code: str
    rules: tuple[str, ...]
    evidence: tuple[tuple[int, int], ...]
    score: float
    facets: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


class Slow:
    def __init__(self, documents: Sequence[Document], codebook: Codebook, own: Mapping[str, set[str]]) -> None:
        self.documents, self.book, self.own = documents, codebook, own
        self.index = TokenIndex.build(documents)
        self.words = self.read()
        self.at = {(word.document, word.start): number for number, word in enumerate(self.words)}
        self.until = {(word.document, word.end): number for number, word in enumerate(self.words)}
        self.codings: list[CodedSpan] = []
        self.known: dict[tuple[str, str, str, int], list[tuple[int, int]]] = {}
        self.taken: dict[str, set[int]] = {}
        self.clauses = self.clause_starts()

    def read(self) -> list[Word]:
        words, base = [], 0
        for shard in self.index.shards:
            for row in range(shard.n_tokens):
                block = int(shard.token_block[row])
                ordinal = int(shard.block_document[block])
                start = int(shard.token_start[row]) - int(shard.document_base[ordinal])
                text = shard.types.texts[int(shard.token_type[row])]
                sentence = int(shard.token_sentence[row])
                words.append(
                    Word(
                        base + ordinal, int(shard.block_number[block]), start, start + len(text), fold(text), text,
                        sentence, int(shard.sentence_passage[sentence]),
                    )
                )  # fmt: skip
            base += len(shard.documents)
        return words

    # --- hits -------------------------------------------------------------------------------------

    def found(self, query: str, unit: str, overlaps: str) -> list[tuple[int, int]]:
        """Return first and last word of each hit of a query."""
        asked = (query, unit, overlaps, len(self.codings))
        if asked not in self.known:
            self.known[asked] = self.searched(query, unit, overlaps)
        return self.known[asked]

    def searched(self, query: str, unit: str, overlaps: str) -> list[tuple[int, int]]:
        hits = evaluate_slowly(
            query, self.documents, unit=unit, overlaps=overlaps, lexicons=self.book.lexicons, codings=self.codings,
            units=units_of(self.index),
        )  # fmt: skip
        return [(self.at[document, start], self.until[document, end]) for document, _, start, end in hits]

    def matched(self, rule: Rule) -> list[tuple[int, int]]:
        """Return first and last word of each match of spaCy's Matcher, run on every sentence."""
        from spacy.matcher import Matcher
        from spacy.tokens import Doc

        vocab = blank_tokenizer().vocab
        matcher = Matcher(vocab)
        matcher.add("rule", [[dict(token) for token in rule.tokens]])
        spans = set()
        for sentence in sorted({word.sentence for word in self.words}):
            rows = [number for number, word in enumerate(self.words) if word.sentence == sentence]
            words = [self.words[row] for row in rows]
            doc = Doc(vocab, words=[word.text for word in words], lemmas=[lemmas_of(word.folded)[0] for word in words])
            spans |= {(0, rows[0] + start, rows[0] + end) for _, start, end in matcher(doc, allow_missing=True)}
        return [(first, end - 1) for _, first, end in resolve(spans, self.book.overlaps)]

    def hits(self, code: Code) -> list[Hit]:
        hits = []
        for number, rule in enumerate(code.rules):
            if rule.find is None:
                spans = self.matched(rule)
            else:
                spans = self.found(rule.find, rule.unit or self.book.unit, self.book.overlaps)
            for first, last in spans:
                if self.codeable(self.words[first]):
                    hits.append(self.judged(Hit(first, last, number), rule))
        return sorted(hits, key=lambda hit: (hit.first, hit.last, hit.rule))

    def codeable(self, word: Word) -> bool:
        document = self.documents[word.document]
        block = document.blocks[word.block]
        role = document.role_of(block)
        return block.kind in {"turn", "unattributed"} and role not in self.book.roles_left_out

    # --- stance -----------------------------------------------------------------------------------

    def clause_starts(self) -> list[int]:
        starts = {0, len(self.words)}
        folded = [word.folded for word in self.words] + [""]
        for number, word in enumerate(self.words):
            before = self.words[number - 1] if number else None
            if before is None or before.sentence != word.sentence or before.text in CLAUSE_MARKS:
                starts.add(number)
            if word.folded in CLAUSE_WORDS:
                starts.add(number)
            if word.folded in LINKS and folded[number + 1] in OPENERS:
                starts.add(number)
            if (word.folded, folded[number + 1]) in CONTRASTS:
                starts.add(number)
        return sorted(starts)

    def reach(self, hit: Hit, scope: str) -> range:
        if scope == "sentence":
            sentences = {self.words[hit.first].sentence, self.words[hit.last].sentence}
            rows = [n for n, word in enumerate(self.words) if min(sentences) <= word.sentence <= max(sentences)]
            return range(rows[0], rows[-1] + 1)
        low = max(start for start in self.clauses if start <= hit.first)
        high = min(start for start in self.clauses if start > hit.last)
        return range(low, high)

    def judged(self, hit: Hit, rule: Rule) -> Hit:
        stance, flags = rule.set.get("stance", "present"), set()
        for kind, cue in self.book.cues.items():
            exempt = [span for query in cue.exempt for span in self.found(query, "sentence", "all")]
            reach = self.reach(hit, cue.scope)
            starts = set()
            for query in cue.cues:
                for first, last in self.found(query, "sentence", "all"):
                    excused = any(first <= end and begin <= last for begin, end in exempt)
                    said = {word.folded for word in self.words[first : last + 1]}
                    own = hit.first <= first <= hit.last and said <= self.own.get(rule.id, set())
                    if first in reach and not excused and not own:
                        starts.add(first)
            if kind == "negation" and starts:
                turned = {"present": "absent", "absent": "present"}.get(stance, "mixed")
                stance = turned if len(starts) % 2 else "mixed"
            elif starts:
                flags.add({"hedging": "hedged"}.get(kind, kind))
        clause = self.reach(hit, "clause")
        for value, queries in rule.stance.items():
            if any(first in clause for query in queries for first, _ in self.found(query, "sentence", "all")):
                stance = value
        return Hit(hit.first, hit.last, hit.rule, stance, frozenset(flags))

    # --- passages ---------------------------------------------------------------------------------

    def unit(self, word: Word) -> tuple[int, int, int]:
        inner = {"sentence": word.sentence, "turn": 0, "passage": word.passage}[self.book.unit]
        return word.document, word.block, inner

    def score(self, code: Code, weights: list[float]) -> float:
        good, harm = [weight for weight in weights if weight > 0], [weight for weight in weights if weight < 0]
        combine = code.combine or self.book.combine
        if combine == "sum":
            return sum(weights)
        if combine == "max":
            return max(weights) + min([0.0, *harm])
        missed = 1.0
        for weight in good:
            missed *= 1 - weight
        return 1 - missed + sum(harm)

    def code(self, code: Code) -> list[Row]:
        hits = self.hits(code)
        threshold = self.book.threshold if code.threshold is None else code.threshold
        scores = {}
        for unit in {self.unit(self.words[hit.first]) for hit in hits}:
            weights = [code.rules[hit.rule].weight for hit in hits if self.unit(self.words[hit.first]) == unit]
            value = self.score(code, weights)
            if value >= threshold - 1e-9:
                scores[unit] = min(1.0, max(0.0, value))
        hits = [hit for hit in hits if code.rules[hit.rule].weight >= 0]
        carried: dict[int, tuple[int, float]] = {}
        for hit in hits:
            unit = self.unit(self.words[hit.first])
            if unit in scores and code.rules[hit.rule].weight > 0:
                sentence, last = self.words[hit.first].sentence, self.words[hit.last].sentence
                carried[sentence] = (max(last, carried.get(sentence, (0, 0.0))[0]), scores[unit])
        rivals = {other.id for other in self.book if code.id in other.excludes}
        rivals |= {child.id for child in self.book.descendants(code.id)}
        lost = set().union(*(self.taken.get(rival, set()) for rival in rivals))
        carried = {
            sentence: (last, score) for sentence, (last, score) in carried.items()
            if not lost & set(range(sentence, last + 1))
        }  # fmt: skip
        self.taken[code.id] = {each for sentence, (last, _) in carried.items() for each in range(sentence, last + 1)}
        rows = []
        for group in self.joined(carried):
            rows.append(
                self.row(code, hits, group, max(carried[sentence][1] for sentence in group if sentence in carried))
            )
        names = frozenset(
            fold(name) for each in (code, *self.book.ancestors(code.id)) for name in (each.id, each.label)
        )
        self.codings += [CodedSpan(row.document, Span(row.start, row.end), names) for row in rows]
        return rows

    def joined(self, carried: Mapping[int, tuple[int, float]]) -> list[list[int]]:
        turn = {word.sentence: (word.document, word.block) for word in self.words}
        groups: list[list[int]] = []
        for sentence in sorted(carried):
            covered = list(range(sentence, carried[sentence][0] + 1))
            if groups and turn[groups[-1][0]] == turn[sentence] and sentence <= max(groups[-1]) + 1:
                groups[-1] = sorted({*groups[-1], *covered})
            else:
                groups.append(covered)
        return groups

    def row(self, code: Code, hits: list[Hit], group: list[int], score: float) -> Row:
        rows = [number for number, word in enumerate(self.words) if word.sentence in group]
        first, last = self.words[rows[0]], self.words[rows[-1]]
        inside = [hit for hit in hits if rows[0] <= hit.first <= rows[-1]]
        rules = list(dict.fromkeys(hit.rule for hit in inside))
        rules.sort(key=lambda rule: -code.rules[rule].weight)
        facets = {facet.id: facet.default for facet in self.book.facets if facet.default is not None}
        for hit in inside:
            facets |= {name: value for name, value in code.rules[hit.rule].set.items() if name != "stance"}
        stances = {hit.stance for hit in inside}
        if not self.book.facets or any(facet.id == "stance" for facet in self.book.facets):
            facets["stance"] = stances.pop() if len(stances) == 1 else "mixed"
        evidence: list[tuple[int, int]] = []
        for hit in inside:
            start, end = self.words[hit.first].start, self.words[hit.last].end
            if evidence and start < evidence[-1][1]:
                start, end = evidence[-1][0], max(end, evidence.pop()[1])
            evidence.append((start, end))
        flags = {flag for hit in inside for flag in hit.flags}
        return Row(
            self.documents[first.document].id, first.block, first.start, last.end, code.id,
            tuple(code.rules[rule].id for rule in rules), tuple(evidence), round(score, 4), facets,
            tuple(flag for flag in ("hedged", "hypothetical") if flag in flags),
        )  # fmt: skip


def code_slowly(
    documents: Sequence[Document], codebook: Codebook, own: Mapping[str, set[str]], order: Sequence[str]
) -> list[Row]:
    """Return what the rules propose, by document, place and code.

    Args:
        documents: the documents.
        codebook: the codebook; its ``code:`` filters and exclusions must agree with ``order``.
        own: for each rule the folded words that it says itself.
        order: ids of the codes, each after those that it names or yields to.
    """
    slow = Slow(documents, codebook, own)
    rows = [
        row for code in order if codebook[code].rules and codebook[code].codable for row in slow.code(codebook[code])
    ]
    place = {document.id: number for number, document in enumerate(documents)}
    rank = {code.id: number for number, code in enumerate(codebook.tree())}
    return sorted(rows, key=lambda row: (place[row.document], row.start, row.end, rank[row.code]))
