"""Fitted topic models kept in ``.index/topics/``: made again when anything they depend on changes, safe to delete."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.coding.topics.comparison import Comparison
    from qualcode.coding.topics.model import Pooled, TopicModel

__all__ = ["fit_key", "kept_comparison", "kept_model"]

FORM = 2
"""Rises when models are kept in another form, or fitted in another way by the same libraries."""
_LIBRARIES = ("tomotopy", "gensim", "scikit-learn", "numpy")
_UNREADABLE = (OSError, ValueError, LookupError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)
"""What reading a damaged file raises, by where the damage is."""
_MOST = 400
"""So many files at most; the oldest go first."""


def fit_key(pooled: Pooled, **settings: Any) -> str:
    """Return 32 hex digits that change with the pooled talk and how it was pooled, the settings or the libraries."""
    counts = pooled.counts.tocsr()
    digest = hashlib.sha256()
    for part in (counts.indptr, counts.indices, counts.data, pooled.sizes, pooled.document):
        digest.update(part.astype("<i8").tobytes())
    digest.update("\n".join(pooled.terms).encode())
    libraries = {name: _version(name) for name in ("qualcode", *_LIBRARIES)}
    asked = [FORM, pooled.counts.shape, libraries, sorted(pooled.settings.items()),
             sorted((name, _plain(value)) for name, value in settings.items())]  # fmt: skip
    digest.update(json.dumps(asked, ensure_ascii=False, sort_keys=True).encode())
    return digest.hexdigest()[:32]


def kept_model(folder: Path, key: str, pooled: Pooled, fit: Callable[[], TopicModel]) -> TopicModel:
    """Return the model kept under a key, or fit it and keep it; a file that is damaged is made again."""
    import numpy as np

    from qualcode.coding.topics.model import SeedGroup, TopicModel

    path = folder / f"{key}.npz"
    with suppress(*_UNREADABLE), path.open("rb") as file, np.load(file, allow_pickle=False) as held:
        told = json.loads(str(held["told"]))
        groups = tuple(
            SeedGroup(each["topic"], each["code"], *(tuple(each[name]) for name in ("words", "unseen", "rare", "kept")))
            for each in told["groups"]
        )
        words, shares, prior = held["words"], held["shares"], held["prior"]
        if words.shape == (told["k"], len(pooled.terms)) and shares.shape == (len(pooled), told["k"]):
            return TopicModel(
                kind=told["kind"], k=told["k"], seed=told["seed"], terms=pooled.terms, words=words, shares=shares,
                prior=prior, seeded=tuple(told["seeded"]), groups=groups, settings=told["settings"],
                notes=tuple(told["notes"]),
            )  # fmt: skip
    model = fit()
    told = {
        "kind": model.kind, "k": model.k, "seed": model.seed, "seeded": list(model.seeded),
        "settings": dict(model.settings), "notes": list(model.notes),
        "groups": [{"topic": each.topic, "code": each.code, "words": each.words, "unseen": each.unseen,
                    "rare": each.rare, "kept": each.kept} for each in model.groups],
    }  # fmt: skip

    def write(draft: Path) -> None:
        with draft.open("wb") as file:
            np.savez(file, words=model.words, shares=model.shares, prior=model.prior, told=np.array(json.dumps(told)))

    _keep(path, write)
    return model


def kept_comparison(folder: Path, key: str, make: Callable[[], Comparison]) -> Comparison:
    """Return the comparison kept under a key, or make and keep it; a file that is damaged is made again."""
    from qualcode.coding.topics.comparison import Comparison, ComparisonRow

    path = folder / f"{key}.json"
    with suppress(*_UNREADABLE):
        held = json.loads(path.read_text(encoding="utf-8"))
        if held["sha256"] == _digest(held["rows"], held["notes"]):
            return Comparison(tuple(ComparisonRow(**row) for row in held["rows"]), tuple(held["notes"]))
    made = make()
    rows, notes = [asdict(row) for row in made.rows], list(made.notes)
    told = json.dumps({"rows": rows, "notes": notes, "sha256": _digest(rows, notes)})
    _keep(path, lambda draft: draft.write_text(told, encoding="utf-8"))
    return made


def _digest(rows: Any, notes: Any) -> str:
    return hashlib.sha256(json.dumps([rows, notes]).encode()).hexdigest()


def _keep(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and move it there; where nothing can be written, do without."""
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(draft)
        draft.replace(path)
        _sweep(path.parent)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove the files that were made first when there are too many; a folder that stands in the way is left."""
    files = sorted((each for each in folder.iterdir() if each.is_file()), key=lambda each: each.stat().st_mtime)
    for stale in files[:-_MOST]:
        stale.unlink(missing_ok=True)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [[key, _plain(each)] for key, each in value.items()]
    return list(value) if isinstance(value, tuple) else value
