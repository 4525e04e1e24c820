"""The llm coder as users meet it: parameters, consent, TLS, proxies, a preview, and in a project."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qualcode.coding import LlmCoder, coder_names, make_coder
from qualcode.errors import CodingError, MissingExtraError
from qualcode.model.codes import Code, Example, Examples, Guidance, Rule
from qualcode.project import Project
from tests.coding.books import book
from tests.coding.llm_server import Played, model, passages_in, serving
from tests.coding.test_llm_conversation import BOOK, CORPUS, FOUND, GOOD, coder, quotes
from tests.project.studies import make_study

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "llm"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "llm-log.jsonl"


def test_it_is_a_registered_coder_and_importing_it_imports_no_network() -> None:
    assert "llm" in coder_names()
    assert isinstance(make_coder("llm", codebook=BOOK), LlmCoder)
    code = "import sys, qualcode.coding.llm.coder; print(sorted({'httpx', 'pydantic', 'sklearn', 'scipy'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
        == "[]\n"
    )


@pytest.mark.parametrize("consent", ["", "yes", "I may send these transcripts to somebody else"])
def test_without_the_sentence_nothing_is_sent(log: Path, consent: str) -> None:
    with serving(GOOD) as server:
        with pytest.raises(CodingError) as caught:
            replace(coder(server, log), consent=consent).suggest(CORPUS)
        assert caught.value.code == "QC-K040"
        assert f"consent: '{server.consent}'" in str(caught.value)
        assert server.requests == []
    assert not log.exists()


def test_consent_to_one_server_is_none_to_another_and_answers_in_the_log_need_it_too(log: Path) -> None:
    with serving(GOOD) as server, serving(GOOD) as other:
        asking = coder(server, log)
        asking.suggest(CORPUS)
        for changed in (replace(asking, url=other.url), replace(asking, consent="")):
            with pytest.raises(CodingError) as caught:
                changed.suggest(CORPUS)
            assert caught.value.code == "QC-K040"
        assert other.requests == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch", 0), ("batch", 1.5), ("batch", True), ("retries", -1), ("timeout", 0), ("timeout", "fast"),
        ("timeout", float("inf")), ("temperature", -1), ("temperature", float("nan")), ("seed", -1), ("seed", "x"),
        ("answer_tokens", -1), ("max_passages", 0), ("fewest_words", -1), ("context", "yes"), ("insecure", 1),
        ("proxy", "http://proxy"), ("codes", "A"), ("codes", (1,)), ("hide", "Ann"), ("names", "hidden"), ("log", ""), ("log", 1),
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_used_is_told_and_nothing_is_sent(log: Path, name: str, value: Any) -> None:
    with serving(GOOD) as server:
        with pytest.raises(CodingError, match=f"'{name}' is") as caught:
            replace(coder(server, log), **{name: value}).suggest(CORPUS)
        assert caught.value.code == "QC-K006"
        assert server.requests == []


def test_codes_that_are_not_there_are_told(log: Path) -> None:
    with serving(GOOD) as server, pytest.raises(CodingError, match="has no code 'Q'") as caught:
        coder(server, log, codes=("A", "Q")).suggest(CORPUS)
    assert caught.value.code == "QC-K003"


def test_codes_can_be_chosen(log: Path) -> None:
    with serving(GOOD) as server:
        done = coder(server, log, codes=("B",)).code(CORPUS)
    assert {each.code for each in done.suggestions} == {"B"}
    assert "Planning" not in server.sent


def test_of_the_codebook_definitions_are_sent_and_nothing_else(log: Path) -> None:
    full = book(
        Code("H", "A heading", codable=False, definition="Sent never."),
        Code("A", "Planning", definition="They plan.", brief="In short.", include=(Guidance("Lists."),),
             exclude=(Guidance("Plans of others.", "B"),), examples=Examples((Example("Dana planned for Oak Hill."),)),
             notes="Between us.", sources=("Smith 2001",), rules=(Rule("A-1", "secretword"),)),
        Code("B", "Rain", brief="It rains."),
        Code("Z", "Old", status="retired", definition="Gone."),
    )  # fmt: skip
    with serving(model()) as server:
        replace(coder(server, log), codebook=full).suggest(CORPUS)
        told = server.requests[0]["messages"][0]["content"]
    listed = [json.loads(line) for line in told.split("The codes:\n")[1].splitlines()]
    assert listed == [
        {"code": "A", "label": "Planning", "definition": "They plan.", "use it when": ["Lists."],
         "do not use it when": ["Plans of others. (see B)"]},
        {"code": "B", "label": "Rain", "definition": "It rains."},
    ]  # fmt: skip
    for never in ("Oak Hill", "Between us", "Smith", "secretword", "Sent never", "Gone"):
        assert never not in server.sent


def test_nothing_tells_which_transcript_it_was(log: Path) -> None:
    with serving(GOOD) as server:
        coder(server, log).suggest(CORPUS)
    (document,) = CORPUS.documents
    for never in (document.name + ".txt", document.text_sha256, '"Ann', "Ben"):
        assert never not in server.sent


def test_a_preview_shows_what_would_be_sent_and_sends_nothing(log: Path) -> None:
    with serving(GOOD) as server:
        asking = coder(server, log, batch=3)
        shown = [json.loads(each) for each in replace(asking, consent="").preview(CORPUS)]
        assert server.requests == []
        asking.suggest(CORPUS)
    assert shown == server.requests
    assert not (log.parent / "none").exists()


def test_a_certificate_that_nobody_vouches_for_is_refused_unless_its_file_is_named(log: Path) -> None:
    with serving(GOOD, certificate=CASES / "loopback.pem") as server:
        with pytest.raises(CodingError, match="its certificate is not trusted") as caught:
            coder(server, log).suggest(CORPUS)
        assert caught.value.code == "QC-K043"
        assert server.requests == []
        trusting = coder(server, log, certificates=str(CASES / "loopback-certificate.pem"))
        assert quotes(trusting.suggest(CORPUS)) == FOUND
        with pytest.raises(CodingError, match="'certificates' cannot be used"):
            replace(trusting, seed=1, certificates="nowhere.pem").suggest(CORPUS)


def test_proxies_of_the_environment_are_used_only_when_that_is_said(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving(GOOD) as server, serving(lambda _: Played("a proxy", 502)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://{proxy.host}")
        assert quotes(coder(server, log).suggest(CORPUS)) == FOUND
        assert proxy.requests == []
        far = replace(coder(server, log, retries=0), url="http://llm.invalid/v1", insecure=True,
                      consent="I may send these transcripts to llm.invalid")  # fmt: skip
        with pytest.raises(CodingError, match="status 502: a proxy"):
            replace(far, proxy=True).suggest(CORPUS)
        assert len(proxy.requests) == 1
        monkeypatch.setenv("HTTP_PROXY", "gopher://me:secret@proxy")
        monkeypatch.setenv("http_proxy", "gopher://me:secret@proxy")
        with pytest.raises(CodingError, match="names a proxy that cannot be used") as caught:
            replace(far, seed=2, proxy=True).suggest(CORPUS)
        assert "secret" not in str(caught.value)


def test_without_httpx_the_extra_is_named(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with (
        serving(GOOD) as server,
        pytest.raises(MissingExtraError, match=re.escape('pip install "qualcode[llm]"')) as caught,
    ):
        coder(server, log).suggest(CORPUS)
    assert caught.value.code == "QC-M003"
    assert not log.exists()


RECIPE = """
recipe:
  coders:
    - name: rules
    - name: llm
      url: {url}
      model: m
      consent: "{consent}"
      context: true
"""


def test_in_a_project_the_log_stands_beside_the_settings_and_the_run_beside_the_rules(tmp_path: Path) -> None:
    study = make_study(tmp_path / "files")
    project = Project.create(tmp_path / "study", codebook=study / "tiny.yaml")
    assert project is not None
    project.ingest([study / "anna.txt", study / "ben.txt"])
    settings = project.folder / "qualcode.yaml"
    plain = settings.read_text(encoding="utf-8").split("recipe:")[0]
    with serving(model(("The head was on board", "A1"), ("My garden needs rain", "A1"))) as server:
        settings.write_text(plain + RECIPE.format(url=server.url, consent="yes"), encoding="utf-8")
        with pytest.raises(CodingError, match="QC-K040"):
            project.code()
        assert server.requests == []
        settings.write_text(plain + RECIPE.format(url=server.url, consent=server.consent), encoding="utf-8")
        done = project.code()
        sent = len(server.requests)
        project.code()
        assert len(server.requests) == sent == 2
    assert [(each.quote, each.rule) for each in done if each.coder == "llm"] == [
        ("The head was on board as well.", "m"), ("My garden needs rain.", "m"),
    ]  # fmt: skip
    assert {each.coder for each in done} == {"rules", "llm"}
    assert (project.folder / "llm-log.jsonl").is_file()
    asked = [each for request in server.requests for each in passages_in(request)]
    assert [each.get("question", "") for each in asked] == [
        "How did it begin?",
        "Were you on board?",
        "And here?",
        "And here?",
    ]


def test_the_documentation_tells_every_error_and_every_parameter() -> None:
    rooms = {"llm.md": "coding/llm", "coders.md": "testing"}
    for page, room in rooms.items():
        told = (ROOT / "docs" / page).read_text(encoding="utf-8")
        raised = {
            code
            for path in (ROOT / "qualcode" / room).glob("*.py")
            for code in re.findall(r"\"(QC-[KM]\d{3})\"", path.read_text(encoding="utf-8"))
        }
        assert set(re.findall(r"^\| (QC-[A-Z]\d{3}) \|", told, re.MULTILINE)) == raised
    told = (ROOT / "docs" / "llm.md").read_text(encoding="utf-8").split("## Every parameter")[1]
    assert set(re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE)) == set(LlmCoder(BOOK).get_params()) - {"codebook"}
