"""The ``llm`` coder: a language model reads passages and definitions; what it quotes is looked up in the passage."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from qualcode.coding.base import CoderWarning, Corpus, Suggestions
from qualcode.coding.features.units import Units
from qualcode.coding.llm.address import Address, address_of, check_consent, check_model, key_of
from qualcode.coding.llm.passages import Passage, Rules, passages_of
from qualcode.coding.llm.request import FORMS, Request, instructions, request_for
from qualcode.coding.llm.transport import SYSTEM, Clock, Connection, open_connection
from qualcode.coding.llm.verified import verified
from qualcode.coding.proposing import in_order, propose
from qualcode.errors import CodingError
from qualcode.model.codes import Code, Codebook
from qualcode.model.coding import Coding

__all__ = ["LOG", "SCORE", "Coded", "LlmCoder", "NotCoded", "NotCodedWarning"]

LOG = "llm-log.jsonl"
SCORE = 0.5
"""The score of every suggestion: what a model says of its own certainty is no probability."""
BATCH_LENGTH = 12_000
"""A request holds passages of so many characters at most, or one."""
LONGEST_TIMEOUT, MOST_HEAT = 86_400, 100
"""A day; and more than any server takes for a temperature."""
NAMED = 5
"""A warning names so many blocks of a document, and so many documents; the rest is counted."""


@dataclass(frozen=True, slots=True)
class NotCoded:
    """A passage that the model did not code: the document's name, the number of its block, and why."""

    document: str
    block: int
    why: str


class NotCodedWarning(CoderWarning):
    """Some passages were not coded, or some answers could not be used; ``passages`` names all of the former."""

    def __init__(self, message: str, passages: tuple[NotCoded, ...], counts: Mapping[str, int] | None = None) -> None:
        super().__init__(message, counts)
        self.passages = passages


@dataclass(frozen=True, slots=True)
class Coded:
    """What came of a run.

    Attributes:
        suggestions: what can be used.
        not_coded: passages without an answer; ``unasked``: how many would be sent, were it not a dry run.
        passages: number of passages that are the coder's to code.
        wrong_quotes: codings whose quote does not stand in the passage; ``wrong_codes``: those whose code cannot be
            given; ``stray``: those of passages that were not asked about. None of them is a suggestion.
        requests: number of requests that were sent; 0 when the log held every answer.
    """

    suggestions: Suggestions
    not_coded: tuple[NotCoded, ...]
    passages: int
    wrong_quotes: int
    wrong_codes: int
    stray: int
    requests: int
    unasked: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """The figures that a run keeps: all that is not a suggestion."""
        return {
            "passages": self.passages, "not_coded": len(self.not_coded), "wrong_quotes": self.wrong_quotes,
            "wrong_codes": self.wrong_codes, "stray": self.stray, "requests": self.requests, "unasked": self.unasked,
        }  # fmt: skip


@dataclass(frozen=True)
class LlmCoder:
    """Proposes passages that a language model codes, on a server that the user names and allows.

    Sends the definitions of codes and what participants say, never what interviewers say (but for ``context``), and
    nothing before ``consent`` holds the sentence for this server. What was sent and answered stands in ``log``, and is
    not asked again. ``docs/llm.md`` tells it all.

    Args:
        codebook: the codebook.
        url: of an OpenAI-compatible server, as in ``http://localhost:8080/v1``.
        model: the name that the server has for the model.
        consent: ``I may send these transcripts to HOST``, with the host (and port) of ``url``.
        key_env: name of the environment variable with the key; empty for none.
        codes: ids of the codes to ask for; ``None`` for all.
        batch: so many passages go in one request at most.
        timeout: seconds to wait for an answer.
        retries: so many times a question is asked again after a failure that may pass.
        temperature, seed: of the model's draws.
        answer_tokens: the longest answer; 0 leaves it to the server.
        max_passages: so many passages are asked about at most; ``None`` for all.
        fewest_words: turns of fewer words are not sent.
        context: whether the interviewer's question before a turn is sent with it.
        names: ``replaced`` or ``kept``: whether names of speakers are replaced by their roles.
        hide: further names that are replaced.
        log: file of the log, relative to the project's folder (without a project, to the working folder).
        insecure: allow ``http://`` to any server.
        proxy: use the proxies that the environment names, but for a server on this machine.
        certificates: a file with certificate authorities to trust (seen from the project's folder); ``None`` for the
            usual ones.
        clock: for waiting and for the times in the log.
    """

    codebook: Codebook
    url: str = ""
    model: str = ""
    consent: str = ""
    key_env: str = field(default="", repr=False)
    codes: tuple[str, ...] | None = None
    batch: int = 8
    timeout: float = 120.0
    retries: int = 3
    temperature: float = 0.0
    seed: int = 0
    answer_tokens: int = 4096
    max_passages: int | None = None
    fewest_words: int = 3
    context: bool = False
    names: str = "replaced"
    hide: tuple[str, ...] = ()
    log: str = LOG
    insecure: bool = False
    proxy: bool = False
    certificates: str | None = None
    clock: Clock = field(default=SYSTEM, repr=False, compare=False)

    @property
    def name(self) -> str:
        """``"llm"``."""
        return "llm"

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:  # noqa: ARG002 - decisions are not sent
        """Return the coder itself: it does not learn, and what people decided is never sent."""
        return self

    def get_params(self) -> Mapping[str, Any]:
        """Return all parameters but the clock; of the codebook its id."""
        return {
            "codebook": self.codebook.id,
            **{name: getattr(self, name) for name in (
                "url", "model", "consent", "key_env", "codes", "batch", "timeout", "retries", "temperature", "seed",
                "answer_tokens", "max_passages", "fewest_words", "context", "names", "hide", "log", "insecure", "proxy",
                "certificates",
            )},
        }  # fmt: skip

    def suggest(self, corpus: Corpus) -> Suggestions:
        """Return the suggestions for a corpus; warn (:class:`NotCodedWarning`) of what was not coded or not used.

        Raises:
            CodingError: QC-K040 without consent, QC-K041 for an address that cannot be used, QC-K042 without the key,
                QC-K043, QC-K044 when the server does not answer, QC-K045 when the log cannot be kept; QC-K003, QC-K006
                for other parameters.
            MissingExtraError: QC-M003 when httpx is not installed.
        """
        done = self.code(corpus)
        message = _told(done, address_of(self.url, insecure=self.insecure, proxy=self.proxy).host)
        if message:
            warnings.warn(NotCodedWarning(message, done.not_coded, done.counts), stacklevel=2)
        return done.suggestions

    def code(self, corpus: Corpus) -> Coded:
        """Return the suggestions together with what was not coded and what was not used. Raises as :meth:`suggest`.

        For a corpus that is ``dry`` only the answers in the log count: nothing is sent, and nothing written.
        """
        from qualcode.coding.llm.conversation import Conversation
        from qualcode.coding.llm.log import Log

        address = self._checked()
        check_consent(self.consent, address)
        units, passages, batches, spared = self._batches(corpus)
        codes, told = self._codes(), instructions(self._codes())
        settings = self._settings()

        def request(numbers: Sequence[int]) -> Request:
            return request_for(address.url, told, [code.id for code in codes], [passages[n] for n in numbers], settings)

        conversation = Conversation(
            request, None if corpus.dry else (lambda: self._connect(address, corpus)),
            Log((corpus.folder or Path()) / self.log),
            host=address.host, model=self.model, retries=self.retries, clock=self.clock,
        )  # fmt: skip
        answers = conversation.about(batches)
        silent = answers.silent | dict.fromkeys(spared, f"beyond max_passages: {self.max_passages}")
        not_coded = tuple(
            NotCoded(corpus.documents[passages[number].document].name, passages[number].block, silent[number])
            for number in sorted(silent)
        )
        found = verified(answers.codings, passages, units, {code.id for code in codes})
        suggestions = in_order(
            (propose(self.codebook, corpus.documents[each.document], each.span, each.code, coder=self.name,
                     rules=(self.model,), score=SCORE, evidence=each.quotes) for each in found.passages),
            corpus.documents, self.codebook,
        )  # fmt: skip
        return Coded(suggestions, not_coded, len(passages), found.wrong_quotes, found.wrong_codes, answers.stray,
                     answers.sent, len(answers.unasked))  # fmt: skip

    def preview(self, corpus: Corpus) -> Iterator[str]:
        """Yield what would be sent, request by request, as JSON. Nothing is sent, and no consent is needed.

        Raises:
            CodingError: QC-K041 for an address that cannot be used; QC-K003, QC-K006 for other parameters.
        """
        import json

        address = self._checked()
        _, passages, batches, _ = self._batches(corpus)
        codes = self._codes()
        for batch in batches:
            request = request_for(address.url, instructions(codes), [code.id for code in codes],
                                  [passages[number] for number in batch], self._settings())  # fmt: skip
            yield json.dumps(request.in_form(FORMS[0]), ensure_ascii=False, indent=2)

    def _checked(self) -> Address:
        """Return the address; raise for parameters that cannot be used."""
        whole = (("batch", 1), ("retries", 0), ("answer_tokens", 0), ("fewest_words", 0), ("seed", 0))
        for name, least in (*whole, *((("max_passages", 1),) if self.max_passages is not None else ())):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise _wrong(name, value, f"a whole number from {least}")
        for name, least, most in (("timeout", 0.001, LONGEST_TIMEOUT), ("temperature", 0.0, MOST_HEAT)):
            value = getattr(self, name)
            if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
                raise _wrong(name, value, f"a number from {least:g} to {most:g}")
        for name in ("context", "insecure", "proxy"):
            if not isinstance(getattr(self, name), bool):
                raise _wrong(name, getattr(self, name), "true or false")
        for name in ("codes", "hide"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, tuple | list) and all(isinstance(v, str) for v in value)):
                raise _wrong(name, value, "a list of words: [one, two]")
        if self.names not in ("replaced", "kept"):
            raise _wrong("names", self.names, "'replaced' or 'kept'")
        if not isinstance(self.log, str) or not self.log:
            raise _wrong("log", self.log, "the name of a file")
        if self.certificates is not None and (not isinstance(self.certificates, str) or not self.certificates):
            raise _wrong("certificates", self.certificates, "the name of a file")
        unknown = sorted(set(self.codes or ()) - {code.id for code in self.codebook})
        if unknown:
            raise CodingError("QC-K003", f"the codebook {self.codebook.id!r} has no code {unknown[0]!r}",
                              hint=f"See: qualcode codebook show {self.codebook.id}")  # fmt: skip
        for code in self.codebook:
            if code.id in (self.codes or ()) and (not code.codable or code.status == "retired"):
                what = "retired" if code.codable else "a heading"
                raise CodingError("QC-K003", f"'codes' names {code.id!r}, which is {what} and cannot be given",
                                  hint="Name the codes under it, or leave it out.")  # fmt: skip
        address = address_of(self.url, insecure=self.insecure, proxy=self.proxy)
        check_model(self.model, address)
        return address

    def _codes(self) -> list[Code]:
        return [code for code in self.codebook if code.codable and code.status != "retired"
                and (self.codes is None or code.id in self.codes)]  # fmt: skip

    def _settings(self) -> dict[str, Any]:
        length = {"max_tokens": self.answer_tokens} if self.answer_tokens else {}
        return {"model": self.model, "temperature": self.temperature, "seed": self.seed, **length}

    def _batches(self, corpus: Corpus) -> tuple[Units, list[Passage], list[list[int]], range]:
        """Return units and passages, the numbers of the passages of each request, and those beyond the most."""
        rules = Rules(self.context, self.names == "replaced", tuple(self.hide), self.fewest_words)
        units, by_document = passages_of(corpus, self.codebook, rules)
        passages = [each for document in by_document for each in document]
        most = len(passages) if self.max_passages is None else min(self.max_passages, len(passages))
        batches: list[list[int]] = []
        length = 0
        for number, passage in enumerate(passages[:most] if self._codes() else ()):
            size = len(passage.sent.text) + len(passage.question)
            last = batches[-1] if batches else []
            if (last and passages[last[0]].document == passage.document and len(last) < self.batch
                    and length + size <= BATCH_LENGTH):  # fmt: skip
                last.append(number)
                length += size
            else:
                batches.append([number])
                length = size
        return units, passages, batches, range(most, len(passages))

    def _connect(self, address: Address, corpus: Corpus) -> Connection:
        trusted = None if self.certificates is None else str((corpus.folder or Path()) / self.certificates)
        return open_connection(
            address.url, address.host, key=key_of(self.key_env, os.environ), timeout=self.timeout,
            proxy=self.proxy and not address.here,  # another machine's localhost is not the one that was named
            certificates=trusted, clock=self.clock,
        )  # fmt: skip


def _wrong(name: str, value: object, wanted: str) -> CodingError:
    return CodingError("QC-K006", f"{name!r} is {value!r}, and must be {wanted}",
                       hint="Mend it in the recipe, or leave it out.")  # fmt: skip


def _told(done: Coded, host: str) -> str:
    """Return what a person should know of a run; empty when everything was coded and used."""
    told: list[str] = []
    if done.unasked:
        told.append(f"the llm coder would send {done.unasked} of {done.passages} passages to {host}; "
                    "in a dry run nothing is sent")  # fmt: skip
    if done.not_coded:
        told.append(f"the llm coder did not code {len(done.not_coded)} of {done.passages} passages: their codes are "
                    f"unknown, not absent. {'; '.join(_by_reason(done.not_coded))}")  # fmt: skip
    unused = [
        f"{count} {what}"
        for count, what in (
            (done.wrong_quotes, "with a quote that does not stand in the passage"),
            (done.wrong_codes, "with a code that is not asked for"),
            (done.stray, "of passages that were not asked about"),
        )
        if count
    ]
    if unused:
        told.append(f"codings of the model that were left out: {', '.join(unused)}")
    return ". ".join(told)


def _by_reason(not_coded: Sequence[NotCoded]) -> Iterator[str]:
    """Yield each reason with the documents and blocks that it holds for, the first few of each."""
    reasons: dict[str, dict[str, list[int]]] = {}
    for each in not_coded:
        reasons.setdefault(each.why, {}).setdefault(each.document, []).append(each.block)
    for why, documents in reasons.items():
        places = [f"{name} block {_few(list(map(str, blocks)), ', ')}" for name, blocks in documents.items()]
        yield f"{why}: {_few(places, '; ')}"


def _few(items: Sequence[str], join: str) -> str:
    return join.join(items[:NAMED]) + (f"{join}and {len(items) - NAMED} more" if len(items) > NAMED else "")
