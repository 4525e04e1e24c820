"""The classifier as a scikit-learn estimator: texts and a table of codes in, tables of probabilities and codes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError

from qualcode.codebook.bank import load_bank
from qualcode.coding.base import Encoder
from qualcode.coding.classifier.learner import ENOUGH, RIDGE, Learnt, learn
from qualcode.coding.classifier.material import lessons_of, rule_hits
from qualcode.coding.classifier.passages import Passages, Weights
from qualcode.coding.classifier.report import report_table
from qualcode.coding.features.forms import Placed, placed_texts
from qualcode.errors import CodingError
from qualcode.model.codes import Codebook
from qualcode.model.table import Table

__all__ = ["CodeClassifier"]

Array = npt.NDArray[Any]


class CodeClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Learns which of many codes a text carries, from few labels and what a codebook says.

    Args:
        codebook: its definitions and examples are learnt from too, the less the more texts are labelled. Columns of
            ``Y`` are codes by their ids. ``None``: labels alone.
        bank: more examples; ``None`` for those beside the codebook, ``False`` for none.
        rules: whether what the codebook's rules find in a text counts too.
        vectors: makes sentence vectors (:func:`~qualcode.coding.features.semantic.load_encoder`), or ``None``.
        previous: what the words before a text (``context``) count for; the text's own count for 1.
        letters, manner, vector_weight: the same for letters, for how a thing is said, and for sentence vectors.
        ridge: λ, above 0: the higher, the less a single text is trusted.
        exclusive: whether a text has one code at most; ``None``: as ``Y`` shows (20 rows, none with two codes).
        random_state: seed of the folds.

    Attributes:
        classes_: the codes, columns of everything that is returned.
        n_features_in_: 1, the texts.
        exclusive_: whether codes exclude each other.
        thresholds_: the probability from which each code is predicted; where codes exclude each other, the likeliest
            is, after ``added_`` (codes, then "none") was added to the log-probabilities.
        enough_: whether each code has at least 20 texts that carry it; below, use :meth:`rank` and read, do not count.
        tried_: for each code how it fared on held-out texts (:class:`~qualcode.coding.classifier.learner.Tried`).
    """

    def __init__(
        self, codebook: Codebook | None = None, *, bank: Any = None, rules: bool = True,
        vectors: Encoder | None = None,
        previous: float = 0.2, letters: float = 0.7, manner: float = 0.5, vector_weight: float = 1.0,
        ridge: float = RIDGE, exclusive: bool | None = None, random_state: int | None = 0,
    ) -> None:  # fmt: skip
        self.codebook = codebook
        self.bank = bank
        self.rules = rules
        self.vectors = vectors
        self.previous = previous
        self.letters = letters
        self.manner = manner
        self.vector_weight = vector_weight
        self.ridge = ridge
        self.exclusive = exclusive
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn should know: the input is one text a row, the output many codes."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.input_tags.string = True
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = True
        tags.classifier_tags.multi_label = True
        return tags

    def fit(
        self, texts: Sequence[str], Y: Any, groups: Sequence[Any] | None = None,  # noqa: N803 - scikit-learn's name
        context: Sequence[str] | None = None, extra: Any = None,
    ) -> Self:  # fmt: skip
        """Learn from labelled texts.

        Args:
            texts: the texts; a Series, list or array of strings. May be empty with a codebook.
            Y: texts × codes: 1 carries it, 0 does not, NaN nobody said; a frame (its columns name the codes), an
                array or a sparse matrix. One column of names is taken as one code a text.
            groups: of each text, such as its transcript; texts of a group are held out together.
            context: what was said before each text, ``""`` where nothing was.
            extra: other numbers known of each text (role, position …), a row for each, NaN where not known.

        Raises:
            CodingError: QC-K070 for texts that are no strings, QC-K071 for labels that do not fit them or are not
                0, 1 or NaN, QC-K072 when there is nothing to learn from, QC-K073 for a parameter out of range.
        """
        self._check()
        listed = _listed(texts, "texts")
        _same_order(texts, Y)
        labels, codes = self._labels(Y, len(listed))
        exclusive = self._is_exclusive(labels)
        lessons = lessons_of(self.codebook, self._bank(), codes)
        if not listed and not lessons.texts:
            raise CodingError("QC-K072", "there is nothing to learn from: no text, and no codebook",
                              hint="Give labelled texts, or a codebook: CodeClassifier(codebook).")  # fmt: skip
        passages = self._passages(listed, context, extra)
        taught = self._passages(list(lessons.texts), lessons.context if any(lessons.context) else None, None)
        named = None
        if groups is not None:
            shape = np.asarray(groups).shape
            if shape != (len(listed),):
                raise CodingError("QC-K071", f"there are groups of the shape {shape} for {len(listed)} texts",
                                  hint="Give the group of each text.")  # fmt: skip
            named = np.unique(np.asarray(groups).astype(str), return_inverse=True)[1]
        self.learnt_: Learnt = learn(
            passages, labels, codes, lessons=taught, lesson_labels=lessons.labels, groups=named,
            weights=Weights(letters=self.letters, manner=self.manner, previous=self.previous,
                            vectors=self.vector_weight),
            exclusive=exclusive, ridge=self.ridge, seed=int(self.random_state or 0),
        )  # fmt: skip
        self.classes_ = np.asarray(codes, dtype=object)
        self.n_features_in_ = 1
        self.exclusive_ = exclusive
        self.tried_ = self.learnt_.tried
        self.thresholds_ = 1 / (1 + np.exp(-self.learnt_.thresholds[: len(codes)]))
        self.added_ = self.learnt_.added
        self.enough_ = np.asarray([each.positives >= ENOUGH for each in self.tried_])
        return self

    def predict_proba(self, texts: Sequence[str], context: Sequence[str] | None = None, extra: Any = None) -> Any:
        """Return the probability of each code for each text: a frame (texts × codes), calibrated on held-out texts."""
        return self._frame(self.learnt.probabilities(self._scores(texts, context, extra)), texts)

    def predict(self, texts: Sequence[str], context: Sequence[str] | None = None, extra: Any = None) -> Any:
        """Return which codes each text carries: a frame (texts × codes) of 0 and 1, by ``thresholds_``.

        Codes of which ``enough_`` is false are predicted too: read them before you believe them.
        """
        return self._frame(self.learnt.predicted(self._scores(texts, context, extra)).astype(np.int64), texts)

    def rank(self, texts: Sequence[str], context: Sequence[str] | None = None, extra: Any = None) -> Any:
        """Return the place of each text in the order of each code: a frame (texts × codes), 1 for the likeliest.

        ``rank(texts)["A1"].nsmallest(10).index`` are the ten texts to read first. Equals keep the order of the texts.
        """
        probabilities = self.learnt.probabilities(self._scores(texts, context, extra))
        places = np.empty(probabilities.shape, np.int64)
        order = np.argsort(-probabilities, axis=0, kind="stable")
        np.put_along_axis(places, order, np.arange(1, len(places) + 1)[:, None], axis=0)
        return self._frame(places, texts)

    def score(self, texts: Sequence[str], Y: Any, context: Sequence[str] | None = None) -> float:  # noqa: N803
        """Return the mean over codes of F1, of the codes that some text carries; 0 when none does.

        The columns of a frame are matched by their names.
        """
        codes = tuple(self.learnt.codes)
        _same_order(texts, Y)
        labels, given = self._labels(Y, len(_listed(texts, "texts")), known=codes)
        by_name = hasattr(Y, "columns")
        if (set(given) != set(codes)) if by_name else labels.shape[1] != len(codes):
            raise CodingError("QC-K071", f"labels have the codes {list(given)}, and {list(codes)} were learnt",
                              hint="Give Y the columns that it had for fit.")  # fmt: skip
        if by_name and len(set(codes)) == len(codes):
            labels = labels[:, [given.index(code) for code in codes]]
        said = np.asarray(self.predict(texts, context), float)
        found = []
        for code in range(labels.shape[1]):
            known = ~np.isnan(labels[:, code])
            right, mine = labels[known, code], said[known, code]
            if right.any():
                found.append(2 * (right * mine).sum() / (right.sum() + mine.sum()))
        return float(np.mean(found)) if found else 0.0

    def report(self) -> Table:
        """Return how ready each code is (:func:`~qualcode.coding.classifier.report.report_table`)."""
        labels = {} if self.codebook is None else {code.id: code.label for code in self.codebook}
        return report_table(self.learnt, labels, "groups")

    @property
    def learnt(self) -> Learnt:
        """What was learnt; raises scikit-learn's ``NotFittedError`` before :meth:`fit`."""
        if not hasattr(self, "learnt_"):
            raise NotFittedError("This CodeClassifier has not learnt yet: call fit first.")
        return self.learnt_

    def _scores(self, texts: Sequence[str], context: Sequence[str] | None, extra: Any) -> Array:
        learnt = self.learnt
        passages = self._passages(_listed(texts, "texts"), context, extra)
        wide = len(learnt.words.mean)
        if passages.extra is not None and wide and passages.extra.shape[1] != wide:
            raise CodingError("QC-K071", f"extra has {passages.extra.shape[1]} columns, and had {wide} when it learnt",
                              hint="Give the columns that fit was given, NaN where one is not known.")  # fmt: skip
        return learnt.scores(learnt.words.rows(passages))

    def _passages(self, texts: list[str], context: Sequence[str] | None, extra: Any) -> Passages:
        from scipy.sparse import eye_array

        numbers = None if extra is None else self._numbers(extra, len(texts))
        vectors = self.vectors.encode(texts) if self.vectors is not None and texts else None
        own = placed_texts(texts)
        around: tuple[Placed, ...] = ()
        share = None
        if context is not None:
            before = _listed(context, "context")
            if len(before) != len(texts):
                raise CodingError("QC-K071", f"there are {len(before)} contexts for {len(texts)} texts",
                                  hint="Give what was said before each text, '' where nothing was.")  # fmt: skip
            around, share = placed_texts(before), eye_array(len(texts), format="csr", dtype=np.float32)
        hits = rule_hits(self.codebook, own, len(texts)) if self.rules else None
        return Passages(own, len(texts), around, share, vectors, numbers, hits)

    def _labels(self, given: Any, n: int, known: Sequence[Any] = ()) -> tuple[Array, tuple[Any, ...]]:
        """Return labels (texts × codes, float64) and codes."""
        codes: tuple[Any, ...] | None = None
        values = given.toarray() if hasattr(given, "toarray") else given
        try:
            if hasattr(given, "columns"):  # pandas' own mark of what is missing becomes NaN
                codes, values = tuple(given.columns), given.to_numpy(dtype=np.float64, na_value=np.nan)
            values = np.asarray(values)
            if values.ndim == 1:
                _all_named(values.tolist(), n)
                names = list(known or dict.fromkeys(sorted(values.tolist(), key=str)))
                return np.asarray([[each == name for name in names] for each in values.tolist()], np.float64), tuple(
                    names
                )
            numbers = values.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise CodingError("QC-K071", f"labels are not numbers ({error})",
                              hint="Y holds 1, 0 and NaN: a row a text, a column a code.") from error  # fmt: skip
        if numbers.ndim != 2 or len(numbers) != n:
            raise CodingError("QC-K071", f"labels have the shape {numbers.shape} for {n} texts",
                              hint="Y has a row for each text and a column for each code.")  # fmt: skip
        if not np.isin(numbers[~np.isnan(numbers)], (0.0, 1.0)).all():
            raise CodingError("QC-K071", "labels are not all 0, 1 or NaN",
                              hint="1: the text carries the code; 0: it does not; NaN: nobody said.")  # fmt: skip
        return numbers, codes if codes is not None else tuple(range(numbers.shape[1]))

    def _is_exclusive(self, labels: Array) -> bool:
        if self.exclusive is not None:
            if self.exclusive and (np.isnan(labels).any() or (labels.sum(axis=1) > 1).any()):
                raise CodingError("QC-K071", "codes cannot exclude each other: a text has two, or unknown ones",
                                  hint="Leave exclusive=True out.")  # fmt: skip
            return bool(self.exclusive)
        return bool(
            len(labels) >= ENOUGH and labels.shape[1] > 1 and not np.isnan(labels).any()
            and (labels.sum(axis=1) <= 1).all() and labels.any()
        )  # fmt: skip

    def _numbers(self, extra: Any, n: int) -> Array:
        """Return what else is known of the texts (texts × columns, float64)."""
        try:
            numbers = np.asarray(extra, np.float64)
        except (TypeError, ValueError) as error:
            raise CodingError("QC-K071", f"what else is known of the texts is not numbers ({error})",
                              hint="extra holds numbers, NaN where one is not known.") from error  # fmt: skip
        if numbers.ndim not in (1, 2) or len(numbers) != n:
            raise CodingError("QC-K071", f"what else is known has the shape {numbers.shape} for {n} texts",
                              hint="extra has a row for each text.")  # fmt: skip
        if np.isinf(numbers).any():
            raise CodingError("QC-K071", "what else is known of the texts holds an infinite number",
                              hint="extra holds numbers, NaN where one is not known.")  # fmt: skip
        return numbers.reshape(n, -1) if n else np.zeros((0, numbers.shape[1] if numbers.ndim == 2 else 1))

    def _bank(self) -> Any:
        if self.bank is False or self.codebook is None:
            return None
        return load_bank(self.codebook) if self.bank is None else self.bank

    def _check(self) -> None:
        for what in ("previous", "letters", "manner", "vector_weight", "ridge"):
            value = getattr(self, what)
            if not isinstance(value, int | float) or not 0 <= value <= 100 or (what == "ridge" and value == 0):
                raise CodingError("QC-K073", f"{what!r} is {value!r}, and must be from 0 to 100, ridge above 0",
                                  hint="Leave it out for what was found to serve well.")  # fmt: skip
        seed = self.random_state
        if seed is not None and (not isinstance(seed, int | np.integer) or isinstance(seed, bool) or seed < 0):
            raise CodingError("QC-K073", f"'random_state' is {seed!r}, and must be a whole number from 0 up",
                              hint="Leave it out for 0.")  # fmt: skip

    def _frame(self, values: Array, texts: Any) -> Any:
        import pandas as pd

        return pd.DataFrame(values, columns=list(self.classes_), index=getattr(texts, "index", None)
                            if hasattr(texts, "iloc") else None)  # fmt: skip


def _same_order(texts: Any, labels: Any) -> None:
    """Stop where texts and labels name the same rows in another order: rows are taken as they come."""
    one, other = (each.index if hasattr(each, "iloc") else None for each in (texts, labels))
    if one is None or other is None or len(one) != len(other) or one.equals(other):
        return
    if one.is_unique and other.is_unique and set(one) == set(other):
        raise CodingError("QC-K071", "texts and labels name the same rows, in another order",
                          hint="Sort the labels as the texts are: Y.loc[texts.index].")  # fmt: skip


def _all_named(names: list[Any], n: int) -> None:
    if len(names) != n:
        raise CodingError("QC-K071", f"there are {len(names)} labels for {n} texts",
                          hint="Give one name for each text.")  # fmt: skip
    missing = [number for number, each in enumerate(names) if each is None or each != each]
    if missing:
        raise CodingError("QC-K071", f"text {missing[0] + 1} has no label, and nothing is no name of a code",
                          hint="Leave such texts out, or give a table of codes with NaN.")  # fmt: skip


def _listed(texts: Any, what: str) -> list[str]:
    """Return texts as a list."""
    if isinstance(texts, str) or getattr(texts, "ndim", 1) != 1:
        raise CodingError("QC-K070", f"{what} is not a list of texts", hint="Give a list, Series or array of strings.")
    listed = list(texts)
    wrong = [each for each in listed if not isinstance(each, str)]
    if wrong:
        raise CodingError("QC-K070", f"{what} holds {wrong[0]!r}, which is no text",
                          hint="Give a list of strings; '' for one that is missing.")  # fmt: skip
    return [str(each) for each in listed]
