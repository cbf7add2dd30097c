"""The yfinance client made quiet and honest for the time of one request."""

from __future__ import annotations

import logging
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from stockrnn.prices.yahoo.cache import cache_folder


@contextmanager
def quiet_client() -> Iterator[Any]:
    """Give the client: it raises instead of logging, forgets failed answers and keeps its warnings to itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its pandas deprecations, a dozen a call, are its maintainers' business
        import yfinance
        from yfinance.data import YfData

        logging.getLogger("yfinance").setLevel(logging.CRITICAL + 1)
        _place_files()
        YfData.cache_get.cache_clear()
        debug = yfinance.config.debug
        hidden, debug.hide_exceptions = debug.hide_exceptions, False
        try:
            yield yfinance
        finally:
            debug.hide_exceptions = hidden


def _place_files() -> None:
    folder = cache_folder() / "yfinance"
    instead = _temporary_folder(folder)
    _place_files_in(str(folder) if instead is None else instead.name)


@lru_cache(maxsize=1)
def _place_files_in(folder: str) -> None:
    # Once, until it is another folder: each time closes the client's databases.
    import yfinance

    yfinance.set_tz_cache_location(folder)


@lru_cache
def _temporary_folder(folder: Path) -> tempfile.TemporaryDirectory[str] | None:
    """Return where the client keeps its cookies when `folder` is read-only, locked or damaged; None when it is fine."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        for database in folder.glob("*.db"):
            with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
    except (OSError, sqlite3.Error):
        return tempfile.TemporaryDirectory(prefix="stockrnn-", ignore_cleanup_errors=True)
    return None
