"""The codebooks that come with qualcode, listed without loading them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from qualcode.codebook.nodes import Mapping, Node, Scalar, Sequence, compose
from qualcode.resources import codebooks_dir

__all__ = ["BANK_SUFFIX", "CatalogueEntry", "code_ids", "shipped_codebooks", "shipped_names", "shipped_path"]

_NAME = re.compile(r"[\w.-]+")

BANK_SUFFIX = ".examples"
"""A file ``NAME.examples.yaml`` beside a codebook is its example bank, and no codebook."""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One shipped codebook: ``codes`` is how many codes it has, over all its variants."""

    id: str
    title: str
    version: str
    variants: tuple[str, ...]
    path: Path
    codes: int


def shipped_names() -> tuple[str, ...]:
    """Return the names of the shipped codebooks in order of the alphabet; no file is opened."""
    return tuple(path.stem for path in _files())


def shipped_path(name: str) -> Path | None:
    """Return the file of the shipped codebook with this name, or ``None``."""
    if not _NAME.fullmatch(name) or name.endswith(BANK_SUFFIX):
        return None
    path = codebooks_dir() / f"{name}.yaml"
    return path if path.is_file() else None


def shipped_codebooks() -> tuple[CatalogueEntry, ...]:
    """Return the shipped codebooks in order of the alphabet, read but not checked."""
    return tuple(_entry(path) for path in _files())


def code_ids(path: Path) -> tuple[str, ...]:
    """Return the ids of all codes in a codebook file, read but not checked."""
    return _ids(_top(path).get("codes"))


def _files() -> list[Path]:
    return sorted(path for path in codebooks_dir().glob("*.yaml") if not path.stem.endswith(BANK_SUFFIX))


def _entry(path: Path) -> CatalogueEntry:
    found = _top(path)
    variants = _ids(found.get("variants"))
    book_id, title, version = (_text(found.get(key)) for key in ("id", "title", "version"))
    codes = len(_ids(found.get("codes")))
    return CatalogueEntry(book_id or path.stem, title, version, variants, path, codes)


def _top(path: Path) -> dict[str, Node]:
    root = compose(path.read_text(encoding="utf-8-sig"), str(path))
    return _mapping(root) if root is not None else {}


def _mapping(node: Node) -> dict[str, Node]:
    pairs = node.pairs if isinstance(node, Mapping) else []
    return {key.value: value for key, value in pairs if isinstance(key, Scalar)}


def _text(node: Node | None) -> str:
    return node.value.strip() if isinstance(node, Scalar) else ""


def _ids(node: Node | None) -> tuple[str, ...]:
    items = node.items if isinstance(node, Sequence) else []
    return tuple(_text(_mapping(item).get("id")) for item in items)
