"""Vectors kept between runs: found again, bounded, and never the worse for damage or for two programs at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.coding.features import semantic, vector_cache
from qualcode.coding.features.semantic import load_encoder
from qualcode.coding.features.vector_cache import VectorCache, key_of
from qualcode.model.document import Document
from qualcode.text.index import TokenIndex
from tests.coding.books import said
from tests.coding.models import directions, static_folder

MODEL = "a" * 32
TEXTS = ["the kettle", "we planned it", "rain"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    words = directions(["kettle teapot", "plan planned", "rain wet", "the we it"])
    return static_folder(tmp_path_factory.mktemp("models") / "small", words)


def row(number: int) -> np.ndarray:
    return np.full((1, 4), number, np.float32)


def filled(folder: Path | None, *numbers: int) -> VectorCache:
    """Return a cache to which the vectors of some numbers were added and saved."""
    found = VectorCache(MODEL, folder)
    for number in numbers:
        found.add([key_of(str(number))], row(number))
    found.save()
    return found


def kept(folder: Path) -> list[int]:
    """Return the numbers that the file has, in its order."""
    found = VectorCache(MODEL, folder)
    return [int(each[0]) for each in found.rows(list(found._rows))]


def test_vectors_are_found_again_and_the_model_is_not_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_encoder(folder, cache=tmp_path).encode([*TEXTS, "?"])
    monkeypatch.setattr(semantic, "_static", lambda _: pytest.fail("all of it is known"))
    again = load_encoder(folder, cache=tmp_path)
    assert again.encode([*TEXTS, "?"]).tobytes() == first.tobytes()
    assert [each.name for each in tmp_path.iterdir()] == [f"{again.id}.vectors"]


def test_what_was_in_the_cache_and_what_is_made_now_are_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    load_encoder(folder, cache=tmp_path).encode(TEXTS[:1])
    mixed = load_encoder(folder, cache=tmp_path).encode(TEXTS)
    assert mixed.tobytes() == load_encoder(folder).encode(TEXTS).tobytes()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:-3],
        lambda data: data + b"\0",
        lambda data: data[:60],
        lambda data: data[:-8] + bytes(8),
        lambda data: b"x" + data[1:],
        lambda data: data.replace(MODEL.encode(), b"b" * 32),
    ],
)
def test_a_damaged_file_is_made_anew(spoil: object, tmp_path: Path) -> None:
    path = filled(tmp_path, 1, 2).path
    assert path is not None
    path.write_bytes(spoil(path.read_bytes()))  # type: ignore[operator]  # a function of bytes
    assert kept(tmp_path) == []
    filled(tmp_path, 3)
    assert kept(tmp_path) == [3]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.booleans()), max_size=12))
def test_two_that_write_in_turn_keep_what_both_wrote(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bool, int, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    caches = (VectorCache(MODEL, folder), VectorCache(MODEL, folder))
    for which, number, save in steps:
        caches[which].add([key_of(str(number))], row(number))
        if save:
            caches[which].save()
    for each in caches:
        each.save()
    assert sorted(kept(folder)) == sorted({number for _, number, _ in steps})


def test_two_programs_that_write_at_once_leave_a_sound_file(tmp_path: Path) -> None:
    program = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from qualcode.coding.features.vector_cache import VectorCache, key_of\n"
        f"cache = VectorCache('{MODEL}', Path(sys.argv[1]))\n"
        "for number in range(int(sys.argv[2]), int(sys.argv[2]) + 40):\n"
        "    cache.add([key_of(str(number))], np.full((1, 4), number, np.float32)); cache.save()\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), str(first)]) for first in (0, 100)]
    assert [each.wait(60) for each in running] == [0, 0]
    numbers = kept(tmp_path)
    assert set(range(40)) <= set(numbers) or set(range(100, 140)) <= set(numbers)  # the one that wrote last
    assert set(numbers) <= {*range(40), *range(100, 140)}
    assert [each.suffix for each in tmp_path.iterdir()] == [".vectors"]


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_cache, "LARGEST", 3 * (32 + 4 * 4))
    found = filled(tmp_path, 1, 2, 3, 4, 5)
    assert len(found) == 3
    assert kept(tmp_path) == [3, 4, 5]


def test_an_encoder_answers_for_more_texts_than_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = load_encoder(folder).encode(TEXTS)
    monkeypatch.setattr(vector_cache, "LARGEST", 32 + 4 * 16)
    found = load_encoder(folder)
    assert found.encode(TEXTS).tobytes() == whole.tobytes()
    assert found.encode(TEXTS[::-1]).tobytes() == whole[::-1].tobytes()


def test_files_of_the_newest_models_are_kept(tmp_path: Path) -> None:
    for number, letter in enumerate("abcd"):
        found = VectorCache(letter * 32, tmp_path)
        found.add([key_of("x")], row(1))
        found.save()
        assert found.path is not None
        if found.path.exists():
            os.utime(found.path, (number + 1, number + 1))
    assert sorted(each.name[0] for each in tmp_path.glob("*.vectors")) == ["b", "c", "d"]


def test_a_draft_that_a_killed_program_left_goes_after_a_day(tmp_path: Path) -> None:
    fresh, stale = tmp_path / ".a-1-2.tmp", tmp_path / ".a-3-4.tmp"
    for each in (fresh, stale):
        each.write_bytes(b"half")
    os.utime(stale, (1, 1))
    filled(tmp_path, 1)
    assert (fresh.exists(), stale.exists()) == (True, False)


def test_a_place_that_cannot_be_written_to_is_done_without(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here already", encoding="utf-8")
    found = load_encoder(folder, cache=tmp_path / "file")
    assert found.encode(TEXTS).tobytes() == load_encoder(folder).encode(TEXTS).tobytes()
    assert (tmp_path / "file").read_text(encoding="utf-8") == "here already"


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(filled(None, 1)) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_long_run_is_saved_on_the_way(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semantic, "SAVE_AFTER", -1.0)
    monkeypatch.setattr(semantic, "BATCH", 1)
    found = load_encoder(folder, cache=tmp_path)
    whole, calls = found._run, []

    def interrupted(texts: list[str]) -> np.ndarray:
        calls.append(len(texts))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(texts)

    monkeypatch.setattr(found, "_run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        found.encode([f"rain {number}" for number in range(80)])
    assert len(VectorCache(found.id, tmp_path)) == 50


def test_the_index_leaves_the_vectors_in_its_folder_alone(folder: Path, tmp_path: Path) -> None:
    load_encoder(folder, cache=tmp_path / "vectors").encode(TEXTS)
    documents: tuple[Document, ...] = (said("It rained."),)
    TokenIndex.refresh(tmp_path, documents)
    TokenIndex.refresh(tmp_path, (said("It rained again."),))
    assert len(list((tmp_path / "vectors").iterdir())) == 1
