"""``queue``, ``read``, ``stopping`` and ``simulate`` as a shell sees them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from qualcode.project import Project
from tests.cli.running import Outcome, Run
from tests.cli.team import kept
from tests.review.reading_values import make_reading_project

PROGRAM = "from qualcode.cli.main import main; main()"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_reading_project(tmp_path, person="ann").folder


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, run: Run) -> Any:
    def answer(answers: str, *arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        return run(*arguments)

    return answer


def test_queue_lists_passages_with_ids_that_reject_takes(run: Run, folder: Path) -> None:
    before = kept(folder)
    listed = run("queue", folder, "--code", "Time", "-n", 6)
    assert listed.code == 0
    assert kept(folder) == before
    assert "T Time: read 0 of 48" in listed.out
    assert "6 passages, by mixed" in listed.out
    assert "qualcode accept" in listed.err
    passages = json.loads(run("queue", folder, "--code", "T", "-n", 6, "--json").out)["passages"]
    assert [each["order"] for each in passages[:3]] == ["random"] * 3
    done = run("reject", folder, "--id", passages[0]["id"])
    assert done.code == 0
    assert "1 passage rejected" in done.out
    assert passages[0]["id"] not in run("queue", folder, "--code", "T").out
    assert "1 at random" in run("queue", folder, "--code", "T").out


def test_queue_without_a_code_names_one_for_each_passage(run: Run, folder: Path) -> None:
    told = json.loads(run("queue", folder, "--json", "-n", 5).out)
    assert told["code"] is None
    assert told["progress"] is None
    assert {each["code"] for each in told["passages"]} <= {"T", "T1", "M"}


def test_read_takes_answers_from_a_pipe_and_writes_each(typed: Any, run: Run, folder: Path) -> None:
    done = typed("y\nno\nm\nnn\nq\n", "read", folder, "--code", "T", "--order", "relevance")
    assert done.code == 0
    assert "5 answers written" in done.out
    assert "1 undecided" in done.out
    assert "Asked: And then?" in done.out
    assert "why: rules" in done.out
    assert [each.judgement != "" for each in Project(folder, person="ann").readings()] == [
        True,
        True,
        False,
        True,
        True,
    ]
    assert "read" in run("log", folder).out


def test_read_undoes_and_tells_the_definition(typed: Any, folder: Path) -> None:
    done = typed("n\nu\nu\nd\n?\ny\n", "read", folder, "--code", "T", "--order", "random")
    assert "Taken back: no" in done.err
    assert "nothing of this sitting is left to undo" in done.err
    assert "Having hours for it." in done.err
    (noted,) = Project(folder, person="ann").readings()
    assert noted.order == "random"


def test_rubbish_from_a_pipe_is_no_answer(typed: Any, folder: Path) -> None:
    done = typed("not sure\nunclear\nbanana\n\nyes!\nn n\nno y\n", "read", folder, "--code", "T", "--order", "random")
    assert done.code == 0
    assert "note: no answer: not sure" in done.err
    assert "note: no answer: unclear" in done.err
    assert "4 answers written" in done.out
    assert len(Project(folder, person="ann").readings()) == 4


@pytest.mark.parametrize("shut", ["<&-", "< /dev/null"])
def test_read_without_standard_input_writes_nothing(folder: Path, shut: str) -> None:
    command = f'"{sys.executable}" -c "{PROGRAM}" read "{folder}" --code T --order random {shut}'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "0 answers written" in done.stdout


def test_bytes_that_are_no_text_are_no_answer(folder: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, "read", str(folder), "--code", "T", "--order", "random"]
    done = subprocess.run(command, input=b"\xff\xfe\nn\n", capture_output=True, check=False,
                          env={**os.environ, "PYTHONIOENCODING": "utf-8:strict", "PYTHONUTF8": "1"})  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"1 answer written" in done.stdout


def test_read_ends_after_n_and_as_json(typed: Any, folder: Path) -> None:
    done = typed("n\n" * 50, "read", folder, "--code", "T", "--order", "random", "-n", 4, "--json")
    told = json.loads(done.out)
    assert (told["answers"], told["read"], told["random"]) == (4, 4, 4)


def test_read_everything_and_the_sentence_says_so(typed: Any, run: Run, folder: Path) -> None:
    done = typed("n\n" * 60, "read", folder, "--code", "M", "--order", "random", "-q")
    assert "Everything is read." in done.out
    told = run("stopping", folder, "--code", "M")
    assert "all of them drawn at random; 0 had the code. Nothing is left unread." in " ".join(told.out.split())


def test_a_check_reads_its_sample_and_the_verdict_is_told(typed: Any, run: Run, folder: Path) -> None:
    typed("y\n" * 8 + "n\n" * 6, "read", folder, "--code", "T", "--order", "relevance", "--learner", "quick", "-q")
    aims = ("--target", "0.5", "--confidence", "0.8")
    before = run("stopping", folder, "--code", "T", *aims)
    assert "--check" in before.out
    needed = json.loads(run("stopping", folder, "--code", "T", *aims, "--json").out)[0]["sample_needed"]
    done = typed("n\n" * 99, "read", folder, "--code", "T", "--check", *aims, "-q")
    assert f"{needed} answers written" in done.out
    assert "Stop: a test with a bound" in done.out
    sentence = run("stopping", folder, "--code", "T", *aims).out
    assert f"random sample of {needed} unread" in " ".join(sentence.split())
    assert "Callaghan and Müller-Hansen" in " ".join(sentence.split())


def test_stopping_without_codes_tells_all_that_were_read_for(typed: Any, run: Run, folder: Path) -> None:
    assert "0 codes with passages read" in run("stopping", folder).out
    typed("n\nn\n", "read", folder, "--code", "T", "-q")
    typed("n\n", "read", folder, "--code", "M", "-q")
    assert "2 codes with passages read" in run("stopping", folder).out
    table = json.loads(run("table", "reading", folder, "--json").out)
    assert [row["read"] for row in table["rows"]] == [2, 1]


def test_simulate_prints_two_tables_and_writes_figure_and_points(run: Run, folder: Path, tmp_path: Path) -> None:
    project = Project(folder, person="ann")
    project.code_by_hand("T", where="time")
    project.done(["anna", "ben"])
    figure, points = tmp_path / "recall.svg", tmp_path / "points.csv"
    done = run("simulate", folder, "--code", "T", "--orders", "mixed,relevance", "--seeds", 2, "--figure", figure,
               "--csv", points, "--target", "0.8")  # fmt: skip
    assert done.code == 0, done.err
    assert "Work saved over reading at random" in done.out
    assert "aim 80%" in done.out
    assert "Labels: ann" in done.out
    assert figure.read_text(encoding="utf-8").startswith("<svg")
    assert points.read_text(encoding="utf-8").startswith(
        "code,order,read,recall,recall_low,recall_high\nT,mixed,0.0,0.0"
    )
    told = json.loads(
        run("simulate", folder, "--code", "T", "--orders", "relevance", "--rules", "ranked", "--json").out
    )
    assert [row["rule"] for row in told["stops"]] == ["ranked"]
    other = tmp_path / "notes.csv"
    other.write_text("mine\n", encoding="utf-8")
    refused = run("simulate", folder, "--code", "T", "--orders", "random", "--csv", other)
    assert refused.code == 1
    assert "QC-P013" in refused.err


@pytest.mark.parametrize(
    ("told", "arguments"),
    [
        ("--all", ("simulate",)),
        ("one of", ("simulate", "--code", "T", "--all")),
        ("SVG or PNG", ("simulate", "--all", "--figure", "figure.pdf")),
        ("--code", ("read",)),
    ],
)
def test_misuse_is_told(run: Run, folder: Path, told: str, arguments: tuple[str, ...]) -> None:
    verb, *others = arguments
    ended = run(verb, folder, *others)
    assert ended.code == 2
    assert told in ended.err


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is POSIX")
def test_keys_on_a_terminal(folder: Path) -> None:
    import pty
    import select

    program = "from qualcode.cli.main import main; main()"
    inside, outside = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "QUALCODE_PERSON": "ann"}
    running = subprocess.Popen(
        [sys.executable, "-c", program, "read", str(folder), "--code", "T", "--order", "random"],
        stdin=outside, stdout=outside, stderr=outside, env=environment,
    )  # fmt: skip
    os.close(outside)
    shown = b""
    keys = iter("nmuyq")
    asked = 0
    last = time.monotonic() + 60
    while running.poll() is None and time.monotonic() < last:
        if select.select([inside], [], [], 0.1)[0]:
            try:
                shown += os.read(inside, 65536)
            except OSError:
                break
        if shown.count("▸".encode()) > asked:
            asked += 1
            os.write(inside, next(keys, "q").encode())
    assert running.wait(30) == 0
    os.close(inside)
    assert [each.judgement != "" for each in Project(folder, person="ann").readings()] == [True, True]
