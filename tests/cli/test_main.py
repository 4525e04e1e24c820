"""The command itself: light, helpful, and honest in its exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

import qualcode
from qualcode.cli.main import COMMANDS, main, verbs
from qualcode.cli.reference import reference
from tests.cli.running import Run

ROOT = Path(__file__).parents[2]
HEAVY = [
    "spacy",
    "pandas",
    "sklearn",
    "gensim",
    "matplotlib",
    "sqlite3",
    "numpy",
    "lark",
    "yaml",
    "pydantic",
    "jinja2",
    "rich",
    "docx",
    "openpyxl",
    "scipy",
    "re2",
]


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, cwd=ROOT, env={**os.environ, **environment}, check=False
    )


@pytest.mark.parametrize(
    "statement",
    [
        "import qualcode",
        "import qualcode.project, qualcode.store, qualcode.codebook, qualcode.coding, qualcode.notebook",
        "from qualcode.cli.main import verbs; verbs.main(['--help'], standalone_mode=False)",
        "from qualcode.cli.main import verbs; verbs.main(['--version'], standalone_mode=False)",
    ],
)
def test_asking_for_help_or_importing_loads_nothing_heavy(statement: str) -> None:
    ended = python("-c", f"import sys; {statement}; print(*[m for m in {HEAVY} if m in sys.modules], file=sys.stderr)")
    assert ended.stderr.decode().strip() == ""


def test_the_root_script_is_the_command() -> None:
    ended = python("cli.py", "--version")
    assert (ended.returncode, ended.stdout.decode().strip()) == (0, f"qualcode {qualcode.__version__}")


def test_help_says_of_each_command_what_the_command_says(run: Run) -> None:
    listed = run("--help")
    assert listed.code == 0
    ctx = click.Context(verbs)
    for name, told in COMMANDS.items():
        command = verbs.get_command(ctx, name)
        assert command is not None
        assert command.help is not None
        assert command.help.startswith(told.removesuffix(".")), name
        assert f"\n  {name} " in listed.out
        assert run(name, "--help").code == 0


def test_commands_stand_under_headings_in_the_order_of_a_study(run: Run) -> None:
    lines = run("--help").out.splitlines()
    assert [line for line in lines if line.endswith(":") and not line.startswith((" ", "Options"))] == [
        "Begin:",
        "Code and decide:",
        "Look:",
        "Together:",
        "Trust:",
    ]
    shown = [line.split()[0] for line in lines[lines.index("Begin:") :] if line.startswith("  ") and line[2] != " "]
    assert shown == list(COMMANDS)
    below = run("codebook", "--help").out
    assert below.index("Look:") < below.index("  diff") < below.index("Change, in a project:") < below.index("  merge")


def test_the_reference_is_up_to_date() -> None:
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == reference()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["serch", "x", "y"], "Did you mean 'search'?"),
        (["codebook", "shwo"], "Did you mean 'show'?"),
        (["inspect"], "Missing argument"),
        (["inspect", "x", "--jsn"], "--json"),
        (["run", "x", "--out", "y"], "Missing option '--codebook'"),
        (["inspect", "x", "--role", "Dana"], "'Dana' is not of the form LABEL=ROLE"),
        (["inspect", "x", "--role", "Dana=interviwer"], "Did you mean 'interviewer'?"),
        (["table", "themes", "x", "--format", "pdf"], "'csv'"),
    ],
)
def test_misuse_ends_with_2_and_says_what_to_type(run: Run, arguments: list[str], told: str) -> None:
    ended = run(*arguments)
    assert ended.code == 2
    assert told in ended.err
    assert ended.out == ""


def test_a_bug_shows_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    # The package first: it takes the name from its module when it is first asked, and would keep what is put there.
    monkeypatch.setattr("qualcode.project.read_files", broken)
    monkeypatch.setattr("qualcode.project.reading.read_files", broken)
    with pytest.raises(ZeroDivisionError):
        main(["inspect", "x.txt"])


def test_an_interrupt_ends_quietly_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("qualcode.project.read_files", interrupted, raising=False)
    ended = run("inspect", "x.txt")
    assert (ended.code, ended.out, ended.err.strip()) == (130, "", "")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_any_terminal_can_show_the_output(study: Path, encoding: str) -> None:
    (study / "λ😀.txt").write_text(
        "ZOË 😀: Why λ, and “why”?\n\nŁUKASZ: Because λ is λ, 😀.\n\nZOË 😀: Fine.\n", encoding="utf-8"
    )
    told = {"PYTHONIOENCODING": encoding, "TERM": "dumb", "PYTHONUTF8": "0"}
    for arguments in (["inspect", "λ😀.txt"], ["search", "λ😀.txt", "λ"], ["inspect", "--json", "λ😀.txt"]):
        ended = subprocess.run([sys.executable, str(ROOT / "cli.py"), *arguments], capture_output=True, cwd=study,
                               env={**os.environ, **told, "PYTHONPATH": str(ROOT)}, check=False)  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        assert b"\x1b" not in ended.stdout + ended.stderr
        # click takes ASCII for a locale that is set up badly and writes UTF-8 there.
        lines = ended.stdout.decode("utf-8" if encoding == "ascii" else encoding).splitlines()
        assert "--json" in arguments or all(len(line) <= 80 for line in lines)


def test_a_closed_pipe_is_no_failure(study: Path) -> None:
    (study / "long.txt").write_text("A: What now?\n\n" + "B: Well, so it goes, so it goes.\n\n" * 5000)
    command = f'"{sys.executable}" "{ROOT / "cli.py"}" search long.txt so | head -n 1'
    ended = subprocess.run(
        command, shell=True, capture_output=True, cwd=study, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert ended.stdout.decode().strip() == "long.txt"
    assert b"Traceback" not in ended.stderr
    assert b"Error" not in ended.stderr


def test_public_names_are_sorted_and_importable() -> None:
    assert qualcode.__all__ == sorted(qualcode.__all__)
    for name in qualcode.__all__:
        assert getattr(qualcode, name) is not None
    assert set(qualcode.__all__) <= set(dir(qualcode))
    with pytest.raises(AttributeError):
        qualcode.nothing_of_that_name  # noqa: B018 - the access is what is tested
