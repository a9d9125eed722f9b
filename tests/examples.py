"""How many examples hypothesis tries, and what it must not complain of. There are three profiles:

- `local` tries new examples at every run.
- `ci` tries the same ones at every run; it is taken where the variable `CI` is set.
- `slow`, for slow machines, tries the same ones at every run, and a fifth as many.

Name one with the variable `HYPOTHESIS_PROFILE`. None has a deadline or a health check that depends on how busy the
machine is: how long an example takes is not what is tested.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_FEWER = 5
_FEWEST = 10

LOAD = (HealthCheck.too_slow, HealthCheck.data_too_large)
SHARED_FIXTURE = (*LOAD, HealthCheck.function_scoped_fixture)
"""For `suppress_health_check` of a test that puts its fixtures back between two examples by itself."""


def load_profile() -> None:
    """Make the profiles known to hypothesis, and choose one."""
    for name, parent in (("local", "default"), ("ci", "ci")):
        settings.register_profile(name, parent=settings.get_profile(parent), deadline=None, suppress_health_check=LOAD)
    settings.register_profile("slow", parent=settings.get_profile("ci"), max_examples=100 // _FEWER)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "local"))


def examples(count: int) -> int:
    """How many examples to try: `count`, or fewer under the profile for slow machines."""
    return max(count // _FEWER, _FEWEST) if settings.get_current_profile_name() == "slow" else count
