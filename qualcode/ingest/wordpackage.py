"""The parts of a Word package: which one is the body, which styles are headings, which lists are numbered."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING

from qualcode.errors import IngestError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["attribute_of", "heading_styles", "main_part", "numberings", "parsed", "tag_of"]


def tag_of(element: Element) -> str:
    """Return the name of an element without its namespace."""
    # Comments and processing instructions have a function for a tag.
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "proofErr"


def attribute_of(element: Element, name: str) -> str:
    """Return an attribute by its name without namespace; empty when there is none."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def parsed(parts: Mapping[str, bytes], part: str, name: str) -> Element:
    """Return the root element of a part; raises IngestError QC-I055 when it is no XML."""
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


def main_part(parts: Mapping[str, bytes], name: str) -> str:
    """Return the name of the part that holds the body; raises IngestError QC-I055 when there is none."""
    if "_rels/.rels" in parts:
        for relation in parsed(parts, "_rels/.rels", name):
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


def heading_styles(parts: Mapping[str, bytes], folder: str, name: str) -> frozenset[str]:
    """Return the ids of the styles that are headings; the built-in names are English in every language's Word."""
    found = {"Title", "Subtitle", *(f"Heading{level}" for level in range(1, 10))}
    place = posixpath.join(folder, "styles.xml")
    if place in parts:
        for style in parsed(parts, place, name):
            names = [attribute_of(each, "val").casefold() for each in style if tag_of(each) == "name"]
            if any(each.startswith(("heading ", "title", "subtitle")) for each in names):
                found.add(attribute_of(style, "styleId"))
    return frozenset(found)


def numberings(parts: Mapping[str, bytes], folder: str, name: str) -> frozenset[str]:
    """Return the ids of the lists whose first level is numbered (not bulleted), and ``style X`` for numbered styles."""
    place = posixpath.join(folder, "numbering.xml")
    if place not in parts:
        return frozenset()
    numbered: dict[str, bool] = {}
    found: set[str] = set()
    for each in parsed(parts, place, name):
        if tag_of(each) == "abstractNum":
            formats = [attribute_of(inner, "val") for inner in each.iter() if tag_of(inner) == "numFmt"]
            numbered[attribute_of(each, "abstractNumId")] = bool(formats) and formats[0] not in ("bullet", "none")
        elif tag_of(each) == "num":
            for inner in each:
                if tag_of(inner) == "abstractNumId" and numbered.get(attribute_of(inner, "val")):
                    found.add(attribute_of(each, "numId"))
    styles = posixpath.join(folder, "styles.xml")
    if found and styles in parts:
        for style in parsed(parts, styles, name):
            ids = [attribute_of(inner, "val") for inner in style.iter() if tag_of(inner) == "numId"]
            if found.intersection(ids):
                found.add(f"style {attribute_of(style, 'styleId')}")
    return frozenset(found)
