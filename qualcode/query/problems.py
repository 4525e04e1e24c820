"""How a refused query is reported: where it is wrong, with a caret under the place, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.errors import Place, QueryError

__all__ = ["Source"]

_WIDTH = 100
_LEAD_IN = 40


@dataclass(frozen=True, slots=True)
class Source:
    """A query as typed, and where its first character stands (``None``: it was not read from a file)."""

    query: str
    where: Place | None = None

    def refusal(self, code: str, message: str, column: int, *, length: int = 1, hint: str | None = None) -> QueryError:
        """Return the error to raise for what stands at ``column`` (from 0): message, query line, caret, hint."""
        start = self.query.rfind("\n", 0, column) + 1
        line = self.query[start:].split("\n", 1)[0]
        offset = column - start
        shown, at = _window("".join(char if char.isprintable() else " " for char in line), offset)
        caret = "^" * max(1, min(length, len(shown) - at))
        text = f"{message}\n  {shown}\n  {' ' * at}{caret}" if self.query.strip() else message
        return QueryError(code, text, where=self._place(self.query.count("\n", 0, start), offset), hint=hint)

    def _place(self, lines_down: int, offset: int) -> Place:
        if self.where is None:
            return Place("query", lines_down + 1, offset + 1)
        if self.where.line is None:
            return self.where
        before = (self.where.column or 1) - 1 if lines_down == 0 else 0
        return Place(self.where.file, self.where.line + lines_down, before + offset + 1)


def _window(line: str, offset: int) -> tuple[str, int]:
    if len(line) <= _WIDTH:
        return line, offset
    begin = max(0, offset - _LEAD_IN)
    head = "…" if begin else ""
    tail = "…" if begin + _WIDTH < len(line) else ""
    return head + line[begin : begin + _WIDTH] + tail, offset - begin + len(head)
