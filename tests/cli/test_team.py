"""One session of a team, from the first transcript to a restored backup, told in commands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.running import Outcome, Run
from tests.cli.team import ANNA, BOOK, ids, listed


def test_a_team_codes_differs_settles_and_goes_back(run: Run, tmp_path: Path) -> None:
    def done(*words: object) -> Outcome:
        ended = run(*words)
        assert ended.code == 0, (words, ended.err)
        return ended

    source = tmp_path / "files"
    source.mkdir()
    (source / "anna.txt").write_text(ANNA, encoding="utf-8")
    (source / "team.yaml").write_text(BOOK, encoding="utf-8")
    ann, ben = tmp_path / "ann's", tmp_path / "ben's"

    # Ann makes the project, and gives Ben a copy.
    done("init", ann, "--codebook", source / "team.yaml")
    done("ingest", ann, source / "anna.txt")
    assert done("code", ann).out.startswith("3 codings of 2 codes in 1 document, with team 1.0\n")
    shutil.copytree(ann, ben)
    first, doubt, last = ids(run, ann)

    # Ann accepts two, and finds that the rule about boards catches a wrong passage.
    assert done("accept", ann, "--id", first, "--id", doubt, "--reason", "clear").out.startswith("2 passages accepted:")
    done("reject", ann, "--near-miss", "--id", last, "--reason", "the head is always on board")
    assert "the head is always on board" in (ann / "codebooks" / "team.yaml").read_text(encoding="utf-8")
    tested = run("codebook", "test", ann / "codebooks" / "team.yaml")
    assert (tested.code, "1 of 1 near-miss examples are hit" in tested.out) == (1, True)
    done("memo", ann, "They speak of it as of a house.", "--type", "theory")

    # She takes the note back, and has it again.
    done("undo", ann)
    assert done("memo", ann, "--list").out == "0 memos.\n"
    done("redo", ann)
    assert "as of a house" in done("memo", ann, "--list").out

    # Ben rejects what Ann accepted, and codes something that no rule finds.
    done("reject", ben, "--id", doubt, "--reason", "only at first", "--person", "ben")
    done("code", ben, "--as", "Buy-in", "--quote", "My garden needs rain", "--person", "ben")
    verbs = [line["verb"] for line in json.loads(done("log", ben, "--person", "ben", "--json").out)]
    assert verbs == ["reject", "code"]

    # Ann takes over his work; they differ about one passage, and she settles it.
    assert "conflicts  1" in done("merge", ann, ben).out
    shown = done("conflicts", ann).out
    assert "ann: accepted, because: clear" in shown
    assert "ben: rejected, because: only at first" in shown
    (conflict,) = json.loads(done("conflicts", ann, "--json").out)
    done("adjudicate", ann, conflict["id"], "--reject", "--reason", "Ben is right")
    assert done("conflicts", ann).out == "0 conflicts.\n"
    stands = {(row["code"], row["quote"]): (row["status"], row["decided_by"]) for row in listed(run, ann)}
    assert stands == {
        ("A1", "We all bought into it from the start."): ("accepted", "ann"),
        ("A2", "I was worried at first."): ("rejected", "ann"),
        ("A1", "The head was on board as well."): ("rejected", "ann"),
        ("A1", "My garden needs rain"): ("coded", "ben"),
    }
    blamed = done("blame", ann, "--quote", "I was worried at first").out
    assert "suggested by rules (A2-worried)" in blamed
    assert "settled: rejected, because: Ben is right" in blamed

    # What is decided survives another run of the coders.
    again = json.loads(done("code", ann, "--json").out)["rerun"]
    assert (again["new"], again["gone"], again["waiting"]) == (0, 0, 0)

    # A backup, an accident, and the way back.
    backup = tmp_path / "kept.db"
    done("backup", ann, backup)
    before = listed(run, ann)
    done("uncode", ann, "--all", "--person", "ben")
    done("uncode", ann, "--code", "A1")
    assert listed(run, ann) != before
    restored = done("restore", ann, backup)
    assert "project.db.before-restore-1.bak" in restored.err
    assert listed(run, ann) == before
    assert done("verify", ann).out == "Everything adds up.\n"
