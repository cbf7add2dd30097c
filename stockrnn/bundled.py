"""Where the prices and recipes that come with the package lie on disk.

In a wheel they are inside the package; in a checkout (an editable install) at the top of the repository.
"""

from __future__ import annotations

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


def _bundled_file(kind: str, name: str, suffix: str) -> Path:
    files = {path.stem: path for path in sorted(bundled_folder(kind).glob(f"*{suffix}"))}
    if name not in files:
        raise ConfigError(
            f"no bundled {'prices' if kind == 'data' else 'recipe'} called {name!r}; known: {', '.join(files)}"
        )
    return files[name]
