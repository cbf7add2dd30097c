"""Where the prices and recipes that come with the package lie on disk.

In a wheel they are inside the package; in a checkout (an editable install) at the top of the repository.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from stockrnn.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parent
_PREFIX = "bundled:"


def bundled_folder(kind: str) -> Path:
    """Return the folder of bundled files of one kind, `data` or `configs`."""
    for folder in (_PACKAGE / "bundled_files" / kind, _PACKAGE.parent / kind):
        if folder.is_dir():
            return folder
    raise ConfigError(f"the bundled {kind} are missing from {_PACKAGE}; install stockrnn again")


def bundled_name(source: str) -> str | None:
    """Return the name in `bundled:NAME`, as commands and configs write it; None for a path."""
    return source.removeprefix(_PREFIX) if source.startswith(_PREFIX) else None


def bundled_prices(name: str) -> Path:
    """Return the CSV of the bundled prices called `name`, such as `googl`."""
    return _bundled_file("data", name, ".csv")


def bundled_recipe(name: str) -> Path:
    """Return the TOML file of the bundled recipe called `name`, such as `google`."""
    return _bundled_file("configs", name, ".toml")


def bundled_names(kind: str, suffix: str) -> list[str]:
    """Return the names of the bundled files of one kind, sorted."""
    return sorted(path.stem for path in bundled_folder(kind).glob(f"*{suffix}"))


def _bundled_file(kind: str, name: str, suffix: str) -> Path:
    files = bundled_names(kind, suffix)
    if name not in files:
        near = difflib.get_close_matches(name.lower(), files, n=1)
        known = f"known: {', '.join(files)}"
        raise ConfigError(
            f"no bundled {'prices' if kind == 'data' else 'recipe'} called {name!r}; "
            f"{f'did you mean {near[0]}? ({known})' if near else known}"
        )
    return bundled_folder(kind) / f"{name}{suffix}"
