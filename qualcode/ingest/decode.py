"""Bytes → text: which encoding, which line ends, and what looks wrong. A detector never decides; the ladder does."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass

from qualcode.errors import IngestError
from qualcode.ingest.wording import counted
from qualcode.model.document import IngestWarning

__all__ = ["Decoded", "decode", "peek"]

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOJIBAKE = re.compile("â€|Ã[\u0080-\u00bf]|Â[\u0080-\u00bf\u2018-\u201d]")
_MOST_CONTROL = 0.005
_SHOWN = 12
_NEARLY_ALL = 0.9
_FEW_NULS = 20
_ODD_ONES = 10
_PEEK = 65_536
_HINT = "Open it in the program that made it and save it as UTF-8 text, or name its encoding: --encoding mac_roman."


@dataclass(frozen=True, slots=True)
class Decoded:
    """Decoded text: no byte order mark, every line end ``\\n``; ``newline`` names the one that stood in the file."""

    text: str
    encoding: str
    newline: str | None
    warnings: tuple[IngestWarning, ...] = ()


def decode(data: bytes, *, name: str, forced: str | None = None) -> Decoded:
    """Return the text of ``data``.

    The ladder: ``forced``, a byte order mark, UTF-16 without one (NUL bytes on one parity), strict UTF-8, cp1252 (with
    a warning that names the characters it gave). Nothing is repaired.

    Raises:
        IngestError: QC-I003 for blank text, QC-I005 for bytes that are no text, QC-I006 when no rung (or the forced
            encoding) can decode them, QC-I012 for an encoding that does not exist.
    """
    warnings: list[IngestWarning] = []
    if forced is not None:
        text, encoding = _forced(data, forced, name)
    else:
        text, encoding = _by_ladder(data, name)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise IngestError("QC-I003", "the file holds nothing but blanks", where=name,
                          hint="Check that the transcript was saved before it was copied here.")  # fmt: skip
    if len(_CONTROL.findall(text, 0, _PEEK)) > _MOST_CONTROL * min(len(text), _PEEK):
        raise _binary(name)
    if encoding == "cp1252" and forced is None:
        odd = Counter(character for character in text if not character.isascii() and not character.isspace())
        letters = [letter for letter, _ in odd.most_common(_SHOWN)]
        shown = " ".join(letters) + (" …" if len(odd) > _SHOWN else "") if odd else "(only blanks)"
        warnings.append(IngestWarning(
            "guessed-encoding", "warn",
            f"the file is not UTF-8; it was read as Windows text (cp1252). These characters depend on that: {shown} "
            "If they look wrong, name the encoding (--encoding mac_roman) or save the file as UTF-8",
        ))  # fmt: skip
    newline, text = _newlines(text)
    if newline == "mixed":
        warnings.append(
            IngestWarning("mixed-newlines", "warn", "the file mixes line ends of Windows, Mac and Linux; all count")
        )
    if _MOJIBAKE.search(text):
        warnings.append(IngestWarning(
            "mojibake", "warn", "some characters were spoilt before the file came here (such as 'â€™' for an "
            "apostrophe); they were left as they are: export the transcript again as UTF-8 if you can"))  # fmt: skip
    if "\ufffd" in text:
        lost = counted(text.count("\ufffd"), "character")
        message = f"{lost} lost before the file came here (shown as \ufffd); export the transcript again if you can"
        warnings.append(IngestWarning("replacement-characters", "warn", message))
    return Decoded(text, encoding, newline, tuple(warnings))


def peek(data: bytes) -> str:
    """Return the first characters of ``data``, decoded well enough to recognise a format by."""
    head = data[:_PEEK]
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return head.decode(encoding, "ignore").removeprefix("\ufeff")
    wide = _wide_parity(head)
    if wide is not None:
        return head.decode(wide, "ignore")
    return head.decode("utf-8", "ignore")


def _forced(data: bytes, forced: str, name: str) -> tuple[str, str]:
    try:
        codec = codecs.lookup(forced)
    except LookupError:
        raise IngestError("QC-I012", f"there is no encoding called {forced!r}", where=name,
                          hint="Common ones: utf-8, utf-16, cp1252, latin-1, mac_roman.") from None  # fmt: skip
    try:
        return data.decode(codec.name), codec.name
    except (UnicodeError, LookupError) as error:
        raise IngestError("QC-I006", f"the file is not {forced}: {_at(error)}", where=name,
                          hint="Leave --encoding out to have it worked out.") from None  # fmt: skip


def _by_ladder(data: bytes, name: str) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding), encoding
            except UnicodeError as error:
                raise IngestError("QC-I006", f"the file starts as {encoding} but is damaged: {_at(error)}", where=name,
                                  hint="Save it again from the program that made it.") from None  # fmt: skip
    if b"\0" in data[:_PEEK]:
        wide = _wide_parity(data[:_PEEK])
        if wide is None:
            raise _binary(name)
        try:
            return data.decode(wide), wide
        except UnicodeError as error:
            raise IngestError("QC-I006", f"the file looks like {wide} but is cut off or damaged: {_at(error)}",
                              where=name, hint="Copy it again, or save it as UTF-8.") from None  # fmt: skip
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeError:
        pass
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeError as error:
        raise IngestError("QC-I006", f"the file is neither UTF-8 nor Windows text: {_at(error)}", where=name,
                          hint=_HINT) from None  # fmt: skip


def _at(error: Exception) -> str:
    return f"byte {error.start} does not fit" if isinstance(error, UnicodeDecodeError) else "it cannot be decoded"


def _wide_parity(head: bytes) -> str | None:
    """Return the UTF-16 or UTF-32 codec of text without a byte order mark, by where its NUL bytes stand.

    In text of western scripts every second byte is NUL (UTF-16), or three of four (UTF-32); a few characters such as
    U+2000 put one elsewhere.
    """
    if b"\0" not in head:
        return None
    first, second, third, fourth = (head[place::4].count(0) for place in range(4))
    quarter = len(head) // 4
    if quarter and min(third, fourth) >= quarter * _NEARLY_ALL > first + quarter / 2:
        return "utf-32-le"
    if quarter and min(first, second) >= quarter * _NEARLY_ALL > fourth + quarter / 2:
        return "utf-32-be"
    even, odd = first + third, second + fourth
    if odd * _FEW_NULS > len(head) and even * _ODD_ONES < odd:
        return "utf-16-le"
    if even * _FEW_NULS > len(head) and odd * _ODD_ONES < even:
        return "utf-16-be"
    return None


def _binary(name: str) -> IngestError:
    return IngestError("QC-I005", "the file is not text: it holds bytes that no text has", where=name,
                       hint="Give the transcript as plain text, .docx, .vtt, .srt, .csv or .xlsx.")  # fmt: skip


def _newlines(text: str) -> tuple[str | None, str]:
    pairs = text.count("\r\n")
    counts = {"crlf": pairs, "cr": text.count("\r") - pairs, "lf": text.count("\n") - pairs}
    present = [kind for kind, count in counts.items() if count]
    if counts["crlf"] or counts["cr"]:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(present) > 1:
        return "mixed", text
    return (present[0] if present else None), text
