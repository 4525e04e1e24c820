"""Sentence vectors: which folders are models, what a row is, what is refused, and that nothing leaves the machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.coding.base import Encoder
from qualcode.coding.features import semantic
from qualcode.coding.features.semantic import LocalEncoder, load_encoder
from qualcode.errors import CodingError, MissingExtraError
from tests.coding.models import directions, static_folder

WORDS = directions(["kettle teapot brew", "plan planned timetable", "rain wet puddle", "the a we it"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return static_folder(tmp_path_factory.mktemp("models") / "small", WORDS)


@pytest.fixture(scope="module")
def encoder(folder: Path) -> LocalEncoder:
    return load_encoder(folder)


def copied(folder: Path, to: Path) -> Path:
    """Return a copy of a model that may be spoilt."""
    return Path(shutil.copytree(folder, to / "copy"))


def refused(folder: Path | str) -> CodingError:
    with pytest.raises(CodingError) as caught:
        load_encoder(folder)
    assert caught.value.hint
    return caught.value


# rows


def test_rows_have_length_one_and_words_that_mean_the_same_are_near(encoder: LocalEncoder) -> None:
    found = encoder.encode(["The kettle", "the teapot!", "We planned it"])
    assert found.dtype == np.float32
    assert found.shape == (3, 16) == (3, encoder.dimensions)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    assert found[0] @ found[1] > 0.9 > found[0] @ found[2]


@pytest.mark.parametrize("text", ["", "  \n", "…", "?!", "zanzibar", "\ud800"])
def test_a_text_without_a_word_that_the_model_knows_has_a_row_of_zeros(encoder: LocalEncoder, text: str) -> None:
    found = encoder.encode([text, "kettle"])
    assert not found[0].any()
    assert found[1].any()


def test_no_texts_have_no_rows(encoder: LocalEncoder) -> None:
    assert encoder.encode([]).shape == (0, 16)


def test_blanks_and_line_breaks_make_no_difference(encoder: LocalEncoder) -> None:
    one, other = encoder.encode(["we planned it", "  we planned\n\tit "])
    assert (one == other).all()


@settings(max_examples=40)
@given(st.lists(st.lists(st.sampled_from([*WORDS, "zz", "."]), max_size=6).map(" ".join), max_size=8))
def test_a_row_is_a_function_of_its_text_alone(encoder: LocalEncoder, texts: list[str]) -> None:
    together = LocalEncoder(encoder.folder).encode(texts)
    assert together.tobytes() == b"".join(encoder.encode([text]).tobytes() for text in texts)
    assert together.tobytes() == encoder.encode(texts[::-1])[::-1].tobytes()


def test_many_texts_are_encoded_in_parts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = load_encoder(folder)
    sizes: list[int] = []
    whole = found._run
    monkeypatch.setattr(found, "_run", lambda texts: (sizes.append(len(texts)), whole(texts))[1])
    texts = [f"kettle {number}" for number in range(50 * semantic.BATCH + 7)]
    assert found.encode([*texts, *texts]).shape == (2 * len(texts), 16)
    assert sizes == [50 * semantic.BATCH, 7]


def test_the_model_is_read_when_the_first_text_comes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semantic, "_static", lambda _: pytest.fail("nothing is asked yet"))
    assert len(load_encoder(folder).id) == 32


def test_it_is_an_encoder(encoder: LocalEncoder) -> None:
    found: Encoder = encoder
    assert found.id == encoder.folder.id
    assert "small" in repr(encoder)


# ids


def test_the_id_follows_what_is_in_the_folder_and_not_where_it_is(folder: Path, tmp_path: Path) -> None:
    copy = copied(folder, tmp_path)
    assert load_encoder(copy).id == load_encoder(folder).id == load_encoder(str(copy)).id
    (copy / "README.md").write_text("About this model", encoding="utf-8")
    (copy / ".gitattributes").write_text("x", encoding="utf-8")
    assert load_encoder(copy).id == load_encoder(folder).id
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    (copy / "config.json").write_text(json.dumps(config | {"max_length": 7}), encoding="utf-8")
    assert load_encoder(copy).id != load_encoder(folder).id


# folders


def test_a_model_of_words_in_the_form_of_sentence_transformers_is_read_as_one(folder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    inside = tmp_path / "st" / "0_StaticEmbedding"
    inside.mkdir(parents=True)
    vectors = load_file(folder / "model.safetensors")["embeddings"]
    save_file({"embedding.weight": vectors}, inside / "model.safetensors")
    shutil.copy(folder / "tokenizer.json", inside)
    (tmp_path / "st" / "config_sentence_transformers.json").write_text("{}", encoding="utf-8")
    modules = [{"idx": 0, "path": "0_StaticEmbedding", "type": "sentence_transformers.models.StaticEmbedding"}]
    (tmp_path / "st" / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    found = load_encoder(tmp_path / "st")
    assert found.folder.kind == "model2vec"
    assert found.encode(["kettle"]) == pytest.approx(load_encoder(folder).encode(["kettle"]), abs=1e-6)


def test_an_installed_package_that_carries_a_model_can_be_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folder, tmp_path / "tiny_model" / "model")
    (tmp_path / "tiny_model" / "__init__.py").write_text("raise RuntimeError('never imported')\n", encoding="utf-8")
    about = tmp_path / "tiny_model-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-model\nVersion: 1\n", encoding="utf-8")
    files = [each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*") if each.is_file()]
    (about / "RECORD").write_text("".join(f"{each},,\n" for each in files), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert load_encoder("tiny-model").id == load_encoder(folder).id


@pytest.mark.parametrize(
    "name", ["sentence-transformers/all-MiniLM-L6-v2", "models/none", "no-such-package", "", "../x"]
)
def test_a_name_that_is_no_folder_is_refused_and_never_fetched(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("the network was asked"))
    error = refused(name or Path("none"))
    assert error.code == "QC-K030"
    assert "docs/vectors.md" in (error.hint or "")


def test_a_package_without_a_model_is_refused() -> None:
    assert refused("pytest").code == "QC-K030"


def test_a_file_is_no_folder(folder: Path) -> None:
    error = refused(folder / "model.safetensors")
    assert (error.code, "file" in error.message) == ("QC-K030", True)


@pytest.mark.parametrize("names", [(), ("config.json",), ("tokenizer.json", "readme.txt")])
def test_a_folder_of_neither_kind_is_refused(names: tuple[str, ...], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert refused(tmp_path).code == "QC-K031"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", None),
        ("model.safetensors", b"\x08\0\0\0\0\0\0\0{}"),
        ("tokenizer.json", None),
        ("tokenizer.json", b"{"),
        ("modules.json", b"not JSON"),
    ],
)
def test_a_damaged_model_is_refused_before_it_is_read(
    name: str, content: bytes | None, folder: Path, tmp_path: Path
) -> None:
    copy = copied(folder, tmp_path)
    (copy / name).unlink()
    if content is not None:
        (copy / name).write_bytes(content)
    error = refused(copy)
    assert error.code == "QC-K032"
    assert name.split(".", maxsplit=1)[0] in error.message


def test_half_a_copy_is_told(folder: Path, tmp_path: Path) -> None:
    copy = copied(folder, tmp_path)
    whole = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(whole[:-4])
    assert "not whole" in refused(copy).message


def test_what_a_library_cannot_read_after_all_is_told_when_it_is_read(folder: Path, tmp_path: Path) -> None:
    copy = copied(folder, tmp_path)
    (copy / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CodingError) as caught:
        load_encoder(copy).encode(["kettle"])
    assert caught.value.code == "QC-K032"


def test_vectors_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    words = {name: np.full(16, np.nan, np.float32) if name == "kettle" else row for name, row in WORDS.items()}
    found = load_encoder(static_folder(tmp_path / "nan", words))
    with pytest.raises(CodingError) as caught:
        found.encode(["kettle"])
    assert caught.value.code == "QC-K032"
    assert found.encode(["rain"]).any()


@pytest.mark.parametrize(("kind", "library"), [("model2vec", "model2vec"), ("modules", "sentence_transformers")])
def test_a_library_that_is_missing_is_named_with_what_to_install(
    kind: str, library: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "modules":
        folder = tmp_path
        modules = [{"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"}]
        (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError) as caught:
        load_encoder(folder)
    assert caught.value.code == "QC-M030"
    assert 'pip install "qualcode[semantic]"' in (caught.value.hint or "")


def test_every_error_is_in_the_documentation_and_none_is_invented() -> None:
    root = Path(__file__).parents[2]
    told = set(re.findall(r"^\| (QC-[KM]\d{3}) \|", (root / "docs" / "vectors.md").read_text(encoding="utf-8"), re.M))
    files = [root / "qualcode" / "coding" / "features" / name for name in ("semantic.py", "model_folder.py")]
    raised = {code for each in files for code in re.findall(r'"(QC-[KM]\d{3})"', each.read_text(encoding="utf-8"))}
    assert raised == told


# the network


def test_nothing_is_asked_of_the_network_and_the_environment_is_left_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", never)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "0")
    seen: list[str | None] = []
    whole = semantic._static

    def spied(each: object) -> object:
        with semantic._kept_local(each):  # type: ignore[arg-type]  # passed on as it comes
            seen.append(os.environ.get("HF_HUB_OFFLINE"))
        return whole(each)  # type: ignore[arg-type]  # passed on as it comes

    monkeypatch.setattr(semantic, "_static", spied)
    assert load_encoder(folder).encode(["kettle"]).any()
    assert seen == ["1"]
    assert "HF_HUB_OFFLINE" not in os.environ
    assert os.environ["TRANSFORMERS_OFFLINE"] == "0"
