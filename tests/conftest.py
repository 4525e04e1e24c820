"""What holds for all tests: random examples are drawn from a fixed seed, so that a run can be repeated."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("fixed", derandomize=True)
settings.load_profile("fixed")
