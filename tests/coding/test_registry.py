"""Coders by name: the built-in ones, plug-ins by entry point, and what happens with names and parameters that are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any, Self

import pytest

import qualcode.coding
from qualcode.coding import Coder, Corpus, RulesCoder, Suggestions, coder_names, make_coder, registry
from qualcode.errors import CodingError
from qualcode.model.coding import Coding
from tests.coding.books import book, code, said

OURS = tuple(sorted(registry._BUILT_IN))


@dataclass(frozen=True)
class Silent:
    """A plug-in that has nothing to say."""

    loudness: int = 0
    name: str = "silent"

    def fit(self, corpus: Corpus, codings: Sequence[Coding] = ()) -> Self:
        return self

    def suggest(self, corpus: Corpus) -> Suggestions:
        return Suggestions(())

    def get_params(self) -> Mapping[str, Any]:
        return {"loudness": self.loudness}


def plugged(monkeypatch: pytest.MonkeyPatch, **points: str) -> None:
    found = [EntryPoint(name, value, registry.GROUP) for name, value in points.items()]

    def entry_points(*, group: str) -> list[EntryPoint]:
        return found if group == registry.GROUP else []

    monkeypatch.setattr(registry, "entry_points", entry_points)


def test_the_rules_are_always_there() -> None:
    assert "rules" in coder_names()
    assert list(coder_names()) == sorted(set(coder_names()))
    coder = make_coder("rules", codebook=book(code("A", "plan")))
    assert isinstance(coder, RulesCoder)
    assert isinstance(coder, Coder)
    assert [found.quote for found in coder.suggest(Corpus.of([said("We plan.")]))] == ["We plan."]


def test_a_plug_in_is_equal_to_the_built_in_coders(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged(monkeypatch, silent=f"{__name__}:Silent")
    assert coder_names() == tuple(sorted((*OURS, "silent")))
    coder = make_coder("silent", loudness=3)
    assert isinstance(coder, Coder)
    assert coder.get_params() == {"loudness": 3}
    assert coder.fit(Corpus.of([])) is coder
    assert len(coder.suggest(Corpus.of([]))) == 0


def test_a_plug_in_cannot_take_the_name_of_a_built_in_coder(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged(monkeypatch, rules=f"{__name__}:Silent")
    assert coder_names() == OURS
    assert isinstance(make_coder("rules", codebook=book()), RulesCoder)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("rule", "Did you mean 'rules'?"),
        ("Rules", "Did you mean 'rules'?"),
        ("xyzzy", f"Known coders: {', '.join(OURS)}."),
    ],
)
def test_an_unknown_coder_is_an_error_that_helps(monkeypatch: pytest.MonkeyPatch, name: str, hint: str) -> None:
    plugged(monkeypatch)
    with pytest.raises(CodingError) as caught:
        make_coder(name)
    assert (caught.value.code, caught.value.hint) == ("QC-K001", hint)


def test_wrong_parameters_are_an_error_that_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged(monkeypatch, silent=f"{__name__}:Silent")
    for name, parameters, word in (
        ("rules", {"speed": 3}, "speed"),
        ("rules", {}, "codebook"),
        ("silent", {"volume": 1}, "volume"),
    ):
        with pytest.raises(CodingError, match=word) as caught:
            make_coder(name, **parameters)
        assert caught.value.code == "QC-K002"


def test_a_plug_in_that_cannot_be_imported_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged(monkeypatch, broken="no_such_module_anywhere:Coder", odd=f"{__name__}:NoSuchCoder")
    for name in ("broken", "odd"):
        with pytest.raises(CodingError, match=name) as caught:
            make_coder(name)
        assert caught.value.code == "QC-K005"
        assert caught.value.__cause__ is not None


def test_the_room_offers_what_it_says_and_nothing_else() -> None:
    assert all(getattr(qualcode.coding, name) is not None for name in qualcode.coding.__all__)
    with pytest.raises(AttributeError, match="nothing_here"):
        _ = qualcode.coding.nothing_here
