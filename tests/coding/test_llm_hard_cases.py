"""The llm coder against what is meant to break it: odd addresses, names in other spellings, hostile and clumsy servers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qualcode.coding import Corpus, LlmCoder
from qualcode.coding.llm.address import address_of, check_model
from qualcode.coding.llm.answer import read_answer
from qualcode.coding.llm.coder import NotCodedWarning
from qualcode.coding.llm.passages import Rules, passages_of
from qualcode.errors import CodingError
from qualcode.model.codes import Code
from tests.coding.books import book, quotes, said
from tests.coding.llm_server import Played, completion, model, passages_in, serving
from tests.coding.test_llm_conversation import BOOK, CORPUS, FOUND, GOOD, coder


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "llm-log.jsonl"


def sent(*turns: str, label: str, hide: tuple[str, ...] = ()) -> str:
    """Return what is sent of a participant's turns, in one text."""
    corpus = Corpus.of([said(*(f"{label}: {turn}" for turn in turns))])
    _, found = passages_of(corpus, BOOK, Rules(context=False, replaced=True, hide=hide, fewest_words=1))
    return "\n".join(passage.sent.text for document in found for passage in document)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("GRACE", "Then Grace said no to Grace's plan."),
        ("will", "Then Will said no."),
        ("al", "Then Al said no."),
        ("dana whitmore", "Then Dana said no, and so did Whitmore."),
        ("O'Brien", "Then O\u2019Brien said no."),
        ("O\u2019Brien", "Then O'BRIEN said no."),
        ("Smith-Jones", "Then Smith\u2011Jones said no to Smith\u2013Jones, and Smith Jones went."),
        ("Jos\u00e9", "Then Jose\u0301 said no."),
        ("Jose\u0301", "Then Jos\u00e9 said no."),
        ("Zo\u00eb", "Then Zoe said no."),
        ("Zoe", "Then Zo\u00eb said no to Zoe\u0308."),
    ],
)
def test_a_name_is_replaced_however_it_is_spelt(label: str, words: str) -> None:
    found = sent(words, label=label)
    for name in ("Grace", "Will", "Al ", "Dana", "Whitmore", "Brien", "BRIEN", "Smith", "Jones", "Jos", "Zo", "\u0301",
                 "\u0308"):  # fmt: skip
        assert name not in found
    assert "said no" in found


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Will", "We will go on, come what will."),
        ("GRACE", "By the grace of the governors."),
        ("Head", "The head heads the headteachers."),
        ("Ann", "Annual plans annoy the planners; can and cannot."),
        ("Al", "Always, all of us, also al dente."),
    ],
)
def test_common_words_and_parts_of_words_are_no_names(label: str, words: str) -> None:
    assert sent(words, label=label) == words


def test_listed_names_are_found_in_other_spellings_too() -> None:
    assert sent("St Mary\u2019s is near, st. mary\u2019s too.", label="P", hide=("St Mary's",)).startswith(
        "[name] is near"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://a..b/v1", "https://" + "a" * 64 + ".org/v1", "https://" + "a." * 130 + "org/v1",
        "http://localhost:9/\x00x", "http://localhost:9/v1\x7f", "http://localhost:9/" + "x" * 70_000,
        "http://localhost:9/\ud800", "http://localhost:9/v1 x", "http://localhost:9/\u00e9", "http://localhost:9/v1\\@x",
    ],
)  # fmt: skip
def test_an_address_that_no_request_can_be_made_of_is_refused(url: str) -> None:
    with pytest.raises(CodingError) as caught:
        address_of(url)
    assert caught.value.code == "QC-K041"


@pytest.mark.parametrize("name", ["big:CLOUD", "big-Cloud", "big:cloud ", "big:120b-cloud\n"])
def test_a_model_that_runs_elsewhere_is_known_in_any_spelling(name: str) -> None:
    with pytest.raises(CodingError) as caught:
        check_model(name, address_of("http://localhost:8080/v1"))
    assert caught.value.code == "QC-K041"


def test_what_is_sent_to_this_machine_never_takes_the_way_over_a_proxy(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving(GOOD) as server, serving(GOOD) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://{proxy.host}")
        assert quotes(coder(server, log, proxy=True).suggest(CORPUS)) == FOUND
        assert proxy.requests == []


@pytest.mark.parametrize("timeout", [1e12, 1e308])
def test_a_time_out_that_no_clock_can_hold_is_told(log: Path, timeout: float) -> None:
    with serving(GOOD) as server, pytest.raises(CodingError, match="'timeout' is") as caught:
        coder(server, log, timeout=timeout).suggest(CORPUS)
    assert caught.value.code == "QC-K006"


@pytest.mark.parametrize("certificates", [5, True, ""])
def test_certificates_that_are_no_file_are_told(log: Path, certificates: Any) -> None:
    with serving(GOOD) as server, pytest.raises(CodingError, match="'certificates'") as caught:
        coder(server, log, certificates=certificates).suggest(CORPUS)
    assert caught.value.code == "QC-K006"
    assert not log.exists()


@pytest.mark.parametrize(
    "asked",
    [
        "Mon, 01 Jan 2026 00:00:00 +99999999999999", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "-5", "1e9", "nan",
        "Mon, 99 Jan 2026 00:00:00 GMT", "",
    ],
)  # fmt: skip
def test_a_wait_that_makes_no_sense_is_not_asked_for(log: Path, asked: str) -> None:
    plays = iter([Played("", 429, {"Retry-After": asked})])
    with serving(lambda request: next(plays, None) or GOOD(request)) as server:
        asking = coder(server, log)
        assert quotes(asking.suggest(CORPUS)) == FOUND
    assert asking.clock.waits == [1.0]  # type: ignore[attr-defined]  # a clock that stands still has them


@pytest.mark.parametrize("place", ["//[", "http://[::1", "http://a:b/", "http://" + "a" * 300 + "/"])
def test_a_redirect_to_nowhere_is_not_followed_and_told(log: Path, place: str) -> None:
    with serving(lambda _: Played("", 307, {"Location": place})) as server:
        with pytest.raises(CodingError) as caught:
            coder(server, log, retries=0).suggest(CORPUS)
        assert caught.value.code in ("QC-K043", "QC-K044")
        assert len(str(caught.value)) < 600


def test_an_answer_that_begins_to_think_again_and_again_costs_no_time() -> None:
    thinking = json.dumps({"choices": [{"message": {"content": "<think>" * 60_000}, "finish_reason": "stop"}]})
    begin = time.process_time()
    found = read_answer(thinking)
    assert found is not None
    assert found.outcome == "broken"
    assert time.process_time() - begin < 2


def test_thoughts_are_left_out_and_what_is_said_between_them_counts() -> None:
    form = '{"passages": [{"id": "p1", "codings": []}]}'
    for content in (
        f"<think>a</think>{form}",
        f"<think>a <think> b</think>{form}<thinking>x</thinking>",
        f"{form}<think>",
    ):
        found = read_answer(json.dumps({"choices": [{"message": {"content": content}}]}))
        assert found is not None
        assert dict(found.codings) == {"p1": ()}


def test_thousands_of_made_up_quotes_cost_little_and_are_counted(log: Path) -> None:
    long = Corpus.of([said(*["Ann: " + "We planned it together, and it rained. " * 150])])

    def play(request: Mapping[str, Any]) -> Played:
        made_up = [{"code": "A", "quote": f"word {number}"} for number in range(3_000)]
        return completion({"passages": [{"id": each["id"], "codings": made_up} for each in passages_in(request)]})

    with serving(play) as server:
        begin = time.process_time()
        done = coder(server, log).code(long)
    assert done.wrong_quotes == 3_000
    assert done.suggestions == type(done.suggestions)(())
    assert time.process_time() - begin < 3


def test_a_mark_at_the_beginning_of_an_answer_does_no_harm(log: Path) -> None:
    with serving(lambda request: replace(GOOD(request), body="\ufeff" + GOOD(request).body)) as server:
        assert quotes(coder(server, log).suggest(CORPUS)) == FOUND


@pytest.mark.parametrize(
    "played",
    [
        Played("junk", headers={"Content-Encoding": "gzip"}),
        Played("data: {}\n\ndata: [DONE]\n\n", headers={"Content-Type": "text/event-stream"}),
        Played("<html>Sign in</html>", headers={"Content-Type": "text/html"}),
        Played('{"choices": []}'), Played("[]"), Played("null"), Played('{"choices":' + "[" * 100_000), Played("", 204),
        Played(completion({}).body.replace("11", "1" * 5_000)), Played('{"error": {"message": "no"}}'),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told_and_nothing_is_taken_from_it(log: Path, played: Played) -> None:
    with serving(lambda _: played) as server, pytest.raises(CodingError) as caught:
        coder(server, log, retries=1).suggest(CORPUS)
    assert caught.value.code == "QC-K044"


@pytest.mark.parametrize(
    "content",
    [
        [{"passages": []}], {"passages": [{"id": 1, "codings": []}]}, {"passages": {"p1": []}}, '{"passages": [' * 50_000,
        {"passages": [{"id": "p1", "codings": [{"code": "A", "quote": None}]}]}, '{"passages": [], "n": ' + "1" * 6_000 + "}",
    ],
)  # fmt: skip
def test_an_answer_in_another_form_codes_nothing_and_every_passage_is_named(log: Path, content: object) -> None:
    with serving(lambda _: completion(content)) as server:
        done = coder(server, log, retries=0).code(CORPUS)
    assert len(done.suggestions) == 0
    assert len(done.not_coded) == done.passages == 4


def test_an_answer_for_one_passage_is_never_taken_for_another(log: Path) -> None:
    own = model(("We planned it together", "A"), ("The rain stopped us", "B"), ("Nothing came", "A"), ("in vain", "A"))

    def turned(request: Mapping[str, Any]) -> Played:
        answer = json.loads(json.loads(own(request).body)["choices"][0]["message"]["content"])
        found = answer["passages"]
        names = [each["id"] for each in found]
        return completion(
            {"passages": [{**each, "id": name} for each, name in zip(found, reversed(names), strict=True)]}
        )

    with serving(turned) as server:
        done = coder(server, log).code(CORPUS)
    assert len(done.suggestions) == 0
    assert done.wrong_quotes == 4


def test_a_code_that_was_asked_for_and_cannot_be_given_is_told(log: Path) -> None:
    full = book(Code("H", "A heading", codable=False), Code("Z", "Old", status="retired"), Code("A", "Planning"))
    with serving(GOOD) as server:
        for code in ("H", "Z"):
            with pytest.raises(CodingError, match=f"'{code}'") as caught:
                replace(coder(server, log, codes=("A", code)), codebook=full).suggest(CORPUS)
            assert caught.value.code == "QC-K003"
        assert server.requests == []


def test_certificates_are_looked_for_in_the_studys_folder(tmp_path: Path) -> None:
    cases = Path(__file__).parents[1] / "cases" / "llm"
    (tmp_path / "ours.pem").write_bytes((cases / "loopback-certificate.pem").read_bytes())
    with serving(GOOD, certificate=cases / "loopback.pem") as server:
        asking = LlmCoder(BOOK, server.url, "m", server.consent, certificates="ours.pem")
        assert quotes(asking.suggest(replace(CORPUS, folder=tmp_path))) == FOUND


def test_for_a_dry_corpus_nothing_is_sent_or_written_and_the_log_answers(log: Path) -> None:
    dry = replace(CORPUS, dry=True)
    with serving(GOOD) as server:
        asking = coder(server, log, batch=2, key_env="NO_SUCH_KEY_IS_SET")
        told = f"would send 4 of 4 passages to {server.host}; in a dry run nothing is sent"
        with pytest.warns(NotCodedWarning, match=re.escape(told)) as caught:
            assert len(asking.suggest(dry)) == 0
        assert getattr(caught[0].message, "counts") == {  # noqa: B009 - of that kind of warning only
            "passages": 4, "not_coded": 0, "wrong_quotes": 0, "wrong_codes": 0, "stray": 0, "requests": 0, "unasked": 4,
        }  # fmt: skip
        assert server.requests == []
        assert not log.exists()
        replace(asking, key_env="").suggest(CORPUS)
        written, sent_before = log.read_bytes(), len(server.requests)
        assert quotes(asking.suggest(dry)) == FOUND
        with pytest.warns(NotCodedWarning, match="would send 4 of 4 passages"):
            assert len(replace(asking, seed=1).suggest(dry)) == 0
        assert len(server.requests) == sent_before
    assert log.read_bytes() == written


def test_a_dry_corpus_needs_consent_as_the_run_will(log: Path) -> None:
    with serving(GOOD) as server, pytest.raises(CodingError) as caught:
        replace(coder(server, log), consent="").suggest(replace(CORPUS, dry=True))
    assert caught.value.code == "QC-K040"


def test_an_answer_of_the_log_that_was_no_good_is_not_asked_again_for_a_dry_corpus(log: Path) -> None:
    with serving(lambda _: completion("no")) as server:
        asking = coder(server, log, batch=1, retries=0)
        assert len(asking.code(CORPUS).not_coded) == 4
        sent_before = len(server.requests)
        done = replace(asking, retries=2).code(replace(CORPUS, dry=True))
        assert (done.unasked, len(done.not_coded), len(server.requests)) == (4, 0, sent_before)
