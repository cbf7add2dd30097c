"""Fetched prices kept on disk: one Parquet file a ticker and interval, with raw bars, events and what is known of them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs
import pyarrow as pa
import pyarrow.parquet as pq

from stockrnn.errors import PriceDataError
from stockrnn.prices.yahoo.bars import BAR_COLUMNS
from stockrnn.prices.yahoo.exchanges import Listing
from stockrnn.prices.yahoo.file_names import file_stem

FORMAT_VERSION = 1
_KEY = b"stockrnn"


@dataclass(frozen=True)
class StoredPrices:
    """Raw bars and events of one ticker and interval, and the range for which the source was asked.

    Attributes:
        ticker: The ticker.
        interval: The interval of the bars.
        bars: Raw bars, see `stockrnn.prices.yahoo.bars`; all of it adjusted for the same splits.
        listing: Where the ticker trades.
        first: The first day of the range asked for; the range may hold no bars at all.
        last: Its last day of which the prices were final.
        fetched_at: When the source was last asked, and found to agree with the bars.
        splits_complete: Whether every split that the bars are adjusted for is among the events.
    """

    ticker: str
    interval: str
    bars: pd.DataFrame
    listing: Listing
    first: date
    last: date
    fetched_at: datetime
    splits_complete: bool


def cache_folder() -> Path:
    """Return the folder of everything that is cached; the environment variable STOCKRNN_CACHE moves it."""
    moved = os.environ.get("STOCKRNN_CACHE")
    return Path(moved).expanduser() if moved else Path(platformdirs.user_cache_dir("stockrnn", appauthor=False))


def stored_path(ticker: str, interval: str) -> Path:
    """Return where the prices of a ticker and interval are kept."""
    return cache_folder() / "prices" / f"{file_stem(ticker)}.{interval}.parquet"


def load_stored(ticker: str, interval: str) -> StoredPrices | None:
    """Read the stored prices of a ticker and interval, None where there are none.

    Raises:
        PriceDataError: A file that is damaged or cannot be read.
    """
    path = stored_path(ticker, interval)
    if not path.is_file():
        return None
    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
        record = json.loads(table.schema.metadata[_KEY])
        return None if record["version"] != FORMAT_VERSION else _stored(table, record)
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise PriceDataError(
            f"{path}: the stored prices cannot be read ({' '.join(str(error).split())[:120]})"
        ) from error


def save_stored(stored: StoredPrices) -> None:
    """Replace the stored prices of a ticker and interval as a whole: they are the old ones or the new ones.

    Raises:
        OSError: The cache folder cannot be written.
    """
    path = stored_path(stored.ticker, stored.interval)
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(stored.bars.reset_index(), preserve_index=False)
    table = table.replace_schema_metadata({_KEY: json.dumps(_record(stored)).encode()})
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        pq.write_table(table, partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _record(stored: StoredPrices) -> dict[str, Any]:
    return {
        "version": FORMAT_VERSION,
        "ticker": stored.ticker,
        "interval": stored.interval,
        "listing": stored.listing.to_json(),
        "first": stored.first.isoformat(),
        "last": stored.last.isoformat(),
        "fetched_at": stored.fetched_at.isoformat(),
        "splits_complete": stored.splits_complete,
    }


def _stored(table: pa.Table, record: dict[str, Any]) -> StoredPrices:
    bars = table.to_pandas()
    return StoredPrices(
        ticker=record["ticker"],
        interval=record["interval"],
        bars=bars.set_index(pd.DatetimeIndex(bars["session"], name="session"))[list(BAR_COLUMNS)].astype("float64"),
        listing=Listing.from_json(record["listing"]),
        first=date.fromisoformat(record["first"]),
        last=date.fromisoformat(record["last"]),
        fetched_at=datetime.fromisoformat(record["fetched_at"]),
        splits_complete=bool(record["splits_complete"]),
    )
