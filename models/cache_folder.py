"""Where the program keeps what it could work out again: the one place that knows the folder."""

import os
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder() -> Path:
    """``PARKRISK_CACHE_DIR`` where that is set, else ``parkrisk`` in the user's cache folder. It need not exist."""
    configured = os.environ.get("PARKRISK_CACHE_DIR")
    if configured:
        return Path(configured)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "parkrisk"
