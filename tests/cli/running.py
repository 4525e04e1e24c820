"""Runs the command line in this process, as a shell would see it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from qualcode.cli.main import main

__all__ = ["Outcome", "Run"]


@dataclass(frozen=True)
class Outcome:
    """What a command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


class Run:
    """``run("inspect", path)`` gives an :class:`Outcome`; anything but a clean end fails the test."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: object) -> Outcome:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        out, err = self.capsys.readouterr()
        assert "Traceback" not in err
        assert isinstance(ended.value.code, int)
        return Outcome(ended.value.code, out, err)
