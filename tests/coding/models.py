"""Small word-vector models in a folder, for tests: real model2vec folders with a vocabulary of a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["directions", "static_folder"]


def directions(groups: Sequence[str], dimensions: int = 16, seed: int = 1) -> dict[str, npt.NDArray[np.float32]]:
    """Return a vector for each word: the words of a group, parted by blanks, have nearly the same."""
    draw = np.random.default_rng(seed)
    found: dict[str, npt.NDArray[np.float32]] = {}
    for group in groups:
        middle = draw.normal(size=dimensions)
        for word in group.split():
            found[word] = (middle + 0.05 * draw.normal(size=dimensions)).astype(np.float32)
    return found


def static_folder(folder: Path, words: Mapping[str, npt.NDArray[np.float32]]) -> Path:
    """Write a model2vec model that knows these words, and return its folder."""
    from model2vec.persistence import save_pretrained
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    names = ["[UNK]", *words]
    tokenizer = Tokenizer(models.WordLevel({name: number for number, name in enumerate(names)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    vectors = np.stack([np.zeros(len(next(iter(words.values()))), np.float32), *words.values()])
    config = {"model_type": "model2vec", "normalize": True, "max_length": 512}
    save_pretrained(folder, vectors, tokenizer, config, create_model_card=False)  # type: ignore[arg-type]  # a TypedDict
    return folder
