"""A program that gives up its rights and then meets a folder or a file that it may not write to.

``python -m tests.store.nobody folder|file`` prints the codes of the errors that writing and backing up brought.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from qualcode.errors import StoreError
from qualcode.store import Store
from qualcode.store.backup import backup
from tests.store.dying import FIRST, a_memo

NOBODY = 65534


def codes(closed: str, folder: Path) -> list[str]:
    """Return the codes of the errors met; reading must work."""
    place = folder / "closed"
    place.mkdir(mode=0o777)
    path = place / "project.db"
    with Store.create(path) as store:
        store.put_documents([FIRST], person="Ann")
        store.record(a_memo())
    if closed == "folder":
        place.chmod(0o555)
    path.chmod(0o444)
    folder.chmod(0o755)
    if os.getuid() == 0:
        os.setuid(NOBODY)
    found = []
    with Store.open(path, read_only=True) as store:
        assert store.verify() == ()
        assert len(store.memos()) == 1
    for attempt in (
        lambda: _record(path),
        lambda: backup(path, place / "copy.bak") if closed == "folder" else _record(path),
    ):
        try:
            attempt()
        except StoreError as error:
            found.append(error.code)
    with Store.open(path, read_only=True) as store:
        assert store.verify() == ()
        assert len(store.memos()) == 1
    return found


def _record(path: Path) -> None:
    with Store.open(path) as store:
        store.record(a_memo())


if __name__ == "__main__":
    place = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    pid = os.fork()
    if pid == 0:
        sys.stdout.write(f"{codes(sys.argv[1], Path(place.name))}\n")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(pid, 0)
    for each in Path(place.name).iterdir():
        each.chmod(0o755)
    place.cleanup()
