"""The token index: shards over a corpus, in memory or in a folder, made once and asked for ever."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qualcode.errors import TokenIndexError
from qualcode.model.codes import Unit
from qualcode.model.document import Document, Span
from qualcode.text.build import INDEX_VERSION, SHARD_TOKENS, build_shards, document_digest
from qualcode.text.nlp import model_version, spacy_version
from qualcode.text.sentences import type_flags
from qualcode.text.shard import FLAG_WORD, Shard

__all__ = ["Located", "TokenIndex"]

MANIFEST = "index.json"
SMALL_SHARDS = 8
"""So many shards below half size are made into one at the next update."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where a document stands in the index: which shard, and its ordinal there."""

    shard: int
    document: int


class TokenIndex:
    """The shards of a corpus.

    ``TokenIndex.build(documents)`` keeps them in memory; with ``folder`` they are stored there and memory-mapped.
    ``TokenIndex.open(folder)`` reads nothing but the manifest and small tables.
    """

    def __init__(self, shards: Sequence[Shard], *, folder: Path | None = None) -> None:
        self.shards: tuple[Shard, ...] = tuple(shards)
        self.folder = folder
        self._places: dict[str, Located] = {
            document[0]: Located(number, ordinal)
            for number, shard in enumerate(self.shards)
            for ordinal, document in enumerate(shard.documents)
        }

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        *,
        folder: Path | None = None,
        shard_tokens: int = SHARD_TOKENS,
        model: str | None = None,
    ) -> TokenIndex:
        """Return the index of a stream of documents; with ``folder``, an index there is replaced.

        Memory is bounded by one shard when ``folder`` is given. With ``model``, a spaCy pipeline that is installed here
        (a package or a folder), each token has the lemma and the tag that the model gives it in its context.

        Raises:
            MissingExtraError: QC-M001 when the model is not there.
        """
        shards = build_shards(documents, shard_tokens=shard_tokens, model=model)
        if folder is None:
            return cls(list(shards))
        folder.mkdir(parents=True, exist_ok=True)
        names = _store_all(shards, folder)
        _write_manifest(folder, names, model)
        _sweep(folder, names)
        return cls.open(folder, model=model)

    @classmethod
    def open(cls, folder: Path, *, model: str | None = None) -> TokenIndex:
        """Return the stored index.

        Raises:
            TokenIndexError: QC-X001 when it is damaged, QC-X002 when another version of qualcode, of spaCy or of the
                model made it.
        """
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            made_by, names = manifest["made_by"], list(manifest["shards"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TokenIndexError("QC-X001", f"there is no sound index ({error})", where=str(folder),
                              hint="Delete the folder; it is made again from the documents.") from error  # fmt: skip
        if made_by != _maker(model):
            raise TokenIndexError("QC-X002", f"the index was made by {made_by}, not {_maker(model)}", where=str(folder),
                              hint="Delete the folder; it is made again from the documents.")  # fmt: skip
        return cls([Shard.open(folder / name) for name in names], folder=folder)

    @classmethod
    def refresh(
        cls,
        folder: Path,
        documents: Sequence[Document],
        *,
        shard_tokens: int = SHARD_TOKENS,
        model: str | None = None,
    ) -> TokenIndex:
        """Return the index of exactly these documents, made anew only where the stored one does not hold them.

        Shards whose documents are all still wanted and unchanged (text, name, attributes, speakers, blocks, marks)
        stay; all other documents go into new shards. An index that is damaged, or made by another version or with
        another model, is made again.
        """
        wanted = {document.id: document for document in documents}
        try:
            stored = cls.open(folder, model=model)
        except TokenIndexError:
            (folder / MANIFEST).unlink(missing_ok=True)
            _sweep(folder, ())
            return cls.build(documents, folder=folder, shard_tokens=shard_tokens, model=model)
        kept = [shard for shard in stored.shards if _is_current(shard, wanted)]
        small = {shard.name for shard in kept if shard.n_tokens < shard_tokens // 2}
        if len(small) >= SMALL_SHARDS:
            kept = [shard for shard in kept if shard.name not in small]
        held = {document[0] for shard in kept for document in shard.documents}
        if len(kept) == len(stored.shards) and held == wanted.keys():
            return stored
        names = [shard.name for shard in kept]
        fresh = (document for document in documents if document.id not in held)
        names += _store_all(build_shards(fresh, shard_tokens=shard_tokens, model=model), folder)
        _write_manifest(folder, names, model)
        _sweep(folder, names)
        return cls.open(folder, model=model)

    @property
    def n_tokens(self) -> int:
        """Number of tokens in all shards."""
        return sum(shard.n_tokens for shard in self.shards)

    @property
    def n_documents(self) -> int:
        """Number of documents."""
        return len(self._places)

    def place(self, document_id: str) -> Located:
        """Return where a document stands; raises ``KeyError`` when it is not in the index."""
        return self._places[document_id]

    def __contains__(self, document_id: object) -> bool:
        return document_id in self._places

    def unit_spans(self, document_id: str, unit: Unit = "sentence") -> tuple[Span, ...]:
        """Return the units of a document that may be coded: code points, from first to last word of each.

        Units are sentences, turns or passages; units without a word are left out. Raises ``KeyError`` for a document
        that is not in the index.
        """
        place = self._places[document_id]
        shard = self.shards[place.shard]
        blocks = np.flatnonzero(shard.block_document == place.document)
        if not len(blocks):
            return ()
        first, end = int(shard.block_first[blocks[0]]), int(shard.block_first[blocks[-1] + 1])
        tokens = np.arange(first, end)
        words = (type_flags(shard.types.texts) & FLAG_WORD) > 0
        keep = words[shard.token_type[tokens]] & (shard.block_codeable[shard.token_block[tokens]] > 0)
        tokens = tokens[keep]
        units = shard.units(unit, tokens)
        edges = np.flatnonzero(np.diff(units)) + 1
        firsts = tokens[np.append(0, edges)] if len(tokens) else tokens
        lasts = tokens[np.append(edges - 1, len(tokens) - 1)] if len(tokens) else tokens
        _, starts, ends = shard.locate(firsts, lasts + 1)
        return tuple(Span(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True))

    def documents(self) -> Iterator[tuple[str, str, str]]:
        """Yield (id, content hash, name) of each document, in the index's order."""
        for shard in self.shards:
            yield from shard.documents

    def document_term_matrix(self, *, codeable_only: bool = True) -> tuple[Any, tuple[str, ...]]:
        """Return word counts as a sparse matrix (documents × lemmas, CSR, int32) and the lemmas.

        Only types with a letter or digit count; with ``codeable_only``, only speech that may be coded, by people
        who are not asking the questions.
        """
        from scipy.sparse import coo_array

        from qualcode.text.build import ASKING_ROLES

        columns: dict[str, int] = {}
        rows_out: list[npt.NDArray[Any]] = []
        columns_out: list[npt.NDArray[Any]] = []
        base = 0
        for shard in self.shards:
            words = (type_flags(shard.types.texts) & FLAG_WORD) > 0
            column = np.fromiter(
                (columns.setdefault(lemma, len(columns)) if word else -1
                 for (lemma, _), word in zip(shard.types.readings, words, strict=True)), np.int64, len(words),
            )  # fmt: skip
            keep = words[shard.token_type]
            if codeable_only:
                asking = np.isin(shard.block_role, [n for n, name in enumerate(shard.roles) if name in ASKING_ROLES])
                keep &= ((shard.block_codeable > 0) & ~asking)[shard.token_block]
            rows_out.append(base + shard.block_document[shard.token_block[keep]].astype(np.int64))
            columns_out.append(column[shard.token_type[keep]])
            base += len(shard.documents)
        rows = np.concatenate(rows_out) if rows_out else np.empty(0, np.int64)
        cols = np.concatenate(columns_out) if columns_out else np.empty(0, np.int64)
        matrix = coo_array((np.ones(len(rows), np.int32), (rows, cols)), shape=(base, len(columns))).tocsr()
        return matrix, tuple(columns)


def _is_current(shard: Shard, wanted: Mapping[str, Document]) -> bool:
    for (document_id, _, _), digest in zip(shard.documents, shard.digests, strict=True):
        document = wanted.get(document_id)
        if document is None or document_digest(document) != digest:
            return False
    return True


def _store_all(shards: Iterable[Shard], folder: Path) -> list[str]:
    names: list[str] = []
    for shard in shards:
        names.append(_store(shard, folder))
        del shard  # or it would stay in memory while the next one is made
    return names


def _store(shard: Shard, folder: Path) -> str:
    """Write a shard under its name and return the name; an unfinished write is never taken for a shard."""
    place = folder / shard.name
    if not _is_sound(place):
        draft = folder / f".{shard.name}-{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        shard.save(draft)
        shutil.rmtree(place, ignore_errors=True)
        draft.replace(place)
    return shard.name


def _is_sound(place: Path) -> bool:
    """Return whether a whole shard stands there; its name says what it holds."""
    try:
        return Shard.open(place).name == place.name
    except TokenIndexError:
        return False


_OURS = re.compile(r"[0-9a-f]{16}|\.[0-9a-f]{16}-\d+")


def _sweep(folder: Path, names: Sequence[str]) -> None:
    """Remove shards and drafts that the manifest does not name; nothing else in the folder is touched."""
    for stale in list(folder.iterdir()) if folder.is_dir() else ():
        if _OURS.fullmatch(stale.name) and stale.is_dir() and stale.name not in names:
            shutil.rmtree(stale, ignore_errors=True)


def _maker(model: str | None) -> str:
    """Return what made an index: everything that its tokens and lemmas depend on."""
    maker = f"index {INDEX_VERSION}, spaCy {spacy_version()}"
    return f"{maker}, model {model_version(model)}" if model else maker


def _write_manifest(folder: Path, names: Sequence[str], model: str | None) -> None:
    draft = folder / f"{MANIFEST}.{os.getpid()}"
    draft.write_text(json.dumps({"made_by": _maker(model), "shards": list(names)}), encoding="utf-8")
    draft.replace(folder / MANIFEST)
