"""A table as a value: columns that say what they count, rows, and one writer for each form it is shown in."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from qualcode.model.textgrid import plain, text_grid

__all__ = ["Cell", "Column", "ColumnKind", "Table"]

ColumnKind = Literal["text", "integer", "number", "share"]
Cell = str | int | float | None

_FORMULA = ("=", "+", "-", "@", "\t")
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "\n": " ", "\r": " ", "\t": " ",
}  # fmt: skip
_MARKDOWN = set("\\`*_[]<>|&~#$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in files, what kind of values it holds and what they mean.

    ``share`` is a number from 0 to 1. Text may be empty; ``None`` in any column means "does not apply".
    """

    name: str
    kind: ColumnKind
    description: str


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """Rows under named columns. The same values give the same text in every form, on every machine.

    Attributes:
        name: what the command line calls it (``themes``).
        title: what a heading above it says.
        unit: what is counted (``sentence``, ``turn``, ``passage``); empty when nothing is.
        notes: sentences a reader needs so as not to misread it.
        provenance: what it was made from (codebook, version, …).

    Raises:
        ValueError: columns that share a name, a row of another width, a value that does not fit its column's kind.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()
    unit: str = ""
    notes: tuple[str, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"the table {self.name!r} has two columns of one name: {names}")
        for number, row in enumerate(self.rows):
            if len(row) != len(names):
                raise ValueError(f"row {number} of {self.name!r} has {len(row)} cells, not {len(names)}")
            for column, cell in zip(self.columns, row, strict=True):
                if not _fits(column.kind, cell):
                    raise ValueError(f"row {number} of {self.name!r}: {column.name} cannot hold {cell!r}")

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        names = [column.name for column in self.columns]
        return (dict(zip(names, row, strict=True)) for row in self.rows)

    def column(self, name: str) -> tuple[Cell, ...]:
        """Return the values of one column; raises ``KeyError`` when there is no such column."""
        place = self._place(name)
        return tuple(row[place] for row in self.rows)

    def filter(self, keep: Callable[[Mapping[str, Cell]], bool] | None = None, /, **equal: Cell) -> Table:
        """Return the rows for which ``keep(row)`` is true and every named column equals the value given.

        Raises ``KeyError`` for a column that is not there.
        """
        tests = [(self._place(name), value) for name, value in equal.items()]
        rows = tuple(
            row
            for row, record in zip(self.rows, self, strict=True)
            if all(row[place] == value for place, value in tests) and (keep is None or keep(record))
        )
        return replace(self, rows=rows)

    def sort(self, *names: str, descending: bool = False) -> Table:
        """Return the rows in the order of these columns; rows that are equal keep theirs, empty cells come last."""
        rows = list(self.rows)
        for place in reversed([self._place(name) for name in names]):
            full = [row for row in rows if row[place] is not None]
            # A column holds texts or numbers, never both.
            full.sort(key=lambda row, at=place: row[at], reverse=descending)  # type: ignore[misc]
            rows = full + [row for row in rows if row[place] is None]
        return replace(self, rows=tuple(rows))

    def __repr__(self) -> str:
        return f"{plain(self.title)}\n\n{self.to_text()}"

    def head(self, n: int = 10) -> Table:
        """Return the first ``n`` rows."""
        return replace(self, rows=self.rows[: max(n, 0)])

    def to_csv(self, *, safe: bool = False) -> str:
        """Return RFC 4180 text with ``\\n`` line ends: one header line, then a line a row.

        Numbers are written in the shortest form that reads back to the same number; ``None`` is an empty cell. With
        ``safe``, a text that a spreadsheet would run as a formula (first character ``= + - @`` or a tab) gets a ``'``
        in front; the files that are contracts are written without it, so that quotes stay letter for letter.
        """
        lines = [[column.name for column in self.columns]]
        lines += [[_spelt(cell, safe=safe) for cell in row] for row in self.rows]
        return "".join(",".join(_quoted(cell, alone=len(line) == 1) for cell in line) + "\n" for line in lines)

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return the whole table as one JSON object; ``rows`` is a list of objects by column name."""
        content = {
            "name": self.name,
            "title": self.title,
            "unit": self.unit,
            "notes": list(self.notes),
            "provenance": dict(self.provenance),
            "columns": [
                {"name": each.name, "kind": each.kind, "description": each.description} for each in self.columns
            ],
            "rows": list(self),
        }  # fmt: skip
        return json.dumps(content, ensure_ascii=False, indent=indent, allow_nan=False)

    def to_markdown(self) -> str:
        """Return a GitHub-flavoured Markdown table; characters that would be markup are escaped."""
        rule = ["---:" if column.kind != "text" else "---" for column in self.columns]
        lines = [[_markdown(column.name) for column in self.columns], rule]
        lines += [[_markdown(self._shown(place, cell)) for place, cell in enumerate(row)] for row in self.rows]
        return "".join("| " + " | ".join(line) + " |\n" for line in lines)

    def to_latex(self) -> str:
        """Return a LaTeX ``table`` (package ``booktabs``) with the title as its caption, all text escaped."""
        align = "".join("l" if column.kind == "text" else "r" for column in self.columns)
        head = " & ".join(_latex(column.name) for column in self.columns) + r" \\"
        shown = [[_latex(self._shown(place, cell)) for place, cell in enumerate(row)] for row in self.rows]
        body = [" & ".join(cells) + r" \\" for cells in shown]
        lines = [r"\begin{table}", r"\centering", rf"\caption{{{_latex(self.title)}}}",
                 rf"\begin{{tabular}}{{{align}}}", r"\toprule", head, r"\midrule", *body, r"\bottomrule",
                 r"\end{tabular}", r"\end{table}"]  # fmt: skip
        return "\n".join(lines) + "\n"

    def to_text(self, width: int = 80) -> str:
        """Return aligned text for a terminal, at most ``width`` columns wide where that leaves words readable.

        Texts wrap, numbers stand right and are rounded to two places, control characters are made visible, and the
        notes follow below.
        """
        rows = [[self._shown(place, cell) for place, cell in enumerate(row)] for row in self.rows]
        right = [column.kind != "text" for column in self.columns]
        return text_grid([column.name for column in self.columns], rows, right, width=width, notes=self.notes)

    def to_pandas(self) -> Any:
        """Return a ``pandas.DataFrame`` whose cells equal those of :meth:`to_csv`.

        Text columns hold ``str`` (``None`` is ``""``, as in the file), integers are ``Int64``, numbers and shares
        ``Float64``; empty cells of these are ``<NA>``.
        """
        import pandas as pd

        kinds: dict[str, Any] = {"text": "object", "integer": "Int64", "number": "Float64", "share": "Float64"}
        data = {}
        for place, column in enumerate(self.columns):
            cells = [row[place] for row in self.rows]
            if column.kind == "text":
                cells = ["" if cell is None else cell for cell in cells]
            data[column.name] = pd.Series(cells, dtype=kinds[column.kind])
        return pd.DataFrame(data, columns=[column.name for column in self.columns])

    def _repr_html_(self) -> str:
        def cell(tag: str, place: int, text: str, scope: str = "") -> str:
            side = "left" if self.columns[place].kind == "text" else "right"
            return f'<{tag}{scope} style="text-align:{side};vertical-align:top">{html.escape(plain(text))}</{tag}>'

        head = "".join(cell("th", place, each.name, ' scope="col"') for place, each in enumerate(self.columns))
        body = "".join(
            "<tr>" + "".join(cell("td", place, self._shown(place, value)) for place, value in enumerate(row)) + "</tr>"
            for row in self.rows
        )
        notes = "".join(f"<p>{html.escape(plain(note))}</p>" for note in self.notes)
        caption = f"<caption>{html.escape(plain(self.title))}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"

    def _place(self, name: str) -> int:
        for place, column in enumerate(self.columns):
            if column.name == name:
                return place
        raise KeyError(name)

    def _shown(self, place: int, cell: Cell) -> str:
        if self.columns[place].kind in {"number", "share"} and cell is not None:
            return f"{float(cell):z.2f}"
        return _spelt(cell)


def _fits(kind: ColumnKind, cell: Cell) -> bool:
    if cell is None:
        return True
    if kind == "text":
        return isinstance(cell, str)
    if kind == "integer":
        return isinstance(cell, int) and not isinstance(cell, bool)
    if not isinstance(cell, float) or not math.isfinite(cell):
        return False
    return kind == "number" or 0.0 <= cell <= 1.0


def _spelt(cell: Cell, *, safe: bool = False) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return "'" + cell if safe and cell.startswith(_FORMULA) else cell
    return repr(cell)


def _quoted(text: str, *, alone: bool) -> str:
    # The csv module of Python 3.11 leaves a lone carriage return bare, which readers take for a line end.
    if any(character in text for character in ',"\r\n') or text != text.strip() or (alone and not text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _markdown(text: str) -> str:
    flat = " ".join(plain(text).split())
    return "".join("\\" + character if character in _MARKDOWN else character for character in flat)


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in plain(text))
