"""The ledger as pure values: what entries come to, which of them stand, how ledgers are united, where words went.

Nothing here knows a database or a file; ``store`` keeps what this room makes.
"""

from __future__ import annotations
