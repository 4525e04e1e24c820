"""``check_coder``: tries a coder out, and tells everything that it does not keep at once."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from qualcode.coding.base import Coder, Corpus, Suggestions
from qualcode.errors import CodingError, Problem, QualcodeError
from qualcode.model.codes import Codebook
from qualcode.model.coding import Coding, Suggestion
from qualcode.testing.material import odd_documents, one_word, sample_codebook, sample_codings, sample_documents
from qualcode.testing.promises import broken
from qualcode.testing.watching import watched_files, watched_network
from qualcode.text.index import TokenIndex
from qualcode.text.shard import ARRAYS

__all__ = ["check_coder"]

SHOWN = 3
"""Of one kind of problem so many are told; the rest is counted."""

Factory = Callable[..., Coder]
Said = tuple[Suggestion, ...] | str
"""What a coder suggests, or the error that it raises."""


class Nonsense:
    """A parameter that no coder can use."""

    def __repr__(self) -> str:
        return "nonsense"


def check_coder(
    coder: Coder | Factory,
    *,
    codebook: Codebook | None = None,
    corpus: Corpus | None = None,
    hosts: Collection[str] = (),
) -> None:
    """Raise one error that lists everything that a coder does not keep; return when it keeps all.

    Tried are: the constructor (stores, does nothing), ``get_params``, ``fit`` with and without decisions, ``suggest``
    twice and with the documents in another order, every suggestion's place, quote, code and reasons; on ordinary talk,
    on an empty corpus, a single word, letters beyond the first plane, and with a codebook without rules. Nothing may
    reach for the network, print, or (for a corpus that is ``dry``) write into the study's folder. Coders may warn.

    Args:
        coder: a class, or anything that is called as ``coder(codebook=…)`` and returns a coder; or a coder, of which
            others like it are made by its class with the parameters that ``get_params`` names.
        codebook: which to try it with; that of the coder, else one that comes with qualcode.
        corpus: ordinary talk to try it on; else interviews that come with qualcode, with decisions.
        hosts: what the coder may connect to (``"127.0.0.1"``), because its user names it.

    Raises:
        CodingError: QC-K060 with all problems: QC-K061 parameters, constructor; QC-K062 ``fit``; QC-K063 ``suggest``
            is not a pure function, QC-K064 an exception, QC-K065 an unsound suggestion, QC-K066 the network, or
            a dry corpus for which something is sent or written.
    """
    check = _Check(codebook, corpus)
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()) as printed, watched_network(hosts) as tried:
        warnings.simplefilter("ignore", UserWarning)
        check.run(coder)
    if printed.getvalue():
        check.wrong("QC-K063", f"the coder prints ({printed.getvalue()[:40].strip()!r})",
                    "Results of commands stand on stdout: tell people with warnings.warn.")  # fmt: skip
    for host, times in sorted(Counter(tried).items()):
        check.wrong("QC-K066", f"the coder reached for {host} ({times} times)",
                    "Nothing leaves the machine unless a user names a server: then name it in 'hosts'.")  # fmt: skip
    if check.problems:
        what = check.name or getattr(coder, "__name__", type(coder).__name__)
        number = "one promise" if len(check.problems) == 1 else f"{len(check.problems)} promises"
        raise CodingError("QC-K060", f"the coder {what!r} does not keep {number}:", problems=check.problems)


class _Check:
    """One check: what was found so far."""

    def __init__(self, codebook: Codebook | None, corpus: Corpus | None) -> None:
        self.codebook = codebook
        self.corpus = corpus
        self.problems: list[Problem] = []
        self.name = ""
        self._told: Counter[tuple[str, str]] = Counter()

    def wrong(self, code: str, what: str, todo: str) -> None:
        self.problems.append(Problem(code, what, hint=todo))

    def run(self, coder: Coder | Factory) -> None:
        factory = self._factory(coder)
        book = self.codebook if self.codebook is not None else sample_codebook()
        made = self._made(factory, book)
        if made is None:
            return
        self._parameters(factory, made, book)
        own = self.corpus is None
        documents = sample_documents() if self.corpus is None else self.corpus.documents
        ordinary = Corpus.of(documents) if self.corpus is None else self.corpus
        # A coder that is given has a codebook of its own, in which nobody decided anything here.
        known = {code.id for code in sample_codebook()} <= {code.id for code in book}
        codings = sample_codings(documents, book) if own and known else ()
        self._on(made, ordinary, codings, book, "ordinary talk")
        for what, corpus in (
            ("an empty corpus", Corpus.of([])),
            ("a document of one word", Corpus.of([one_word()])),
            ("odd documents (empty, without talk, letters beyond the first plane)", Corpus.of(odd_documents())),
        ):
            self._fitted(made, corpus, (), book, what)
        if self.codebook is None:
            bare = sample_codebook(rules=False)
            other = self._made(factory, bare)
            if other is not None:
                self._fitted(other, ordinary, codings, bare, "ordinary talk, with a codebook without rules")

    def _factory(self, coder: Coder | Factory) -> Factory:
        """Return what makes coders like the one that is checked."""
        if isinstance(coder, type) or not isinstance(coder, Coder):
            return coder
        held = getattr(coder, "codebook", None)
        if self.codebook is None and isinstance(held, Codebook):
            self.codebook = held

        def again(codebook: Codebook) -> Coder:
            made: Coder = type(coder)(**{**_attributes(coder), "codebook": codebook})
            return made

        return again

    def _made(self, factory: Factory, book: Codebook) -> Coder | None:
        try:
            factory(codebook=book)  # modules that are imported at first may open files
            with watched_files() as opened:
                made: object = factory(codebook=book)
        except Exception as error:
            self.wrong("QC-K061", f"no coder can be made with a codebook: {_named(error)}",
                       "A recipe gives codebook=… and what is written there; all else needs a default.")  # fmt: skip
            return None
        if opened:
            self.wrong("QC-K061", f"the constructor opens files ({opened[0]})", "Store parameters; read when used.")
        if not isinstance(made, Coder):
            missing = [each for each in ("name", "fit", "suggest", "get_params") if not hasattr(made, each)]
            self.wrong("QC-K061", f"the coder has no {', '.join(missing)}", "See qualcode.coding.Coder.")
            return None
        return made

    def _parameters(self, factory: Factory, made: Coder, book: Codebook) -> None:
        name = made.name
        if not isinstance(name, str) or not name.strip():
            self.wrong("QC-K061", f"the coder's name is {name!r}", "Return a word: suggestions carry it.")
            return
        self.name = name
        try:
            params = dict(made.get_params())
            json.dumps(params)
        except Exception as error:
            self.wrong("QC-K061", f"get_params returns no plain parameters: {_named(error)}",
                       "Return a dict of words, numbers and lists; of a codebook its id.")  # fmt: skip
            return
        if params.get("codebook") != book.id:
            self.wrong("QC-K061", f"get_params tells the codebook {params.get('codebook')!r}, not {book.id!r}",
                       'Return "codebook": self.codebook.id.')  # fmt: skip
        if getattr(made, "codebook", None) is not book:
            self.wrong("QC-K061", "the constructor does not store the codebook as it is", "Keep it as self.codebook.")
            return
        same = factory(codebook=book)
        if dict(same.get_params()) != params or same.name != name:
            self.wrong("QC-K061", "two coders made alike have other parameters", "Store what is given, and no more.")
        self._constructor(made, params)

    def _constructor(self, made: Coder, params: Mapping[str, Any]) -> None:
        """Look whether the class takes what get_params names, keeps it, and looks at it only when it is used."""
        kept = _attributes(made)
        try:
            again = type(made)(**kept)
            if dict(again.get_params()) != dict(params):
                self.wrong("QC-K061", "a coder made of its own parameters has others",
                           "Keep each parameter under its name, unchanged.")  # fmt: skip
        except Exception as error:
            self.wrong("QC-K061", f"the class does not take the parameters that get_params names: {_named(error)}",
                       "Name in get_params what the constructor takes.")  # fmt: skip
            return
        for key in sorted(params.keys() - {"codebook"}):
            try:
                type(made)(**{**kept, key: Nonsense()})
            except Exception as error:
                self.wrong("QC-K061", f"the constructor looks at {key!r}: {_named(error)}",
                           "Store it, and check it in fit or suggest.")  # fmt: skip

    def _on(self, made: Coder, corpus: Corpus, codings: Sequence[Coding], book: Codebook, what: str) -> None:
        """Look at a coder closely, on ordinary talk."""
        params, digest, wording = dict(made.get_params()), _digest(corpus), _wording(book)
        before = _said(made, corpus)
        steady = _said(made, corpus) == before
        fitted = self._fitted(made, corpus, (), book, what)
        learnt = self._fitted(made, corpus, codings, book, f"{what}, with decisions") if codings else fitted
        if not steady:
            self.wrong("QC-K063", _AGAIN, _STEADY)
        elif dict(made.get_params()) != params or _said(made, corpus) != before:
            self.wrong("QC-K062", "fit changed the coder that it was called on",
                       "Return another coder (dataclasses.replace), or self when nothing is learnt.")  # fmt: skip
        for one in {id(each): each for each in (fitted, learnt) if each is not None}.values():
            if steady:
                self._is_pure(one, corpus)
        if steady and learnt is not None:
            self._learns_the_same(made, learnt, corpus, codings)
        self._dry(made, corpus)
        if _wording(book) != wording:
            self.wrong("QC-K062", "the codebook is not as it was", "Never write to the codebook.")
        if _digest(corpus) != digest:
            self.wrong("QC-K062", "the corpus is not as it was", "Never write to documents or arrays of the index.")

    def _learns_the_same(self, made: Coder, learnt: Coder, corpus: Corpus, codings: Sequence[Coding]) -> None:
        first = _said(learnt, corpus)
        if _said(learnt, corpus) != first:
            return  # it says other things each time: that is told already
        try:
            again = _said(made.fit(corpus, codings), corpus)
        except Exception as error:
            again = _named(error)
        if again != first:
            self.wrong(
                "QC-K063", "fit learns other things when it is asked again", "Draw with a fixed seed, set in fit."
            )

    def _dry(self, made: Coder, corpus: Corpus) -> None:
        """Look whether a coder sends or writes something for a corpus for which nothing may be."""
        with tempfile.TemporaryDirectory() as folder, watched_network(()) as tried:
            try:
                dry = dataclasses.replace(corpus, dry=True, folder=Path(folder))
                made.fit(dry, ()).suggest(dry)
            except Exception as error:
                if not tried:
                    self.wrong("QC-K064", f"suggest raises for a dry corpus: {_named(error)}",
                               "Return what can be said without sending.")  # fmt: skip
            written = sorted(str(each.relative_to(folder)) for each in Path(folder).rglob("*"))
        if tried or written:
            what = f"reaches for {tried[0]}" if tried else f"writes {written[0]}"
            self.wrong("QC-K066", f"the coder {what} for a dry corpus",
                       "Look at corpus.dry first: then nothing is sent or written.")  # fmt: skip

    def _is_pure(self, coder: Coder, corpus: Corpus) -> None:
        first = _said(coder, corpus)
        _said(coder, Corpus.of([one_word()]))
        if _said(coder, corpus) != first:
            self.wrong("QC-K063", _AGAIN, _STEADY)
            return
        if isinstance(first, str):
            return
        turned = _said(coder, _turned(corpus))
        lost = len(_places(first) ^ _places(turned)) if not isinstance(turned, str) else len(first)
        if lost:
            self.wrong("QC-K063", f"with the documents in another order {lost} of {len(first)} suggestions differ",
                       "Look at each document by itself, or sort by document id first.")  # fmt: skip

    def _fitted(
        self, made: Coder, corpus: Corpus, codings: Sequence[Coding], book: Codebook, what: str
    ) -> Coder | None:
        """Fit a coder, look at what it suggests, and return it."""
        try:
            fitted = made.fit(corpus, codings)
        except Exception as error:
            self.wrong(
                "QC-K064", f"fit raises on {what}: {_named(error)}", "Learn nothing where there is nothing to learn."
            )
            return None
        if not isinstance(fitted, Coder) or fitted.name != made.name:
            self.wrong("QC-K062", f"fit returns {type(fitted).__name__}, not a coder of this name",
                       "Return self, or a coder that has learnt.")  # fmt: skip
            return None
        try:
            found: object = fitted.suggest(corpus)
        except Exception as error:
            self.wrong("QC-K064", f"suggest raises on {what}: {_named(error)}", "Return Suggestions(()) for nothing.")
            return None
        if not isinstance(found, Suggestions):
            self.wrong("QC-K065", f"suggest returns {type(found).__name__}, not Suggestions",
                       "Return qualcode.coding.in_order(found, corpus.documents, codebook).")  # fmt: skip
            return None
        counted: Counter[str] = Counter()
        for told, todo in broken(found, fitted.name, corpus, book):
            counted[todo] += 1
            if counted[todo] <= SHOWN and self._told["QC-K065", todo] < SHOWN:
                self.wrong("QC-K065", f"on {what}: {told}", todo)
                self._told["QC-K065", todo] += 1
        for todo, times in counted.items():
            if times > SHOWN:
                self.wrong("QC-K065", f"on {what}: {times - SHOWN} more like these", todo)
        return fitted


_AGAIN = "suggest says other things when it is asked again"
_STEADY = "Draw with a fixed seed, set anew in suggest; keep nothing between calls."


def _attributes(coder: Coder) -> dict[str, Any]:
    """Return a coder's parameters as it keeps them: get_params may tell only an id or a hash of one."""
    return {key: getattr(coder, key, value) for key, value in coder.get_params().items()}


def _said(coder: Coder, corpus: Corpus) -> Said:
    try:
        return tuple(coder.suggest(corpus))
    except Exception as error:
        return _named(error)


def _turned(corpus: Corpus) -> Corpus:
    """Return a corpus with its documents in the opposite order."""
    documents = tuple(reversed(corpus.documents))
    return dataclasses.replace(corpus, documents=documents, index=TokenIndex.build(documents))


def _places(found: Sequence[Suggestion]) -> set[tuple[str, int, int, str]]:
    return {(each.document_id, each.span.start, each.span.end, each.code)
            for each in found if isinstance(each, Suggestion)}  # fmt: skip


def _digest(corpus: Corpus) -> str:
    """Return the hash of all that a corpus holds: documents and arrays."""
    told = [
        (each.id, each.name, each.text_sha256, each.blocks, each.marks, each.speakers, each.attributes)
        for each in corpus.documents
    ]
    digest = hashlib.sha256(repr(told).encode("utf-8", "surrogatepass"))
    for shard in corpus.index.shards:
        for name in ARRAYS:
            digest.update(getattr(shard, name).tobytes())
    return digest.hexdigest()


def _wording(book: Codebook) -> list[str]:
    return [repr(getattr(book, field.name)) for field in dataclasses.fields(book)]


def _named(error: Exception) -> str:
    return str(error) if isinstance(error, QualcodeError) else f"{type(error).__name__}: {error}"
