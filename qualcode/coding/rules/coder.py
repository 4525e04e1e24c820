"""The ``rules`` coder: a codebook's rules over a corpus, each suggestion with the words and rules that made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from qualcode.coding.base import Corpus, Suggestions
from qualcode.coding.rules.apply import FLAGS, Passages, code_shard
from qualcode.coding.rules.compile import CodingPlan, compile_codebook
from qualcode.coding.rules.stance import STANCES
from qualcode.errors import CodingError
from qualcode.model.codes import Codebook
from qualcode.model.coding import CONTEXT_LENGTH, Coding, Suggestion
from qualcode.model.document import Document, Span
from qualcode.text.index import TokenIndex
from qualcode.text.shard import Shard

__all__ = ["RulesCoder", "code_index"]


def code_index(index: TokenIndex, plan: CodingPlan, *, processes: int = 1) -> Iterator[Passages]:
    """Yield the passages of each shard, in order.

    Args:
        index: the token index; it must be stored in a folder when ``processes`` is more than one.
        plan: the compiled codebook.
        processes: worker processes, started by spawning; they open the shards themselves. Worth it above 50 MB.
    """
    if processes <= 1 or len(index.shards) < 2:
        for shard in index.shards:
            # A stored shard is opened afresh and let go, so that a large corpus never lies in memory as a whole.
            yield code_shard(shard if index.folder is None else Shard.open(index.folder / shard.name), plan)
        return
    if index.folder is None:
        raise CodingError("QC-K004", "several processes need an index that is stored in a folder",
                          hint="Build it with TokenIndex.build(documents, folder=…), or use one process.")  # fmt: skip
    import multiprocessing

    folders = [index.folder / shard.name for shard in index.shards]
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_code_stored, folders, [plan] * len(folders))


def _code_stored(folder: Path, plan: CodingPlan) -> Passages:
    return code_shard(Shard.open(folder), plan)


@dataclass(frozen=True)
class RulesCoder:
    """Proposes passages by the rules of a codebook.

    Args:
        codebook: the codebook.
        codes: ids of the codes to run; ``None`` for all.
        processes: worker processes for large stored corpora.
    """

    codebook: Codebook
    codes: tuple[str, ...] | None = None
    processes: int = 1

    @property
    def name(self) -> str:
        """``"rules"``."""
        return "rules"

    @cached_property
    def plan(self) -> CodingPlan:
        """The compiled codebook."""
        return compile_codebook(self.codebook, codes=self.codes)

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:  # noqa: ARG002 - rules do not learn
        """Return the coder itself: rules do not learn."""
        return self

    def get_params(self) -> Mapping[str, Any]:
        """Return ``codebook`` (its id), ``codes`` and ``processes``."""
        return {"codebook": self.codebook.id, "codes": self.codes, "processes": self.processes}

    def suggest(self, corpus: Corpus) -> Suggestions:
        """Return the suggestions for a corpus, by document, place and code.

        Raises:
            CodingError: when a rule cannot run.
        """
        documents = {document.id: document for document in corpus.documents}
        found: list[Suggestion] = []
        passages = code_index(corpus.index, self.plan, processes=self.processes)
        for shard, coded in zip(corpus.index.shards, passages, strict=True):
            seats = [documents[document[0]] for document in shard.documents]
            found.extend(self._suggestions(shard, coded, seats))
        order = {document.id: number for number, document in enumerate(corpus.documents)}
        rank = {code.id: number for number, code in enumerate(self.codebook.tree())}
        found.sort(key=lambda each: (order[each.document_id], each.span, rank[each.code]))
        return Suggestions(tuple(found))

    def _suggestions(self, shard: Shard, coded: Passages, documents: Sequence[Document]) -> Iterator[Suggestion]:
        plan = self.plan
        defaults = {facet.id: facet.default for facet in self.codebook.facets if facet.default is not None}
        for at in range(len(coded)):
            document = documents[int(coded.document[at])]
            span = Span(int(coded.start[at]), int(coded.end[at]))
            code = plan.codes[int(coded.code[at])]
            evidence = slice(int(coded.evidence_first[at]), int(coded.evidence_first[at + 1]))
            rules = [code.rules[number] for number in coded.evidence_rule[evidence].tolist()]
            best = sorted({rule.id: rule.weight for rule in rules}.items(), key=lambda rule: -rule[1])
            spans = zip(coded.evidence_start[evidence].tolist(), coded.evidence_end[evidence].tolist(), strict=True)
            facets = dict(defaults)
            for rule in rules:
                facets.update(rule.facets)
            if plan.has_stance:
                facets["stance"] = STANCES[int(coded.stance[at])]
            flags = int(coded.flags[at])
            yield Suggestion(
                document_id=document.id,
                document_sha256=document.text_sha256,
                block=int(shard.block_number[coded.block[at]]),
                span=span,
                quote=document.quote(span),
                prefix=document.text[max(0, span.start - CONTEXT_LENGTH) : span.start],
                suffix=document.text[span.end : span.end + CONTEXT_LENGTH],
                code=code.id,
                coder=self.name,
                rules=tuple(rule_id for rule_id, _ in best),
                evidence=_disjoint(spans),
                score=round(float(coded.score[at]), 4),
                facets=facets,
                flags=tuple(name for bit, name in enumerate(FLAGS) if flags & (1 << bit)),
                codebook=plan.codebook,
                codebook_version=plan.version,
                codebook_sha256=plan.sha256,
            )


def _disjoint(spans: Any) -> tuple[Span, ...]:
    """Return matched spans in order, those that overlap made one."""
    merged: list[list[int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return tuple(Span(start, end) for start, end in merged)
