"""Tell markup (web pages and parts of them, XML) from a transcript that merely holds angle brackets.

``<crosstalk>`` and ``<laughs>`` are a transcriber's marks. Markup closes what it opens, and holds whole lines.
"""

from __future__ import annotations

import re

__all__ = ["markup_of"]

_PROLOG = re.compile(r"(?:<\?xml\b[^<>]{0,400}\?>\s*|<!--.{0,4000}?-->\s*|<!DOCTYPE\b[^<>\[]{0,400}>\s*)*", re.DOTALL)
_PAGE = re.compile(r"(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,4000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
                   re.IGNORECASE | re.DOTALL)  # fmt: skip
_ROOTS = {"ANNOTATION_DOCUMENT": "eaf", "Trans": "trs", "TEI": "tei", "teiCorpus": "tei", "CHAT": "xml"}
_ATTRIBUTE = r"\s+[\w:.-]{1,60}\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+)"
_OPENS = re.compile(rf"<([A-Za-z][\w:.-]{{0,60}})((?:{_ATTRIBUTE})*)\s*/?>")
_CLOSES = re.compile(r"</([A-Za-z][\w:.-]{0,60})\s*>")
_TAG = re.compile(rf"{_OPENS.pattern}|{_CLOSES.pattern}")
_ELEMENTS = frozenset(
    ["a", "abbr", "article", "aside", "b", "blockquote", "br", "caption", "center", "cite", "code", "dd", "div",
     "dl", "dt", "em", "figure", "font", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
     "i", "img", "li", "link", "main", "meta", "nav", "ol", "p", "pre", "q", "s", "script", "section", "small",
     "span", "strong", "style", "sub", "sup", "table", "tbody", "td", "th", "thead", "time", "title", "tr", "u",
     "ul"]
)  # fmt: skip
_FEWEST = 2
_HALF = 2
_SAMPLE = 20_000


def markup_of(text: str) -> str | None:
    """Return ``"html"``, ``"xml"`` or a dialect (``"eaf"``, ``"trs"``, ``"tei"``); ``None`` for text that is no markup.

    Args:
        text: the beginning of a file, without blanks before it.
    """
    if _PAGE.match(text):
        return "html"
    sample = text[:_SAMPLE]
    prolog = _PROLOG.match(sample)
    first = _OPENS.match(sample, prolog.end() if prolog else 0)
    root = "" if first is None else first[1].rpartition(":")[2]
    if root in _ROOTS:
        return _ROOTS[root]
    if sample.startswith("<?xml"):
        return "html" if root.lower() in _ELEMENTS else "xml"
    names = [each[1].lower() for each in _OPENS.finditer(sample)]
    closed = [each[1].lower() for each in _CLOSES.finditer(sample) if each[1].lower() in names]
    if len(closed) + names.count("br") < _FEWEST:
        return None
    known = set(closed) | _ELEMENTS
    lines = [line.strip() for line in sample.split("\n") if line.strip()]
    tagged = sum(any((tag[1] or tag[3]).lower() in known for tag in _TAG.finditer(line)) for line in lines)
    opening = sum(line.startswith("<") and _TAG.match(line) is not None for line in lines)
    starts = first is not None and root.lower() in known and (bool(first[2].strip()) or tagged * _HALF >= len(lines))
    if not starts and opening * _HALF < len(lines):
        return None
    return "html" if not _ELEMENTS.isdisjoint(names) else "xml"
