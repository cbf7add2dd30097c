"""The price CSVs that we write, each with a file beside it that says where its prices come from."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stockrnn.errors import ConfigError
from stockrnn.prices.table import COLUMNS

METADATA_SUFFIX = ".meta.json"


def metadata_path(path: Path) -> Path:
    """Return the file that describes a price CSV: `prices/GOOG.csv.meta.json` for `prices/GOOG.csv`."""
    return path.with_name(path.name + METADATA_SUFFIX)


def read_metadata(path: Path) -> dict[str, Any] | None:
    """Return what is recorded about a price CSV; None without a record, or when the CSV has changed since."""
    try:
        document = json.loads(metadata_path(path).read_text(encoding="utf-8"))
        unchanged = isinstance(document, dict) and document.get("sha256") == _digest(path.read_bytes())
    except (OSError, ValueError):
        return None
    return document if unchanged else None


def calendar_recorded_for(path: str | Path) -> str | None:
    """Return the exchange calendar recorded when a price CSV was fetched, None where there is none."""
    calendar = (read_metadata(Path(path)) or {}).get("calendar")
    return calendar if isinstance(calendar, str) else None


def check_replaceable(path: Path) -> None:
    """Check that a price CSV can be written without losing somebody's work.

    Raises:
        ConfigError: There is a file that fetch has not written, or that was changed since.
    """
    if path.exists() and read_metadata(path) is None:
        raise ConfigError(
            f"{path} was not written by fetch, or was changed since; "
            f"choose another folder with --out, or replace it with --force"
        )


def write_price_file(path: Path, prices: pd.DataFrame, metadata: dict[str, Any]) -> str:
    """Write prices as CSV, and their metadata beside it; each file appears whole or not at all.

    Args:
        path: The CSV; its folder is made.
        prices: Frame with index `session` and columns `open high low close volume`.
        metadata: JSON values; `sha256` of the CSV is added.

    Returns:
        The SHA-256 of the CSV.
    """
    content = _csv(prices).encode()
    digest = _digest(content)
    path.parent.mkdir(parents=True, exist_ok=True)
    described = json.dumps({**metadata, "sha256": digest}, indent=2, ensure_ascii=False) + "\n"
    # The description first: interrupted in between, the old CSV is taken for changed and never overwritten in silence.
    _replace(metadata_path(path), described.encode())
    _replace(path, content)
    return digest


def session_text(session: pd.Timestamp) -> str:
    """Return a session as it is written in a CSV: a date, with the time where it has one."""
    return f"{session:%Y-%m-%d}" if session == session.normalize() else f"{session:%Y-%m-%d %H:%M:%S}"


def _csv(prices: pd.DataFrame) -> str:
    sessions = pd.DatetimeIndex(prices.index)
    daily = bool((sessions == sessions.normalize()).all())
    text = pd.DataFrame({"date": sessions.strftime("%Y-%m-%d" if daily else "%Y-%m-%d %H:%M:%S")})
    for column in COLUMNS:
        digits = ".0f" if column == "volume" else ".10g"
        text[column] = [format(value, digits) if np.isfinite(value) else "" for value in prices[column].to_numpy()]
    return text.to_csv(index=False, lineterminator="\n")


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
