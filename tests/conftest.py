"""What holds for all tests: random examples are drawn from a fixed seed, so that a run can be repeated."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Without a deadline: on a busy machine an example may take any time, which says nothing about what it found.
settings.register_profile("fixed", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fixed")
