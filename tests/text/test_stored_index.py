"""The index on disk: what is opened equals what was built, updates touch only what changed, damage is noticed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import TokenIndexError
from qualcode.model.document import Block, Document, Mark, Span
from qualcode.text import Shard, TokenIndex
from qualcode.text.index import MANIFEST, SMALL_SHARDS
from qualcode.text.shard import ARRAYS
from tests.builders import document
from tests.text.speech import plain, tokens_of
from tests.text.test_batches import all_facts, corpora


@pytest.fixture(autouse=True)
def _small_pieces() -> Iterator[None]:
    with patch("qualcode.text.build.PIECE", 1):
        yield


def corpus(*numbers: int) -> list[Document]:
    return [
        document(
            f"d{number}",
            [("Q", "interviewer", f"What about plan {number}?"), ("Dana", "participant", f"We planned it\u2026 {number} times.")],
            attributes={"ofsted": "good"},
            speakers={"Dana": {"years": str(number)}},
        )
        for number in numbers
    ]  # fmt: skip


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Return when, and as which file, each file in the shards was written."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_ino)
        for path in sorted(folder.glob("*/*"))
    }


def held(index: TokenIndex) -> list[str]:
    return [document_id for document_id, _, _ in index.documents()]


@settings(max_examples=25, deadline=None)
@given(corpora(), st.sampled_from([1, 40, 3_000_000]))
def test_an_opened_index_equals_the_built_one(
    tmp_path_factory: pytest.TempPathFactory, documents: list[Document], shard_tokens: int
) -> None:
    folder = tmp_path_factory.mktemp("index")
    built = TokenIndex.build(documents, shard_tokens=shard_tokens)
    TokenIndex.build(documents, folder=folder, shard_tokens=shard_tokens)
    opened = TokenIndex.open(folder)
    assert list(all_facts(opened, documents)) == list(all_facts(built, documents))
    for one, other in zip(opened.shards, built.shards, strict=True):
        for name in ARRAYS:
            left, right = getattr(one, name), getattr(other, name)
            assert left.dtype == right.dtype
            assert np.array_equal(left, right), name
        for name in ("documents", "digests", "speakers", "attributes", "kinds", "roles", "shared_turns", "name"):
            assert getattr(one, name) == getattr(other, name), name


def test_opened_arrays_are_mapped_and_cannot_be_written(tmp_path: Path) -> None:
    shard = TokenIndex.build(corpus(1), folder=tmp_path).shards[0]
    assert type(shard.token_type) is np.ndarray
    assert isinstance(shard.token_type.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        shard.token_type[0] = 1


def test_nothing_is_written_when_nothing_changed(tmp_path: Path) -> None:
    documents = corpus(1, 2, 3)
    TokenIndex.refresh(tmp_path, documents, shard_tokens=12)
    before, manifest = stamps(tmp_path), (tmp_path / MANIFEST).stat().st_mtime_ns
    again = TokenIndex.refresh(tmp_path, corpus(3, 2, 1), shard_tokens=12)
    assert (stamps(tmp_path), (tmp_path / MANIFEST).stat().st_mtime_ns) == (before, manifest)
    assert sorted(held(again)) == ["d1", "d2", "d3"]


def test_a_new_document_goes_into_a_shard_of_its_own(tmp_path: Path) -> None:
    TokenIndex.refresh(tmp_path, corpus(1, 2))
    before = stamps(tmp_path)
    index = TokenIndex.refresh(tmp_path, corpus(0, 1, 2))
    after = stamps(tmp_path)
    assert {name: after[name] for name in before} == before
    assert held(index) == ["d1", "d2", "d0"]
    assert list(all_facts(index, corpus(0, 1, 2))) == list(
        all_facts(TokenIndex.build(corpus(0, 1, 2)), corpus(0, 1, 2))
    )


def test_a_removed_document_goes_and_other_shards_stay(tmp_path: Path) -> None:
    first = TokenIndex.refresh(tmp_path, corpus(1, 2, 3), shard_tokens=1)
    assert [len(shard.documents) for shard in first.shards] == [1, 1, 1]
    before = stamps(tmp_path)
    index = TokenIndex.refresh(tmp_path, corpus(1, 3), shard_tokens=1)
    assert held(index) == ["d1", "d3"]
    gone = {name for name in before if name.startswith(first.shards[1].name)}
    assert stamps(tmp_path) == {name: stamp for name, stamp in before.items() if name not in gone}


def changed(found: Document, what: str) -> Document:
    dana = found.speakers[1]
    blocks = found.blocks
    return {
        "text": lambda: document(found.name, [("Q", "interviewer", "What else?"), ("Dana", "participant", "Nothing.")]),
        "name": lambda: replace(found, name="renamed"),
        "attributes": lambda: replace(found, attributes={"ofsted": "RI"}),
        "role": lambda: replace(found, speakers=(found.speakers[0], replace(dana, role="observer"))),
        "label": lambda: replace(found, speakers=(found.speakers[0], replace(dana, label="D"))),
        "speaker attributes": lambda: replace(found, speakers=(found.speakers[0], replace(dana, attributes={}))),
        "kind of block": lambda: replace(found, blocks=(replace(blocks[0], kind="note"), blocks[1])),
        "who speaks": lambda: replace(found, blocks=(blocks[0], replace(blocks[1], speaker_ids=("s1",)))),
        "where turns end": lambda: replace(
            found, blocks=(Block(0, "turn", Span(0, blocks[1].span.end), ("s1",), blocks[0].label_span),)
        ),
        "marks": lambda: replace(found, marks=(Mark(Span(3, 7), "redaction"),)),
    }[what]()


CHANGES = (
    "text",
    "name",
    "attributes",
    "role",
    "label",
    "speaker attributes",
    "kind of block",
    "who speaks",
    "where turns end",
    "marks",
)


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_document_is_indexed_anew(tmp_path: Path, what: str) -> None:
    one, two = corpus(1, 2)
    TokenIndex.refresh(tmp_path, [one, two], shard_tokens=1)
    before = stamps(tmp_path)
    documents = [one, changed(two, what)]
    index = TokenIndex.refresh(tmp_path, documents, shard_tokens=1)
    assert len(index.shards) == 2
    assert len(stamps(tmp_path).items() & before.items()) == len(ARRAYS) + 2
    fresh = TokenIndex.build(documents)
    assert list(all_facts(index, documents)) == list(all_facts(fresh, documents))
    shard, expected = index.shards[index.place("d2").shard], fresh.shards[0]
    assert shard.documents[0] == expected.documents[1]
    assert shard.attributes[0] == expected.attributes[1]
    assert [replace(each, document=1) for each in shard.speakers] == [
        each for each in expected.speakers if each.document == 1
    ]
    assert TokenIndex.refresh(tmp_path, documents, shard_tokens=1).shards[1].name == shard.name


def test_many_small_shards_become_one(tmp_path: Path) -> None:
    for count in range(1, SMALL_SHARDS + 2):
        index = TokenIndex.refresh(tmp_path, corpus(*range(count)))
    assert len(index.shards) == 1
    assert held(index) == [f"d{number}" for number in range(SMALL_SHARDS + 1)]
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1


def damaged(folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield ways to damage a stored index."""
    shard = next(path for path in folder.iterdir() if path.is_dir())
    array, meta, manifest = shard / "token_type.npy", shard / "shard.json", folder / MANIFEST
    yield "an array is missing", array.unlink
    yield "an array is empty", lambda: array.write_bytes(b"")
    yield "an array is cut short", lambda: array.write_bytes(array.read_bytes()[:-4])
    yield "an array is no array", lambda: array.write_bytes(b"\x80\x04K\x01.")
    yield "an array is another's", lambda: shutil.copy(shard / "block_kind.npy", array)
    yield "the types are missing", (shard / "type_form.npy").unlink
    yield "the table is missing", meta.unlink
    yield "the table is cut short", lambda: meta.write_text(meta.read_text()[:-9])
    yield "the table is empty", lambda: meta.write_text("{}")
    yield "the table is a list", lambda: meta.write_text("[]")
    yield "the table is no text", lambda: meta.write_bytes(b"\xff\xfe\x00")
    yield (
        "the table has no documents",
        lambda: meta.write_text(json.dumps(json.loads(meta.read_text()) | {"documents": []})),
    )
    yield (
        "the table has odd speakers",
        lambda: meta.write_text(json.dumps(json.loads(meta.read_text()) | {"speakers": [1]})),
    )
    yield "the shard is missing", lambda: shutil.rmtree(shard)
    yield "the manifest is missing", manifest.unlink
    yield "the manifest is empty", lambda: manifest.write_text("")
    yield "the manifest is a list", lambda: manifest.write_text("[]")
    yield "the manifest names nothing", lambda: manifest.write_text("{}")
    yield (
        "the manifest is of another version",
        lambda: manifest.write_text(manifest.read_text().replace("index ", "index 1")),
    )
    yield (
        "another spaCy made it",
        lambda: manifest.write_text(manifest.read_text().replace("spaCy ", "spaCy 0.")),
    )


DAMAGES = 20


@pytest.mark.parametrize("number", range(DAMAGES))
def test_a_damaged_index_is_refused_and_made_again(tmp_path: Path, number: int) -> None:
    documents = corpus(1, 2)
    TokenIndex.build(documents, folder=tmp_path)
    ways = list(damaged(tmp_path))
    assert len(ways) == DAMAGES
    what, harm = ways[number]
    harm()
    with pytest.raises(TokenIndexError) as caught:
        TokenIndex.open(tmp_path)
    assert caught.value.code == ("QC-X002" if "another" in what and "array" not in what else "QC-X001"), what
    assert caught.value.hint
    again = TokenIndex.refresh(tmp_path, documents)
    assert list(all_facts(again, documents)) == list(all_facts(TokenIndex.build(documents), documents)), what
    assert held(TokenIndex.open(tmp_path)) == ["d1", "d2"]


def test_building_over_a_damaged_index_mends_it(tmp_path: Path) -> None:
    shard = TokenIndex.build(corpus(1), folder=tmp_path).shards[0]
    (tmp_path / shard.name / "token_type.npy").write_bytes(b"")
    assert TokenIndex.build(corpus(1), folder=tmp_path).n_tokens == shard.n_tokens


def test_there_is_no_index_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(TokenIndexError, match="QC-X001"):
        TokenIndex.open(tmp_path / "none")
    assert held(TokenIndex.refresh(tmp_path / "deep" / "er", corpus(1))) == ["d1"]


class PowerCut(BaseException):
    pass


@pytest.mark.parametrize("at", ["the first array", "the last file", "the manifest"])
def test_a_crash_leaves_the_old_index_usable(tmp_path: Path, at: str) -> None:
    TokenIndex.refresh(tmp_path, corpus(1, 2))
    patched = {
        "the first array": patch("qualcode.text.shard.np.save", side_effect=PowerCut),
        "the last file": patch("qualcode.text.shard.json.dumps", side_effect=PowerCut),
        "the manifest": patch("qualcode.text.index._write_manifest", side_effect=PowerCut),
    }[at]
    with patched, pytest.raises(PowerCut):
        TokenIndex.refresh(tmp_path, corpus(1, 2, 3))
    assert held(TokenIndex.open(tmp_path)) == ["d1", "d2"]
    assert held(TokenIndex.refresh(tmp_path, corpus(1, 2, 3))) == ["d1", "d2", "d3"]
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {MANIFEST, *(shard.name for shard in TokenIndex.open(tmp_path).shards)}


def test_deleting_the_folder_or_part_of_it_is_safe_while_it_is_open(tmp_path: Path) -> None:
    documents = corpus(1, 2)
    folder = tmp_path / "index"
    index = TokenIndex.build(documents, folder=folder)
    expected = list(all_facts(index, documents))
    shutil.rmtree(folder)
    assert list(all_facts(index, documents)) == expected
    assert list(all_facts(TokenIndex.refresh(folder, documents), documents)) == expected


def test_what_is_not_ours_in_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("keep")
    (tmp_path / "thesis.docx").write_text("keep")
    TokenIndex.refresh(tmp_path, corpus(1))
    TokenIndex.refresh(tmp_path, corpus(2))
    TokenIndex.build(corpus(3), folder=tmp_path)
    assert (tmp_path / "notes" / "mine.txt").read_text() == (tmp_path / "thesis.docx").read_text() == "keep"
    assert len(list(tmp_path.iterdir())) == 4


def test_a_built_index_replaces_the_one_in_the_folder(tmp_path: Path) -> None:
    TokenIndex.build(corpus(1, 2), folder=tmp_path)
    assert held(TokenIndex.build(corpus(3), folder=tmp_path)) == ["d3"]
    assert held(TokenIndex.build([], folder=tmp_path)) == []
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


def test_odd_labels_and_letters_survive_the_disk(tmp_path: Path) -> None:
    odd = document(
        "d", [('\u2028 "quoted"\u00e9', "participant", "caf\u00e9 \U0001f642 it\u2019s"), ("B\\n", "unknown", "so")]
    )
    assert tokens_of(TokenIndex.build([odd], folder=tmp_path), odd) == tokens_of(TokenIndex.build([odd]), odd)
    assert [speaker.label for speaker in TokenIndex.open(tmp_path).shards[0].speakers] == [
        '\u2028 "quoted"\u00e9',
        "B\\n",
    ]


def test_halves_of_characters_are_read_and_stored(tmp_path: Path) -> None:
    odd = plain("we \ud800 went\udfff, so")
    index = TokenIndex.build([odd], folder=tmp_path)
    assert [token for _, token in tokens_of(index, odd)] == ["we", "\ud800", "went", "\udfff", ",", "so"]


def ids(spans: Sequence[Span], found: Document) -> list[str]:
    return [found.quote(span) for span in spans]


def test_places_of_documents_over_two_shards(tmp_path: Path) -> None:
    index = TokenIndex.build(corpus(1, 2, 3), folder=tmp_path, shard_tokens=20)
    assert [len(shard.documents) for shard in index.shards] == [2, 1]
    assert [(index.place(name).shard, index.place(name).document) for name in ("d1", "d2", "d3")] == [
        (0, 0),
        (0, 1),
        (1, 0),
    ]
    assert "d3" in index
    assert "d4" not in index
    assert (index.n_documents, index.n_tokens) == (3, sum(shard.n_tokens for shard in index.shards))
    with pytest.raises(KeyError):
        index.place("d4")
    assert isinstance(index.shards[0], Shard)
    for found in corpus(1, 2, 3):
        assert ids(index.unit_spans(found.id, "turn"), found) == [
            f"What about plan {found.id[1]}", f"We planned it\u2026 {found.id[1]} times",
        ]  # fmt: skip
