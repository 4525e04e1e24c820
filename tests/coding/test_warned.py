"""What coders warn of is kept for the record, and told again to whoever called."""

from __future__ import annotations

import warnings

import pytest

from qualcode.coding.base import CoderWarning
from qualcode.coding.warned import figures_of, kept_warnings


def _coder() -> None:
    for _ in range(2):  # from one line: by default Python would tell it once
        warnings.warn("two codes have no examples", stacklevel=1)
    warnings.warn(CoderWarning("3 of 9 were left", {"left": 3, "of": 9}), stacklevel=1)


def test_warnings_are_kept_and_given_again() -> None:
    with pytest.warns(UserWarning, match="examples|left") as heard, kept_warnings() as kept:
        _coder()
    assert [str(each) for each in kept] == ["two codes have no examples"] * 2 + ["3 of 9 were left"]
    assert [str(each.message) for each in heard] == [str(each) for each in kept]
    assert heard[0].filename == __file__


def test_warnings_that_somebody_tells_himself_are_not_given_again() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with kept_warnings(again=False) as kept:
            _coder()
    assert len(kept) == 3


def test_a_filter_that_makes_errors_of_them_does_so_when_the_block_has_ended() -> None:
    reached = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(CoderWarning, match="left"), kept_warnings() as kept:  # noqa: PT012 - what follows is the point
            warnings.warn(CoderWarning("3 were left"), stacklevel=1)
            reached.append(True)
    assert reached
    assert len(kept) == 1


def test_what_a_block_raises_is_told_and_the_warnings_before_it_are_kept() -> None:
    kept: list[UserWarning] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="no end"), kept_warnings() as kept:  # noqa: PT012 - what came before counts
            _coder()
            raise ValueError("no end")
    assert len(kept) == 3


def test_other_warnings_are_treated_as_always() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DeprecationWarning), kept_warnings(again=False):
            warnings.warn("old", DeprecationWarning, stacklevel=1)
    with pytest.warns(DeprecationWarning, match="old"), kept_warnings(again=False) as kept:
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert kept == []


def test_the_record_holds_figures_and_the_words_of_a_warning_without_them() -> None:
    assert figures_of(CoderWarning("the server said: Ann was afraid", {"left": 3})) == {
        "kind": "CoderWarning",
        "left": 3,
    }
    assert figures_of(CoderWarning("no figures")) == {"kind": "CoderWarning", "message": "no figures"}
    assert figures_of(UserWarning("plain")) == {"kind": "UserWarning", "message": "plain"}
