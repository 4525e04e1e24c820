"""What a code means, as one number: the same number, the same meaning."""

from __future__ import annotations

import hashlib
import json

from qualcode.model.codes import Code, Example

__all__ = ["definition_digest"]


def definition_digest(code: Code) -> str:
    """Return the SHA-256 of what a code means, in hexadecimal: 64 digits.

    It covers ``brief``, ``definition``, ``include``, ``exclude`` and ``examples``: what a person reads before saying
    that a passage is the code. Id, label, parent, rules, seeds and notes are left out, so a coding is out of date
    only when its code came to mean something else. The ``see`` of a guidance line and the source of an example are left
    out too: they point elsewhere. Runs of blanks and the order of a list make no difference.

    >>> definition_digest(Code("A", "One", definition="x  y")) == definition_digest(Code("B", "Two", definition="x y"))
    True
    """
    parts = {
        "brief": _plain(code.brief),
        "definition": _plain(code.definition),
        "include": sorted(_plain(line.text) for line in code.include),
        "exclude": sorted(_plain(line.text) for line in code.exclude),
        **{kind: sorted(map(_example, getattr(code.examples, kind))) for kind in ("typical", "atypical", "near_miss")},
    }
    written = json.dumps(parts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode("ascii")).hexdigest()


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())


def _example(example: Example) -> list[str]:
    return [_plain(example.text), _plain(example.why), _plain(example.question)]
