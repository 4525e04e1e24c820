"""Folders with a sentence model: where one is, of which kind, and the id of what is in it. Nothing is fetched."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from qualcode.errors import CodingError, MissingExtraError

__all__ = ["HOW", "Kind", "ModelFolder", "damaged", "model_folder"]

Kind = Literal["model2vec", "sentence-transformers"]

HOW = "docs/vectors.md says how to get a model's folder onto this machine."

_LIBRARY: dict[Kind, str] = {"model2vec": "model2vec", "sentence-transformers": "sentence_transformers"}
_PACKAGE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_PASSED_OVER = frozenset({".md", ".onnx", ".h5", ".ot", ".msgpack", ".png", ".py"})
"""Endings of files that lie in such folders and change no vector here: texts, and weights for other programs."""
_STATIC = "StaticEmbedding"
_STATIC_FILES = ("", "0_StaticEmbedding/")


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder with a sentence model.

    Attributes:
        kind: which library reads it.
        id: SHA-256 (32 of its 64 digits) of the kind and of the names and contents of its files. Read-me files, and
            weights in forms for other programs, are not among them.
    """

    path: Path
    kind: Kind
    id: str


def model_folder(name: Path | str) -> ModelFolder:
    """Return the folder of a sentence model.

    Args:
        name: a folder, or the name of an installed package that carries one.

    Raises:
        CodingError: QC-K030 when there is no such folder, QC-K031 when it holds no model of a known kind, QC-K032 when
            the model is damaged.
        MissingExtraError: QC-M030 when the library that reads it is not installed.
    """
    path = _found(name)
    kind = _kind(path)
    if kind is None:
        raise CodingError(
            "QC-K031",
            "this folder holds neither a sentence-transformers model (modules.json) nor a model2vec model "
            "(config.json, model.safetensors, tokenizer.json)",
            where=str(path), hint=HOW,
        )  # fmt: skip
    library = _LIBRARY[kind]
    if find_spec(library) is None:
        raise MissingExtraError(
            "QC-M030",
            f"the model in this folder is read by {kind}, which is not installed",
            where=str(path), hint='Install it: pip install "qualcode[semantic]"',
        )  # fmt: skip
    _check_whole(path, kind)
    return ModelFolder(path, kind, _id(path, kind))


def damaged(path: Path, why: object) -> CodingError:
    """Return the error for a model that cannot be used."""
    return CodingError("QC-K032", f"the sentence model cannot be used: {why}", where=str(path),
                       hint=f"Copy the whole folder again. {HOW}")  # fmt: skip


def _found(name: Path | str) -> Path:
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    if path.exists():
        raise CodingError("QC-K030", "this is a file, and a sentence model is a folder", where=str(path),
                          hint="Name the folder that it lies in.")  # fmt: skip
    carried = _in_package(str(name))
    if carried is not None:
        return carried
    raise CodingError(
        "QC-K030",
        f"there is no folder {str(name)!r}, and no installed package of this name that carries a sentence model",
        hint=f"Models are never fetched from the network. {HOW}",
    )


def _in_package(name: str) -> Path | None:
    """Return the folder with a model among the files of an installed package, without importing it."""
    if not _PACKAGE.fullmatch(name):
        return None
    try:
        files = distribution(name).files or ()
    except PackageNotFoundError:
        return None
    folders = {Path(str(each.locate())).parent for each in files if each.name in {"modules.json", "config.json"}}
    for folder in sorted(folders, key=lambda each: (len(each.parts), str(each))):
        if _kind(folder) is not None:
            return folder
    return None


def _kind(path: Path) -> Kind | None:
    config, modules = _json(path / "config.json"), _json(path / "modules.json")
    if isinstance(config, dict) and (config.get("model_type") == "model2vec"
                                     or config.get("architectures") == ["StaticModel"]):  # fmt: skip
        return "model2vec"
    if isinstance(config, dict) and "embeddings" in _tensors(path / "model.safetensors"):
        return "model2vec"
    if not isinstance(modules, list):
        return "sentence-transformers" if (path / "modules.json").is_file() else None
    parts = [str(each.get("type", "")).rsplit(".", 1)[-1] for each in modules if isinstance(each, dict)]
    if parts[:1] == [_STATIC] and set(parts[1:]) <= {"Normalize"} and _static_at(path) is not None:
        return "model2vec"
    return "sentence-transformers"


def _static_at(path: Path) -> str | None:
    """Return where in a sentence-transformers folder model2vec finds word vectors, ``None`` when it does not."""
    if not (path / "config_sentence_transformers.json").is_file():
        return None
    for inside in _STATIC_FILES:
        if (path / f"{inside}tokenizer.json").is_file() and (path / f"{inside}model.safetensors").is_file():
            return inside
    return None


def _check_whole(path: Path, kind: Kind) -> None:
    """Raise QC-K032 for damage that can be seen without reading the model: half a copy, most often."""
    for each in sorted(path.glob("*.json")):
        if _json(each) is None:
            raise damaged(path, f"{each.name} is not JSON")
    if kind == "model2vec" and _static_at(path) is None:
        for name in ("model.safetensors", "tokenizer.json"):
            if not (path / name).is_file():
                raise damaged(path, f"{name} is missing")
    for weights in sorted(path.rglob("*.safetensors")):
        tensors = _tensors(weights)
        ends = [int(each["data_offsets"][1]) for each in tensors.values() if isinstance(each, dict)
                and isinstance(each.get("data_offsets"), list)]  # fmt: skip
        with weights.open("rb") as file:
            header = int.from_bytes(file.read(8), "little")
        if not ends or 8 + header + max(ends) != weights.stat().st_size:
            raise damaged(path, f"{weights.relative_to(path).as_posix()} is not whole")


def _json(path: Path) -> Any:
    """Return what a JSON file holds; ``None`` when it is not there or no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _tensors(path: Path) -> dict[str, Any]:
    """Return what the header of a safetensors file says of its tensors, by name; nothing for a damaged one."""
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            found = json.loads(file.read(size)) if size <= path.stat().st_size else {}
    except (OSError, ValueError):
        return {}
    return {name: each for name, each in found.items() if name != "__metadata__"} if isinstance(found, dict) else {}


def _id(path: Path, kind: Kind) -> str:
    whole = hashlib.sha256(kind.encode())
    for each in _files(path):
        with each.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"\n{each.relative_to(path).as_posix()} {content}".encode())
    return whole.hexdigest()[:32]


def _files(path: Path) -> Iterator[Path]:
    for each in sorted(path.rglob("*")):
        inside = each.relative_to(path)
        hidden = any(part.startswith((".", "__")) for part in inside.parts)
        if each.is_file() and not hidden and each.suffix not in _PASSED_OVER:
            yield each
