"""What holds for all tests: random examples are drawn from a fixed seed, so that a run can be repeated."""

from __future__ import annotations

from hypothesis import settings

# Without a deadline: on a busy machine an example may take any time, which says nothing about what it found.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.load_profile("fixed")
