"""The log of the llm coder: everything that was sent, before it was sent, and everything that came back; never a key."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from qualcode.coding import LlmCoder
from qualcode.coding.llm.coder import LOG
from qualcode.coding.llm.log import Log, read_log
from qualcode.coding.llm.request import request_for
from qualcode.errors import CodingError
from qualcode.project import Project
from tests.coding.llm_server import Played, Server, Still, completion, serving
from tests.coding.test_llm_conversation import BOOK, CORPUS, FOUND, GOOD, coder, quotes
from tests.project.studies import make_study

KEY = "sk/9f-Zz0/" + "Q7" * 12


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "llm-log.jsonl"


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def with_key(server: Server, log: Path, monkeypatch: pytest.MonkeyPatch, **more: Any) -> LlmCoder:
    monkeypatch.setenv("LLM_TEST_KEY", KEY)
    return LlmCoder(BOOK, server.url, "m", server.consent, key_env="LLM_TEST_KEY", log=str(log), clock=Still(), **more)


def test_each_line_says_when_where_what_and_its_hash(log: Path) -> None:
    with serving(GOOD) as server:
        coder(server, log).suggest(CORPUS)
    sending, answered = lines(log)
    for line in (sending, answered):
        assert (line["time"], line["host"], line["model"]) == ("2026-01-02T03:04:05+00:00", server.host, "m")
    assert json.loads(sending["sent"]) == server.requests[0]
    assert sending["sent_sha256"] == digest(sending["sent"])
    assert sending["request"] == answered["request"]
    assert (answered["outcome"], answered["tokens_sent"], answered["tokens_answered"]) == ("good", 11, 7)
    assert answered["answer"] == GOOD(server.requests[0]).body
    assert answered["answer_sha256"] == digest(answered["answer"])


def test_what_is_sent_stands_in_the_log_before_it_is_sent(log: Path) -> None:
    seen: list[list[dict[str, Any]]] = []

    def play(request: Mapping[str, Any]) -> Played:
        seen.append(lines(log))
        return GOOD(request)

    with serving(play) as server:
        coder(server, log, batch=2).suggest(CORPUS)
    assert [[line["event"] for line in each] for each in seen] == [["sending"], ["sending", "answered", "sending"]]
    assert json.loads(seen[1][-1]["sent"]) == server.requests[1]


def test_the_log_is_for_its_owner_only(log: Path) -> None:
    with serving(GOOD) as server:
        coder(server, log).suggest(CORPUS)
    if os.name == "posix":
        assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_key_goes_to_the_server_and_nowhere_else(
    log: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")

    def echo(request: Mapping[str, Any]) -> Played:
        """Repeat what was sent, as badly made servers do."""
        got = server.headers[-1]["Authorization"]
        return Played(json.dumps({"error": f"you sent {got}"}).replace("/", "\\/"), 429)

    with serving(echo) as server:
        asking = with_key(server, log, monkeypatch, retries=1)
        with pytest.raises(CodingError) as caught:
            asking.suggest(CORPUS)
        assert [each["Authorization"] for each in server.headers] == [f"Bearer {KEY}"] * 2
        server.play = lambda _: completion(f"Your key is {KEY}.")
        told = asking.code(CORPUS)
        server.play = lambda _: Played(f"bad key {KEY}", 401)
        with pytest.raises(CodingError, match=r"status 401: bad key \[key\]") as refused:
            with_key(server, log, monkeypatch, seed=3).suggest(CORPUS)
        assert refused.value.code == "QC-K043"
    places = (log.read_text(encoding="utf-8"), str(caught.value), str(refused.value), repr(asking), repr(told),
              json.dumps(asking.get_params()), caplog.text)  # fmt: skip
    for place in places:
        assert KEY not in place
        assert KEY.replace("/", "\\/") not in place
    assert "[key]" in places[0]
    assert "[key]" in places[1]


def test_without_a_key_none_is_sent(log: Path) -> None:
    with serving(GOOD) as server:
        coder(server, log).suggest(CORPUS)
    assert "Authorization" not in server.headers[0]


def test_a_key_that_is_not_there_is_told_before_anything_is_sent(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(GOOD) as server:
        asking = with_key(server, log, monkeypatch)
        monkeypatch.delenv("LLM_TEST_KEY")
        with pytest.raises(CodingError) as caught:
            asking.suggest(CORPUS)
        assert caught.value.code == "QC-K042"
        assert server.requests == []
    assert not log.exists()


def test_what_was_answered_needs_no_key_later(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(GOOD) as server:
        asking = with_key(server, log, monkeypatch)
        asking.suggest(CORPUS)
    monkeypatch.delenv("LLM_TEST_KEY")
    assert quotes(asking.suggest(CORPUS)) == FOUND


def test_nothing_is_sent_when_the_log_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with serving(GOOD) as server:
        for place in (tmp_path / "folder", tmp_path / "file" / "log.jsonl"):
            with pytest.raises(CodingError) as caught:
                coder(server, place).suggest(CORPUS)
            assert caught.value.code == "QC-K045"
            assert str(place) in str(caught.value)
        assert server.requests == []


def test_an_answer_that_was_changed_in_the_log_is_not_used(log: Path) -> None:
    with serving(GOOD) as server:
        coder(server, log).suggest(CORPUS)
        log.write_text(
            log.read_text(encoding="utf-8").replace("It rained", "It poured").replace("rained", "snowed"),
            encoding="utf-8",
        )
        assert len(list(read_log(log))) == 0
        assert quotes(coder(server, log).suggest(CORPUS)) == FOUND
        assert len(server.requests) == 2


def test_half_a_line_of_a_killed_run_spoils_nothing(log: Path) -> None:
    with serving(GOOD) as server:
        coder(server, log).suggest(CORPUS)
        whole = log.read_bytes()
        for rest in (
            whole[: len(whole) // 3],
            whole[:-1],
            whole[:-5],
            b"\xff\xfe\n",
            b"null\n[]\n{}\n",
            b'{"event": 1, "request": 2}\n',
        ):
            log.write_bytes(rest)
            assert quotes(coder(server, log).suggest(CORPUS)) == FOUND
            assert log.read_bytes().startswith(rest)
            assert all(line["event"] in ("sending", "answered") for line in read_log(log))
            assert quotes(coder(server, log).suggest(CORPUS)) == FOUND
        assert len(server.requests) == 1 + 5  # the line that only lacked its end was whole


def test_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert list(read_log(tmp_path / "none.jsonl")) == []


def test_a_run_that_was_killed_before_the_answer_is_asked_again_and_both_stand(log: Path) -> None:
    with serving(GOOD) as server:
        asking = coder(server, log)
        asking.suggest(CORPUS)
        whole = log.read_bytes().splitlines(keepends=True)
        log.write_bytes(whole[0])  # what was sent is there, what came back is not
        assert quotes(asking.suggest(CORPUS)) == FOUND
        assert len(server.requests) == 2
    assert [line["event"] for line in lines(log)] == ["sending", "sending", "answered"]
    assert log.read_bytes().startswith(whole[0])


def test_two_runs_at_a_time_spoil_no_line(log: Path) -> None:
    with serving(GOOD) as server:
        coder(server, log).suggest(CORPUS)
    request = request_for("http://localhost/v1", "told", ["A"], [], {})
    long = "Wir planen \U0001f600 " * 4_000

    def write(who: str) -> None:
        own = Log(log)
        for number in range(20):
            own.sending(request, f"{who} {number} {long}", host=who, model="m", form="plain", time="now")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, ("a", "b", "c")))
    kept = [
        (line["host"], line["sent"].split()[1]) for line in read_log(log) if line["model"] == "m" and "sent" in line
    ]
    for who in ("a", "b", "c"):
        assert [number for host, number in kept if host == who] == [str(each) for each in range(20)]


def test_backup_merge_export_and_reading_a_study_leave_the_log_where_it_is(tmp_path: Path) -> None:
    study = make_study(tmp_path / "files")
    projects = []
    for name in ("ours", "theirs"):
        made = Project.create(tmp_path / name, codebook=study / "tiny.yaml")
        assert made is not None
        made.ingest([study / "anna.txt"])
        made.code()
        projects.append(made)
    ours, theirs = projects
    (theirs.folder / LOG).write_text('{"event": "sending", "sent": "SECRETWORD"}\n', encoding="utf-8")
    copy = theirs.backup()
    ours.merge(theirs.folder)
    theirs.export(path=tmp_path / "out")
    theirs.report(tmp_path / "out" / "report.html")
    assert not (ours.folder / LOG).exists()
    written = [copy, *(tmp_path / "out").iterdir(), *(path for path in ours.folder.rglob("*") if path.is_file())]
    assert len(written) > 5
    assert all(b"SECRETWORD" not in path.read_bytes() for path in written)
    report = ours.ingest([theirs.folder / LOG], dry_run=True)
    assert [each.code for each in report.failures] == ["QC-I007"]
