"""The versions of what computes results, which depend on them to the last bit."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from stockrnn import __version__

_PACKAGES = ("tensorflow", "keras", "numpy", "pandas", "scipy", "scikit-learn", "arch")


@cache
def versions_here() -> dict[str, str]:
    """Return versions by name, of Python, of this package and of others as far as they are installed."""
    found = {"python": platform.python_version(), "stockrnn": __version__}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # arch is an extra
            continue
    return found
