"""Tokens, sentences, lemmas, folding, and the index that everything else reads."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from qualcode.text.fold import fold  # light, and the module of the same name must not hide it

if TYPE_CHECKING:
    from qualcode.text.index import TokenIndex
    from qualcode.text.lemmas import lemmas_of, query_lemma
    from qualcode.text.shard import Shard
    from qualcode.text.vocabulary import tokenise

__all__ = ["Shard", "TokenIndex", "fold", "lemmas_of", "query_lemma", "tokenise"]

_PLACES = {
    "Shard": "shard", "TokenIndex": "index", "lemmas_of": "lemmas", "query_lemma": "lemmas",
    "tokenise": "vocabulary",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"qualcode.text.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
