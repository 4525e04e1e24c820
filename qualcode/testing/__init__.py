"""For those who write coders: does a coder keep what every coder must keep?

from qualcode.testing import check_coder

def test_my_coder():
    check_coder(MyCoder)
"""

from __future__ import annotations

from qualcode.testing.coders import check_coder
from qualcode.testing.material import sample_codebook, sample_codings, sample_documents

__all__ = ["check_coder", "sample_codebook", "sample_codings", "sample_documents"]
