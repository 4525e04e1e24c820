"""Where the llm coder may send: addresses, the sentence of consent, models, keys."""

from __future__ import annotations

import pytest

from qualcode.coding.llm.address import address_of, check_consent, check_model, consent_sentence, key_of
from qualcode.errors import CodingError

KEY = "sk-" + "7Fq" * 8


@pytest.mark.parametrize(
    ("url", "asked", "host", "here"),
    [
        ("http://localhost:8080/v1", "http://localhost:8080/v1/chat/completions", "localhost:8080", True),
        ("http://LOCALHOST:8080/v1/", "http://localhost:8080/v1/chat/completions", "localhost:8080", True),
        ("http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1/chat/completions", "127.0.0.1:11434", True),
        ("http://[::1]:8000", "http://[::1]:8000/chat/completions", "[::1]:8000", True),
        ("http://[::ffff:127.0.0.1]:8000", "http://127.0.0.1:8000/chat/completions", "127.0.0.1:8000", True),
        ("http://192.168.0.7:8000/v1", "http://192.168.0.7:8000/v1/chat/completions", "192.168.0.7:8000", False),
        ("http://10.1.2.3/v1", "http://10.1.2.3/v1/chat/completions", "10.1.2.3", False),
        ("https://llm.example.org/v1", "https://llm.example.org/v1/chat/completions", "llm.example.org", False),
        (
            "https://llm.example.org/v1/chat/completions",
            "https://llm.example.org/v1/chat/completions",
            "llm.example.org",
            False,
        ),
    ],
)
def test_an_address_is_the_one_that_was_written(url: str, asked: str, host: str, here: bool) -> None:
    found = address_of(url)
    assert (found.url, found.host, found.here) == (asked, host, here)


@pytest.mark.parametrize(
    "url",
    [
        "", "localhost:8080", "ftp://localhost/v1", "file:///etc/passwd", "http://", "http:///v1", "http://a b/v1",
        "http://localhost:99999/v1", "http://[::1/v1", "https://ex\u00e4mple.org/v1", "http://-x-/v1",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(CodingError) as caught:
        address_of(url)
    assert caught.value.code == "QC-K041"


@pytest.mark.parametrize(
    "url",
    [
        "http://llm.example.org/v1",
        "http://8.8.8.8/v1",
        "http://0.0.0.0:8080/v1",
        "http://2130706433/v1",
        "http://localhost.example.org/v1",
        "http://[2001:db8::1]/v1",
        "http://172.32.0.1/v1",
    ],
)
def test_in_the_clear_only_to_what_is_near(url: str) -> None:
    with pytest.raises(CodingError, match="others could read") as caught:
        address_of(url)
    assert caught.value.code == "QC-K041"
    assert address_of(url, insecure=True).url == f"{url}/chat/completions"


def test_a_proxy_is_not_near() -> None:
    assert address_of("http://localhost/v1", proxy=True).here
    with pytest.raises(CodingError, match="others could read"):
        address_of("http://192.168.0.7/v1", proxy=True)
    assert address_of("https://llm.example.org/v1", proxy=True).host == "llm.example.org"


@pytest.mark.parametrize(
    "url",
    [
        f"https://{KEY}@llm.example.org/v1", f"https://me:{KEY}@llm.example.org/v1", f"https://llm.example.org/v1?key={KEY}",
        f"https://llm.example.org/v1#{KEY}", f"http://localhost:8080\\@{KEY}.example.org/v1",
    ],
)  # fmt: skip
def test_an_address_with_a_key_is_refused_and_the_key_not_repeated(url: str) -> None:
    with pytest.raises(CodingError) as caught:
        address_of(url)
    assert caught.value.code == "QC-K041"
    assert KEY not in str(caught.value)


def test_consent_is_one_sentence_that_names_the_host() -> None:
    address = address_of("http://localhost:8080/v1")
    assert consent_sentence(address.host) == "I may send these transcripts to localhost:8080"
    check_consent("I may send these transcripts to localhost:8080", address)


@pytest.mark.parametrize(
    "consent",
    [
        "", "yes", True, None, "I may send these transcripts to localhost",
        "I may send these transcripts to localhost:8081", "i may send these transcripts to localhost:8080",
        "I may send these transcripts to localhost:8080.", " I may send these transcripts to localhost:8080",
        "I may not send these transcripts to localhost:8080",
        "I may send these transcripts to llm.example.org, I may send these transcripts to localhost:8080",
    ],
)  # fmt: skip
def test_anything_but_the_sentence_is_no_consent_and_the_error_says_what_to_write(consent: object) -> None:
    with pytest.raises(CodingError) as caught:
        check_consent(consent, address_of("http://localhost:8080/v1"))
    assert caught.value.code == "QC-K040"
    assert "nothing was sent" in str(caught.value)
    assert "consent: 'I may send these transcripts to localhost:8080'" in str(caught.value)


def test_a_local_server_that_sends_on_is_not_local() -> None:
    here, there = address_of("http://localhost:11434/v1"), address_of("https://ollama.example.org/v1")
    check_model("llama3.1:8b", here)
    check_model("gpt-oss:120b-cloud", there)
    for name in ("gpt-oss:120b-cloud", "kimi:cloud"):
        with pytest.raises(CodingError, match="does not run on this machine"):
            check_model(name, here)
    for nothing in ("", "  ", None, 3):
        with pytest.raises(CodingError, match="'model' is missing"):
            check_model(nothing, here)


def test_the_key_comes_from_the_environment_or_there_is_none() -> None:
    assert key_of("", {}) is None
    assert key_of("LLM_KEY", {"LLM_KEY": f" {KEY}\n"}) == KEY


@pytest.mark.parametrize(
    ("key_env", "environment"),
    [
        (KEY, {}),
        ("abcDEF123", {}),
        ("LLM_KEY", {}),
        ("LLM_KEY", {"LLM_KEY": "  "}),
        ("LLM_KEY", {"LLM_KEY": f"{KEY}\r\nHost: evil"}),
        ("LLM_KEY", {"LLM_KEY": f"{KEY}\u00e9"}),
        ("LLM_KEY", {"LLM_KEY": f'"{KEY}"'}),
    ],
)
def test_a_key_that_cannot_be_used_is_never_repeated(key_env: str, environment: dict[str, str]) -> None:
    with pytest.raises(CodingError) as caught:
        key_of(key_env, environment)
    assert caught.value.code == "QC-K042"
    assert KEY not in str(caught.value)
    assert "abcDEF123" not in str(caught.value)
