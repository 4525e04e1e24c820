"""The one family of errors that qualcode raises on purpose.

::

    QualcodeError
    ├── IngestError        (ValueError)     a file that cannot be read as a transcript       QC-I…
    ├── QueryError         (ValueError)     a query that does not parse or cannot be run     QC-Q…
    ├── CodebookError      (ValueError)     a codebook with problems (all of them at once)   QC-C…
    ├── TokenIndexError    (RuntimeError)   a token index that is damaged or of another kind QC-X…
    ├── StoreError         (RuntimeError)   a project database that cannot be used           QC-S…
    ├── LedgerError        (ValueError)     a decision that cannot be taken or found         QC-L…
    ├── ProjectError       (ValueError)     a project folder or its settings                 QC-P…
    ├── CodingError        (ValueError)     a coder that cannot run                          QC-K…
    ├── AnalysisError      (ValueError)     a table that cannot be made                      QC-A…
    ├── StatisticsError    (ValueError)     a measure that cannot be computed as asked       QC-N…
    ├── ExchangeError      (ValueError)     a file of codings from elsewhere that is unsound QC-T…
    ├── ExportError        (RuntimeError)   a report or export that cannot be written        QC-E…
    └── MissingExtraError  (ImportError)    an optional dependency that is not installed     QC-M…

Each error has a stable ``code``, a ``message``, where it happened (``where``), a ``hint`` (what to type
next) and, when several things are wrong in one file, one :class:`Problem` for each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "AnalysisError",
    "CodebookError",
    "CodingError",
    "ExchangeError",
    "ExportError",
    "IngestError",
    "LedgerError",
    "MissingExtraError",
    "Place",
    "Problem",
    "ProjectError",
    "QualcodeError",
    "QueryError",
    "StatisticsError",
    "StoreError",
    "TokenIndexError",
]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file a person wrote: ``file:line:column``, lines and columns counted from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: its stable code, what it is, where, and what to do about it."""

    code: str
    message: str
    place: Place | None = None
    hint: str | None = None
    severity: str = "error"

    def __str__(self) -> str:
        """Return sentences; below a query with its caret, the hint has a line of its own."""
        where = f"{self.place} " if self.place is not None else ""
        told = self.message
        if self.hint:
            end = "\n" if "\n" in told else " " if told.endswith((".", ":", "?", "!")) else ". "
            told = f"{told}{end}{self.hint}"
        return f"{where}[{self.code}] {told}"


class QualcodeError(Exception):
    """The base of every error that qualcode raises on purpose.

    Args:
        code: stable identifier such as ``QC-I003``; it never changes its meaning.
        message: what is wrong, in a sentence.
        where: a :class:`Place`, or a file name.
        hint: what to type or do next.
        problems: all problems, when one file has several; the message is then a summary.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        where: Place | str | None = None,
        hint: str | None = None,
        problems: Sequence[Problem] = (),
    ) -> None:
        self.code = code
        self.message = message
        self.where = Place(where) if isinstance(where, str) else where
        self.hint = hint
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        head = str(Problem(self.code, self.message, self.where, self.hint))
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


class IngestError(QualcodeError, ValueError):
    """A file cannot be read as a transcript; nothing of it was kept."""


class QueryError(QualcodeError, ValueError):
    """A query does not parse, or names something that does not exist."""


class CodebookError(QualcodeError, ValueError):
    """A codebook is refused; ``problems`` holds everything that is wrong with it."""


class TokenIndexError(QualcodeError, RuntimeError):
    """A stored token index is damaged or was made by another version; deleting it is safe."""


class StoreError(QualcodeError, RuntimeError):
    """The project database cannot be opened or written; nothing was changed."""


class LedgerError(QualcodeError, ValueError):
    """A decision cannot be taken, found or undone; nothing was written."""


class ProjectError(QualcodeError, ValueError):
    """A project folder or its ``qualcode.yaml`` is not what it should be."""


class CodingError(QualcodeError, ValueError):
    """A coder cannot run as asked."""


class AnalysisError(QualcodeError, ValueError):
    """A table cannot be made as asked."""


class StatisticsError(QualcodeError, ValueError):
    """A measure is asked for in a way that has no meaning. Degenerate data is not an error: it has a status."""


class ExchangeError(QualcodeError, ValueError):
    """A file of codings or tables, ours or another program's, cannot be read; nothing of it was taken."""


class ExportError(QualcodeError, RuntimeError):
    """A report or an export cannot be written; nothing half-written was left."""


class MissingExtraError(QualcodeError, ImportError):
    """An optional dependency is not installed; the hint names the extra."""
