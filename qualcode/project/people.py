"""Who is at work: every decision bears a name."""

from __future__ import annotations

import os
import unicodedata

from qualcode.errors import ProjectError
from qualcode.model.ledger import SETTLED

__all__ = ["MACHINE", "VARIABLE", "whoami"]

MACHINE = "machine"
"""Name of the layer that holds what the coders suggest, whatever people decided about it."""

VARIABLE = "QUALCODE_PERSON"


def whoami(given: str | None = None) -> str:
    """Return the name that decisions are signed with: the one given, else ``QUALCODE_PERSON``, else the account's.

    Raises:
        ProjectError: QC-P030 for a name that is empty or cannot be printed in one line, one with a semicolon (which
            parts names in ``codings.csv``), and ``settled`` and ``machine``, which are layers of their own.
    """
    name = given if given is not None else os.environ.get(VARIABLE, "").strip() or _account()
    # Two ways to write one letter (an e with its dots, or a dotted e) look the same and must not make two people.
    name = unicodedata.normalize("NFC", name.strip())
    if not name or not name.isprintable() or ";" in name or name.casefold() in (SETTLED, MACHINE):
        raise ProjectError("QC-P030", f"{name!r} cannot be a person's name here",
                           hint=f"Say who you are: --person NAME, or set {VARIABLE}.")  # fmt: skip
    return name


def _account() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in some containers
        return "somebody"
