"""Property tests draw the same examples in every run; HYPOTHESIS_PROFILE=explore draws new ones, and more."""

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.register_profile("explore", max_examples=500, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

# No test finds what an earlier one has left on disk.
os.environ["PARKRISK_FOOTPRINT_CACHE_MB"] = "0"

#: Folders whose tests take longest begin first, so that no worker is left alone with them at the end.
_LONGEST = ("hostile", "crash")


def pytest_collection_modifyitems(items):
    """Put the longest tests first."""
    items.sort(key=lambda item: item.path.parent.name not in _LONGEST)
