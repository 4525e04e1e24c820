"""The body of a Word document as paragraphs and tables, in order, with every run of text that a reader sees.

python-docx leaves out tracked insertions, content controls and text boxes; this walk does not. It works on the names of
elements without their namespace, so strict and transitional files read the same.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qualcode.errors import IngestError
from qualcode.ingest.wordpackage import attribute_of, heading_styles, main_part, numberings, parsed, tag_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["Body", "Note", "Paragraph", "WordTable", "read_body"]

_DROPPED = frozenset(
    {
        "del",
        "moveFrom",
        "rPr",
        "pPr",
        "instrText",
        "delText",
        "delInstrText",
        "sectPr",
        "tcPr",
        "trPr",
        "tblPr",
        "tblGrid",
        "sdtPr",
        "sdtEndPr",
        "smartTagPr",
        "annotationRef",
        "footnoteRef",
        "endnoteRef",
        "graphic",
        "binData",
        "proofErr",
    }
)
_LITERAL = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-", "softHyphen": "\u00ad"}
_OFF = frozenset({"0", "false", "off", "none"})
_DEEPEST = 200


@dataclass(slots=True)
class Paragraph:
    """A paragraph: its text, the stretches of it that are bold (start, end), and whether it is styled as a heading."""

    text: str = ""
    bold: list[tuple[int, int]] = field(default_factory=list)
    heading: bool = False


@dataclass(slots=True)
class WordTable:
    """A table: rows of cells of paragraphs; a merged cell holds its text once and is empty where it goes on."""

    rows: list[list[list[Paragraph]]] = field(default_factory=list)

    def texts(self) -> list[list[str]]:
        """Return the rows as the text of their cells."""
        return [["\n".join(each.text for each in cell).strip() for cell in row] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Note:
    """A comment, footnote or endnote: where it comes from (``comment 3``) and its text."""

    place: str
    text: str


@dataclass(slots=True)
class Body:
    """Everything that a Word document says, and counts of what was passed over."""

    items: list[Paragraph | WordTable] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    hidden: int = 0
    numbered: int = 0
    insertions: int = 0
    deletions: int = 0
    embedded: int = 0


def read_body(parts: Mapping[str, bytes], *, name: str) -> Body:
    """Return the body of a Word document, its comments and its notes.

    Args:
        parts: the XML parts of the package, by name.

    Raises:
        IngestError: QC-I055 when the main part is missing or is no XML.
    """
    main = main_part(parts, name)
    document = parsed(parts, main, name)
    body = next((child for child in document if tag_of(child) == "body"), None)
    if body is None:
        raise IngestError(
            "QC-I055", "the Word document has no body", where=name, hint="Open it in Word and save it as .docx."
        )
    folder = posixpath.dirname(main)
    walk = _Walk(heading_styles(parts, folder, name), numberings(parts, folder, name))
    walk.found.items = walk.blocks(body)
    for part, tag in (("footnotes", "footnote"), ("endnotes", "endnote"), ("comments", "comment")):
        place = posixpath.join(folder, f"{part}.xml")
        if place not in parts:
            continue
        for each in parsed(parts, place, name):
            if tag_of(each) == tag and attribute_of(each, "type") not in (
                "separator",
                "continuationSeparator",
                "continuationNotice",
            ):
                text = "\n".join(_flat(walk.blocks(each))).strip()
                if text:
                    walk.found.notes.append(Note(f"{tag} {attribute_of(each, 'id')}", text))
    return walk.found


class _Walk:
    """One pass over the tree; ``found`` gathers what is not text."""

    def __init__(self, headings: frozenset[str], numberings: frozenset[str]) -> None:
        self.headings = headings
        self.numberings = numberings
        self.found = Body()
        self._boxes: list[Element] = []

    def blocks(self, parent: Element, depth: int = 0) -> list[Paragraph | WordTable]:
        """Return the paragraphs and tables under an element, in order."""
        items: list[Paragraph | WordTable] = []
        if depth > _DEEPEST:
            return items
        for child in parent:
            tag = tag_of(child)
            if tag == "p":
                items += self.paragraph(child, depth)
            elif tag == "tbl":
                items.append(self.table(child, depth))
            elif tag == "AlternateContent":
                items += self.blocks(_one_alternative(child), depth + 1)
            elif tag == "altChunk":
                self.found.embedded += 1
            elif tag not in _DROPPED:
                self.found.insertions += tag == "ins"
                items += self.blocks(child, depth + 1)
        return items

    def paragraph(self, element: Element, depth: int) -> list[Paragraph | WordTable]:
        """Return a paragraph, and after it the contents of the text boxes that hang on it."""
        found = Paragraph()
        pieces: list[tuple[str, bool]] = []
        outer, self._boxes = self._boxes, []
        for properties in element:
            if tag_of(properties) == "pPr":
                found.heading = self._is_heading(properties)
                self.found.numbered += self._is_numbered(properties)
        self._runs(element, pieces, bold=False, depth=depth)
        boxes, self._boxes = self._boxes, outer
        at = 0
        for text, bold in pieces:
            if bold:
                if found.bold and found.bold[-1][1] == at:
                    found.bold[-1] = (found.bold[-1][0], at + len(text))
                else:
                    found.bold.append((at, at + len(text)))
            at += len(text)
        found.text = "".join(text for text, _ in pieces)
        items: list[Paragraph | WordTable] = [found]
        for box in boxes:
            items += self.blocks(box, depth + 1)
        return items

    def table(self, element: Element, depth: int) -> WordTable:
        """Return a table; rows that were deleted with tracked changes are left out."""
        found = WordTable()
        for row in _inside(element, "tr"):
            if any(tag_of(each) == "del" for properties in row if tag_of(properties) == "trPr" for each in properties):
                self.found.deletions += 1
                continue
            cells: list[list[Paragraph]] = []
            for cell in _inside(row, "tc"):
                span, goes_on = _merging(cell)
                inner = [] if goes_on else self.blocks(cell, depth + 1)
                cells.append(
                    [each if isinstance(each, Paragraph) else Paragraph("\n".join(_flat([each]))) for each in inner]
                )
                cells += [[] for _ in range(span - 1)]
            found.rows.append(cells)
        return found

    def _runs(self, element: Element, pieces: list[tuple[str, bool]], *, bold: bool, depth: int) -> None:
        if depth > _DEEPEST:
            return
        for child in element:
            tag = tag_of(child)
            if tag == "t":
                pieces.append((child.text or "", bold))
            elif tag in _LITERAL:
                pieces.append((_LITERAL[tag], bold))
            elif tag == "sym":
                pieces.append((_symbol(child), bold))
            elif tag == "r":
                hidden, strong = _run_look(child)
                if hidden:
                    self.found.hidden += any(tag_of(each) == "t" and (each.text or "").strip() for each in child)
                else:
                    self._runs(child, pieces, bold=strong, depth=depth + 1)
            elif tag == "AlternateContent":
                self._runs(_one_alternative(child), pieces, bold=bold, depth=depth + 1)
            elif tag == "txbxContent":
                self._boxes.append(child)
            elif tag in _DROPPED and tag != "graphic":
                self.found.deletions += tag in ("del", "moveFrom")
            else:
                self.found.insertions += tag in ("ins", "moveTo")
                self._runs(child, pieces, bold=bold, depth=depth + 1)

    def _is_heading(self, properties: Element) -> bool:
        for each in properties:
            if tag_of(each) == "pStyle" and attribute_of(each, "val") in self.headings:
                return True
            if tag_of(each) == "outlineLvl" and attribute_of(each, "val") not in ("", "9"):
                return True
        return False

    def _is_numbered(self, properties: Element) -> bool:
        for each in properties:
            if tag_of(each) == "numPr":
                return any(tag_of(inner) == "numId" and attribute_of(inner, "val") in self.numberings for inner in each)
            if tag_of(each) == "pStyle" and f"style {attribute_of(each, 'val')}" in self.numberings:
                return True
        return False


def _inside(element: Element, wanted: str) -> Iterator[Element]:
    """Yield the rows of a table or the cells of a row, also those in content controls and tracked insertions."""
    for child in element:
        if tag_of(child) == wanted:
            yield child
        elif tag_of(child) in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"):
            yield from _inside(child, wanted)


def _one_alternative(element: Element) -> Element:
    """Return the branch of alternative content to read: the first choice with text in it, else the fallback."""
    branches = list(element)
    with_text = [each for each in branches if any(tag_of(inner) == "t" and inner.text for inner in each.iter())]
    return (with_text or branches or [element])[0]


def _merging(cell: Element) -> tuple[int, bool]:
    """Return how many columns a cell spans and whether it only goes on a cell above it."""
    span, goes_on = 1, False
    for properties in cell:
        if tag_of(properties) != "tcPr":
            continue
        for each in properties:
            if tag_of(each) == "gridSpan" and attribute_of(each, "val").isdecimal():
                span = min(max(int(attribute_of(each, "val")), 1), 64)
            elif tag_of(each) == "vMerge":
                goes_on = attribute_of(each, "val") != "restart"
            elif tag_of(each) == "hMerge":
                goes_on = goes_on or attribute_of(each, "val") != "restart"
    return span, goes_on


def _run_look(run: Element) -> tuple[bool, bool]:
    """Return whether a run is hidden and whether it is bold."""
    hidden = bold = False
    for properties in run:
        if tag_of(properties) != "rPr":
            continue
        for each in properties:
            is_on = attribute_of(each, "val").casefold() not in _OFF
            if tag_of(each) == "vanish":
                hidden = is_on
            elif tag_of(each) == "b":
                bold = is_on
            elif tag_of(each) == "rStyle" and attribute_of(each, "val").casefold() == "strong":
                bold = True
    return hidden, bold


def _symbol(element: Element) -> str:
    try:
        return chr(int(attribute_of(element, "char"), 16))
    except (ValueError, OverflowError):
        return "\ufffd"


def _flat(items: list[Paragraph | WordTable]) -> list[str]:
    lines: list[str] = []
    for item in items:
        if isinstance(item, Paragraph):
            lines.append(item.text)
        else:
            lines += ["\t".join(row) for row in item.texts()]
    return lines
