"""check_coder: sound coders pass, and each promise that a coder breaks is told, with what to do."""

from __future__ import annotations

import asyncio
import random
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

import qualcode.testing
from qualcode.coding import Corpus, RulesCoder, Suggestions, coder_names, in_order, make_coder, propose, units_of
from qualcode.coding.registry import _BUILT_IN
from qualcode.errors import CodingError
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding, Suggestion
from qualcode.model.document import Span
from qualcode.testing import check_coder, sample_codebook, sample_codings, sample_documents
from tests.coding.llm_server import model, serving


@dataclass(frozen=True)
class Plain:
    """A sound coder: units with a word, for a code."""

    codebook: Codebook
    word: str = "together"

    @property
    def name(self) -> str:
        return "plain"

    def get_params(self) -> Mapping[str, Any]:
        return {"codebook": self.codebook.id, "word": self.word}

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        return self

    def found(self, corpus: Corpus) -> list[Suggestion]:
        book = self.codebook
        units = units_of(corpus, book.unit, roles_left_out=book.roles_left_out)
        return [
            propose(
                book,
                corpus.documents[units.document[row]],
                units.span(row),
                "A1",
                coder="plain",
                rules=["word"],
                score=1,
            )
            for row, text in enumerate(units.texts)
            if self.word in text
        ]

    def suggest(self, corpus: Corpus) -> Suggestions:
        return in_order(self.found(corpus), corpus.documents, self.codebook)


def changed(change: Callable[[Suggestion], Suggestion]) -> type[Plain]:
    """Return a coder whose suggestions are changed."""

    class Changed(Plain):
        def suggest(self, corpus: Corpus) -> Suggestions:
            return Suggestions(tuple(map(change, super().suggest(corpus))))

    return Changed


def problems(coder: Any, **more: Any) -> str:
    """Return everything that check_coder tells of a coder."""
    with pytest.raises(CodingError) as caught:
        check_coder(coder, **more)
    assert caught.value.code == "QC-K060"
    assert all(each.hint for each in caught.value.problems)
    return str(caught.value)


def test_a_sound_coder_passes_as_class_as_factory_and_as_coder() -> None:
    check_coder(Plain)
    check_coder(partial(Plain, word="afraid"))
    check_coder(lambda codebook: Plain(codebook, "afraid"))
    check_coder(Plain(sample_codebook(), "the"))


def test_a_coder_with_a_codebook_of_its_own_is_checked_with_it() -> None:
    own = replace(sample_codebook(), id="own", codes=sample_codebook().codes[:2])
    check_coder(RulesCoder(own))
    check_coder(RulesCoder, codebook=own)


def test_what_it_is_tried_on_can_be_given() -> None:
    few = Corpus.of(sample_documents()[:1])
    check_coder(Plain, corpus=few)
    assert "(code A1, library-1 " in problems(changed(lambda each: replace(each, quote="no")), corpus=few)


@pytest.mark.parametrize("name", sorted(set(_BUILT_IN) - {"llm"}))
def test_every_coder_of_ours_passes(name: str) -> None:
    check_coder(partial(make_coder, name))


def test_the_coder_that_asks_a_server_passes_and_reaches_for_that_server_only(tmp_path: Path) -> None:
    play = model(("planned it together", "A1"), ("afraid", "B1"), ("\U0001d4b2\U0001d452 said", "A2"))
    with serving(play) as server:
        coder = partial(
            make_coder, "llm", url=server.url, model="m", consent=server.consent, log=str(tmp_path / "log.jsonl")
        )
        check_coder(coder, hosts=["127.0.0.1"])
        assert server.requests
        told = problems(partial(coder, log=str(tmp_path / "other.jsonl"), retries=0))
    assert "QC-K066" in told
    assert "127.0.0.1" in told


def test_every_registered_coder_is_tried_here() -> None:
    assert set(_BUILT_IN) <= set(coder_names())


BREACHES: list[tuple[Callable[[Suggestion], Suggestion], str]] = [
    (lambda each: replace(each, quote=each.quote + "!"), "is not the text there"),
    (lambda each: replace(each, document_sha256="0" * 64), "hash is not that of its text"),
    (lambda each: replace(each, document_id="nowhere"), "not in the corpus"),
    (lambda each: replace(each, span=Span(each.span.start, each.span.end + 4000)), "the span holds no word"),
    (lambda each: replace(each, block=each.block + 1), "does not lie in block"),
    (lambda each: replace(each, prefix=""), "prefix and suffix"),
    (lambda each: replace(each, code="A"), "'A' is a heading"),
    (lambda each: replace(each, code="Z1"), "'Z1' is retired"),
    (lambda each: replace(each, code="Q9"), "the codebook has no code 'Q9'"),
    (lambda each: replace(each, coder="other"), "coder is 'other'"),
    (lambda each: replace(each, score=1.5), "must be from 0 to 1"),
    (lambda each: replace(each, score=float("nan")), "must be from 0 to 1"),
    (lambda each: replace(each, rules=()), "rules are ()"),
    (lambda each: replace(each, rules=("",)), "rules are ('',)"),
    (lambda each: replace(each, evidence=(Span(0, 1),)), "evidence lies outside"),
    (lambda each: replace(each, evidence=(Span(each.span.start, each.span.start),)), "or is empty"),
    (lambda each: replace(each, facets={"stance": "loud"}), "stance=loud"),
    (lambda each: replace(each, facets={"mood": "good"}), "mood=good"),
    (lambda each: replace(each, codebook_sha256="1"), "id, version and hash"),
    (lambda each: replace(each, flags=("",)), "flags are"),
    (lambda each: replace(each, flags="loud"), "flags are 'loud'"),  # type: ignore[arg-type]  # that is the breach
    (lambda each: replace(each, rules="word"), "rules are 'word'"),  # type: ignore[arg-type]  # that is the breach
    (lambda each: replace(each, score=True), "must be from 0 to 1"),
    (lambda each: replace(each, span=Span(np.int64(each.span.start), each.span.end)), "of type int64"),  # type: ignore[arg-type]  # that is the breach
    (lambda each: replace(each, evidence=(each.span, Span(each.span.start, each.span.start + 1))), "spans in order"),
]


@pytest.mark.parametrize(("change", "told"), BREACHES, ids=[told for _, told in BREACHES])
def test_an_unsound_suggestion_is_told(change: Callable[[Suggestion], Suggestion], told: str) -> None:
    found = problems(changed(change))
    assert told in found
    assert "QC-K065" in found


def test_of_many_alike_a_few_are_told_and_the_rest_is_counted() -> None:
    found = problems(changed(lambda each: replace(each, score=2.0)))
    assert found.count("the score is 2.0") == 3
    assert "more like these" in found


class Bytes(Plain):
    """Counts bytes where code points are wanted: right until the first accent."""

    def found(self, corpus: Corpus) -> list[Suggestion]:
        def moved(each: Suggestion) -> Suggestion:
            text = next(document.text for document in corpus.documents if document.id == each.document_id)
            start = len(text[: each.span.start].encode())
            return replace(each, span=Span(start, start + len(each.quote.encode())))

        return [moved(each) for each in super().found(corpus)]


class Everybody(Plain):
    """Codes who asks the questions, too, labels and all."""

    def found(self, corpus: Corpus) -> list[Suggestion]:
        return [
            propose(self.codebook, document, block.span, "A1", coder="plain", rules=["all"], score=1)
            for document in corpus.documents
            for block in document.blocks
        ]


class Twice(Plain):
    def found(self, corpus: Corpus) -> list[Suggestion]:
        return super().found(corpus) * 2


class Upside(Plain):
    def suggest(self, corpus: Corpus) -> Suggestions:
        return Suggestions(tuple(reversed(self.found(corpus))))


class Listing(Plain):
    def suggest(self, corpus: Corpus) -> Any:
        return self.found(corpus)


class Odd(Plain):
    def suggest(self, corpus: Corpus) -> Any:
        return Suggestions(("a passage",))  # type: ignore[arg-type]  # that is the breach


class Drawing(Plain):
    def found(self, corpus: Corpus) -> list[Suggestion]:
        return [replace(each, score=random.random()) for each in super().found(corpus)]


@dataclass(frozen=True)
class Remembering(Plain):
    """Suggests each passage once in its life."""

    seen: set[str] = field(default_factory=set)

    def found(self, corpus: Corpus) -> list[Suggestion]:
        fresh = [each for each in super().found(corpus) if each.quote not in self.seen]
        self.seen.update(each.quote for each in fresh)
        return fresh


class FirstOnly(Plain):
    """Looks at the first document only."""

    def found(self, corpus: Corpus) -> list[Suggestion]:
        return [each for each in super().found(corpus) if each.document_id == corpus.documents[0].id]


class Fragile(Plain):
    def found(self, corpus: Corpus) -> list[Suggestion]:
        return super().found(corpus)[:1] if len(corpus.documents[0].text) > 100 else []


class FragileFit(Plain):
    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        max(len(document.text) for document in corpus.documents)
        return self


class Forgetful(Plain):
    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Any:
        return None


class Learning(Plain):
    """Learns in place."""

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        if codings:
            object.__setattr__(self, "word", "afraid")
        return self


class Scribbling(Plain):
    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        for shard in corpus.index.shards:
            shard.token_length[:1] += 1
        return self


class Calling(Plain):
    def found(self, corpus: Corpus) -> list[Suggestion]:
        with suppress(OSError):  # a coder that hides it is found out all the same
            socket.create_connection(("192.0.2.1", 80), timeout=0.01).close()
        return super().found(corpus)


class Nameless(Plain):
    @property
    def name(self) -> str:
        return ""


class Secretive(Plain):
    def get_params(self) -> Mapping[str, Any]:
        return {"codebook": self.codebook, "word": self.word}


class Misnamed(Plain):
    def get_params(self) -> Mapping[str, Any]:
        return {"codebook": self.codebook.id, "term": self.word}


class Unsaid(Plain):
    def get_params(self) -> Mapping[str, Any]:
        return {"word": self.word}


class Mending(Plain):
    def __init__(self, codebook: Codebook, word: str = "together") -> None:
        super().__init__(codebook, word + "x")


class Checking(Plain):
    def __init__(self, codebook: Codebook, word: str = "together") -> None:
        super().__init__(codebook, word)
        if not word.strip():
            raise ValueError("a word is needed")


class Reading(Plain):
    def __init__(self, codebook: Codebook, word: str = "together") -> None:
        super().__init__(codebook, word)
        Path(__file__).read_text(encoding="utf-8")


class LearningByChance(Plain):
    """Learns something else each time."""

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Any:
        return Taught(self.codebook, self.word, random.random())


@dataclass(frozen=True)
class Taught(LearningByChance):
    drawn: float = 0.0

    def found(self, corpus: Corpus) -> list[Suggestion]:
        return [replace(each, score=self.drawn) for each in super().found(corpus)]


class Renaming(Plain):
    """Writes to the documents' attributes and to the codebook."""

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        for document in corpus.documents:
            object.__setattr__(document, "attributes", {"seen": "yes"})
        object.__setattr__(self.codebook, "title", "Mine")
        return self


class Whispering(Plain):
    """Sends without a connection, and looks names up."""

    def found(self, corpus: Corpus) -> list[Suggestion]:
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to:
            to.sendmsg([b"talk"], [], 0, ("192.0.2.2", 9))
        with suppress(OSError):
            socket.gethostbyname_ex("names.invalid")
        return super().found(corpus)


class Printing(Plain):
    def found(self, corpus: Corpus) -> list[Suggestion]:
        print("half way")  # noqa: T201 - that is the breach
        return super().found(corpus)


class Keeping(Plain):
    """Writes beside the settings, whether it may or not."""

    def found(self, corpus: Corpus) -> list[Suggestion]:
        if corpus.folder is not None:
            (corpus.folder / "mine.txt").write_text("talk", encoding="utf-8")
        return super().found(corpus)


class Sulking(Plain):
    def found(self, corpus: Corpus) -> list[Suggestion]:
        if corpus.dry:
            raise ValueError("not for a dry run")
        return super().found(corpus)


@dataclass(frozen=True)
class Headless:
    """Takes no codebook."""

    name: str = "headless"


class Bare:
    """No coder at all."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook


@pytest.mark.parametrize(
    ("coder", "code", "told"),
    [
        (Bytes, "QC-K065", "is not the text there"),
        (Everybody, "QC-K065", "role 'interviewer'"),
        (Everybody, "QC-K065", "label is in the passage"),
        (Everybody, "QC-K065", "a block of kind 'heading'"),
        (Twice, "QC-K065", "suggested twice"),
        (Upside, "QC-K065", "not in order"),
        (Listing, "QC-K065", "suggest returns list"),
        (Odd, "QC-K065", "'a passage' is no Suggestion"),
        (Drawing, "QC-K063", "asked again"),
        (Remembering, "QC-K063", "asked again"),
        (FirstOnly, "QC-K063", "in another order 2 of 1 suggestions differ"),
        (Fragile, "QC-K064", "suggest raises on an empty corpus: IndexError"),
        (FragileFit, "QC-K064", "fit raises on an empty corpus: ValueError"),
        (Forgetful, "QC-K062", "fit returns NoneType"),
        (Learning, "QC-K062", "fit changed the coder"),
        (Scribbling, "QC-K062", "the corpus is not as it was"),
        (Calling, "QC-K066", "192.0.2.1"),
        (LearningByChance, "QC-K063", "fit learns other things"),
        (Renaming, "QC-K062", "the corpus is not as it was"),
        (Renaming, "QC-K062", "the codebook is not as it was"),
        (Whispering, "QC-K066", "192.0.2.2"),
        (Whispering, "QC-K066", "names.invalid"),
        (Printing, "QC-K063", "prints ('half way"),
        (Keeping, "QC-K066", "writes mine.txt for a dry corpus"),
        (Sulking, "QC-K064", "raises for a dry corpus: ValueError"),
        (Nameless, "QC-K061", "name is ''"),
        (Secretive, "QC-K061", "no plain parameters"),
        (Misnamed, "QC-K061", "does not take the parameters that get_params names"),
        (Unsaid, "QC-K061", "get_params tells the codebook None"),
        (Mending, "QC-K061", "made of its own parameters has others"),
        (Checking, "QC-K061", "the constructor looks at 'word'"),
        (Reading, "QC-K061", "the constructor opens files"),
        (Headless, "QC-K061", "no coder can be made"),
        (Bare, "QC-K061", "has no name, fit, suggest, get_params"),
    ],
)
def test_each_promise_that_is_broken_is_told(coder: Any, code: str, told: str) -> None:
    found = problems(coder)
    assert told in found
    assert f"[{code}]" in found


class WithFiles(Plain):
    """Keeps things in a file of its own for a while."""

    def found(self, corpus: Corpus) -> list[Suggestion]:
        with tempfile.TemporaryFile() as file:
            file.write(b"a moment")
        return super().found(corpus)


class WithHelp(Plain):
    """Lets others do the work: threads, a loop, a process."""

    def found(self, corpus: Corpus) -> list[Suggestion]:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(len, "word").result()
        asyncio.run(asyncio.sleep(0))
        subprocess.run([sys.executable, "-S", "-c", ""], check=True)
        return super().found(corpus)


class Steady(Plain):
    """Draws with a fixed seed."""

    def found(self, corpus: Corpus) -> list[Suggestion]:
        draw = random.Random(7)
        return [replace(each, score=draw.random()) for each in super().found(corpus)]


class Warner(Plain):
    """Tells people something, as coders may."""

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        warnings.warn("few examples", stacklevel=2)
        return self

    def found(self, corpus: Corpus) -> list[Suggestion]:
        warnings.warn("few examples", stacklevel=2)
        return super().found(corpus)


@dataclass(frozen=True)
class Minding(Plain):
    """Keeps what it found once, for the same texts."""

    kept: dict[tuple[str, ...], list[Suggestion]] = field(default_factory=dict, repr=False, compare=False)

    def found(self, corpus: Corpus) -> list[Suggestion]:
        return self.kept.setdefault(tuple(each.id for each in corpus.documents), super().found(corpus))


@pytest.mark.parametrize("coder", [WithFiles, WithHelp, Steady, Warner, Minding])
def test_a_sound_coder_is_not_accused(coder: Any) -> None:
    check_coder(coder)


def test_the_network_and_open_are_as_before() -> None:
    before = (socket.getaddrinfo, socket.gethostbyname, open, socket.socket.connect)
    check_coder(Plain)
    assert (socket.getaddrinfo, socket.gethostbyname, open, socket.socket.connect) == before
    assert "connect" not in vars(socket.socket)


def test_the_sample_talk_is_sound_and_its_decisions_stand_in_it() -> None:
    documents, book = sample_documents(), sample_codebook()
    for document in documents:
        document.check()
    codings = sample_codings(documents, book)
    assert {each.status for each in codings} == {"coded", "rejected"}
    texts = {document.id: document.text for document in documents}
    assert all(texts[each.document_id][each.span.start : each.span.end] == each.quote for each in codings)
    assert all(code.rules == () for code in sample_codebook(rules=False))


def test_what_is_offered_is_there() -> None:
    assert sorted(qualcode.testing.__all__) == list(qualcode.testing.__all__)
    assert all(hasattr(qualcode.testing, name) for name in qualcode.testing.__all__)


def test_a_passage_that_crosses_a_turn_cannot_be_proposed() -> None:
    (document, *_) = sample_documents()
    with pytest.raises(ValueError, match="does not lie in one block"):
        propose(sample_codebook(), document, Span(0, len(document.text)), "A1", coder="x", rules=["x"], score=1)
