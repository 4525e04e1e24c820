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
    main = _main_part(parts, name)
    document = _parsed(parts, main, name)
    body = next((child for child in document if _tag(child) == "body"), None)
    if body is None:
        raise IngestError(
            "QC-I055", "the Word document has no body", where=name, hint="Open it in Word and save it as .docx."
        )
    folder = posixpath.dirname(main)
    walk = _Walk(_heading_styles(parts, folder, name), _numberings(parts, folder, name))
    walk.found.items = walk.blocks(body)
    for part, tag in (("footnotes", "footnote"), ("endnotes", "endnote"), ("comments", "comment")):
        place = posixpath.join(folder, f"{part}.xml")
        if place not in parts:
            continue
        for each in _parsed(parts, place, name):
            if _tag(each) == tag and _attribute(each, "type") not in (
                "separator",
                "continuationSeparator",
                "continuationNotice",
            ):
                text = "\n".join(_flat(walk.blocks(each))).strip()
                if text:
                    walk.found.notes.append(Note(f"{tag} {_attribute(each, 'id')}", text))
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
            tag = _tag(child)
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
            if _tag(properties) == "pPr":
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
            if any(_tag(each) == "del" for properties in row if _tag(properties) == "trPr" for each in properties):
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
            tag = _tag(child)
            if tag == "t":
                pieces.append((child.text or "", bold))
            elif tag in _LITERAL:
                pieces.append((_LITERAL[tag], bold))
            elif tag == "sym":
                pieces.append((_symbol(child), bold))
            elif tag == "r":
                hidden, strong = _run_look(child)
                if hidden:
                    self.found.hidden += any(_tag(each) == "t" and (each.text or "").strip() for each in child)
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
            if _tag(each) == "pStyle" and _attribute(each, "val") in self.headings:
                return True
            if _tag(each) == "outlineLvl" and _attribute(each, "val") not in ("", "9"):
                return True
        return False

    def _is_numbered(self, properties: Element) -> bool:
        for each in properties:
            if _tag(each) == "numPr":
                return any(_tag(inner) == "numId" and _attribute(inner, "val") in self.numberings for inner in each)
            if _tag(each) == "pStyle" and f"style {_attribute(each, 'val')}" in self.numberings:
                return True
        return False


def _tag(element: Element) -> str:
    # Comments and processing instructions have a function for a tag.
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "proofErr"


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _inside(element: Element, wanted: str) -> Iterator[Element]:
    """Yield the rows of a table or the cells of a row, also those in content controls and tracked insertions."""
    for child in element:
        if _tag(child) == wanted:
            yield child
        elif _tag(child) in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"):
            yield from _inside(child, wanted)


def _one_alternative(element: Element) -> Element:
    """Return the branch of alternative content to read: the first choice with text in it, else the fallback."""
    branches = list(element)
    with_text = [each for each in branches if any(_tag(inner) == "t" and inner.text for inner in each.iter())]
    return (with_text or branches or [element])[0]


def _merging(cell: Element) -> tuple[int, bool]:
    """Return how many columns a cell spans and whether it only goes on a cell above it."""
    span, goes_on = 1, False
    for properties in cell:
        if _tag(properties) != "tcPr":
            continue
        for each in properties:
            if _tag(each) == "gridSpan" and _attribute(each, "val").isdecimal():
                span = min(max(int(_attribute(each, "val")), 1), 64)
            elif _tag(each) == "vMerge":
                goes_on = _attribute(each, "val") != "restart"
            elif _tag(each) == "hMerge":
                goes_on = goes_on or _attribute(each, "val") != "restart"
    return span, goes_on


def _run_look(run: Element) -> tuple[bool, bool]:
    """Return whether a run is hidden and whether it is bold."""
    hidden = bold = False
    for properties in run:
        if _tag(properties) != "rPr":
            continue
        for each in properties:
            is_on = _attribute(each, "val").casefold() not in _OFF
            if _tag(each) == "vanish":
                hidden = is_on
            elif _tag(each) == "b":
                bold = is_on
            elif _tag(each) == "rStyle" and _attribute(each, "val").casefold() == "strong":
                bold = True
    return hidden, bold


def _symbol(element: Element) -> str:
    try:
        return chr(int(_attribute(element, "char"), 16))
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


def _parsed(parts: Mapping[str, bytes], part: str, name: str) -> Element:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(parts[part], forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as problem:
        raise IngestError(
            "QC-I055",
            f"the Word document is damaged: its part {part} cannot be read",
            where=name,
            hint="Open it in Word, let it repair the file, and save it again.",
        ) from problem
    return root


def _main_part(parts: Mapping[str, bytes], name: str) -> str:
    if "_rels/.rels" in parts:
        for relation in _parsed(parts, "_rels/.rels", name):
            if relation.get("Type", "").endswith("/officeDocument"):
                target = relation.get("Target", "").lstrip("/")
                if target in parts:
                    return target
    if "word/document.xml" in parts:
        return "word/document.xml"
    raise IngestError(
        "QC-I055",
        "the file is no Word document: it has no main part",
        where=name,
        hint="Open it in the program that made it and save it as .docx.",
    )


def _heading_styles(parts: Mapping[str, bytes], folder: str, name: str) -> frozenset[str]:
    """Return the ids of the styles that are headings; the built-in names are English in every language's Word."""
    found = {"Title", "Subtitle", *(f"Heading{level}" for level in range(1, 10))}
    place = posixpath.join(folder, "styles.xml")
    if place in parts:
        for style in _parsed(parts, place, name):
            names = [_attribute(each, "val").casefold() for each in style if _tag(each) == "name"]
            if any(each.startswith(("heading ", "title", "subtitle")) for each in names):
                found.add(_attribute(style, "styleId"))
    return frozenset(found)


def _numberings(parts: Mapping[str, bytes], folder: str, name: str) -> frozenset[str]:
    """Return the ids of the lists whose first level is numbered (not bulleted), and ``style X`` for numbered styles."""
    place = posixpath.join(folder, "numbering.xml")
    if place not in parts:
        return frozenset()
    numbered: dict[str, bool] = {}
    found: set[str] = set()
    for each in _parsed(parts, place, name):
        if _tag(each) == "abstractNum":
            formats = [_attribute(inner, "val") for inner in each.iter() if _tag(inner) == "numFmt"]
            numbered[_attribute(each, "abstractNumId")] = bool(formats) and formats[0] not in ("bullet", "none")
        elif _tag(each) == "num":
            for inner in each:
                if _tag(inner) == "abstractNumId" and numbered.get(_attribute(inner, "val")):
                    found.add(_attribute(each, "numId"))
    styles = posixpath.join(folder, "styles.xml")
    if found and styles in parts:
        for style in _parsed(parts, styles, name):
            ids = [_attribute(inner, "val") for inner in style.iter() if _tag(inner) == "numId"]
            if found.intersection(ids):
                found.add(f"style {_attribute(style, 'styleId')}")
    return frozenset(found)
