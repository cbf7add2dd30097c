"""Prices as Parquet files, one a ticker, named by their content: in a folder, or on object storage.

Processes read the tickers that they need from them; nobody needs all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from stockrnn.errors import ConfigError, PriceDataError
from stockrnn.prices.table import Prices, prices_digest, row_spans


@dataclass(frozen=True)
class TickerFile:
    """The prices of one ticker.

    Attributes:
        ticker: Its name.
        sha256: Digest of its prices, by which the file is named.
    """

    ticker: str
    sha256: str

    @property
    def name(self) -> str:
        """The name of the file."""
        return f"{self.sha256}.parquet"


def write_ticker_files(prices: Prices, location: str) -> list[TickerFile]:
    """Write a prices table as a file a ticker.

    Args:
        prices: The prices table.
        location: A folder, or a URI such as `s3://bucket/prices`.

    Raises:
        ConfigError: No place that can be written to.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    system, folder = _filesystem(location)
    try:
        system.create_dir(folder, recursive=True)
        written = []
        for ticker, rows in row_spans(prices).items():
            own = prices.iloc[rows]
            file = TickerFile(ticker, prices_digest(own))
            # Whole before it has its name: another process may look for it.
            pq.write_table(pa.Table.from_pandas(own), f"{folder}/.{file.name}.partial", filesystem=system)
            system.move(f"{folder}/.{file.name}.partial", f"{folder}/{file.name}")
            written.append(file)
    except OSError as error:
        raise ConfigError(f"{location}: prices cannot be written there ({error})") from error
    return written


def read_ticker_files(files: Iterable[TickerFile], location: str) -> Prices:
    """Read the prices of some tickers, in the order of a prices table.

    Args:
        files: Which ones.
        location: Where `write_ticker_files` wrote them.

    Raises:
        PriceDataError: A file is missing or changed.
    """
    import pyarrow.parquet as pq

    system, folder = _filesystem(location)
    parts: list[Prices] = []
    for file in files:
        where = f"{location}/{file.name} ({file.ticker})"
        try:
            prices = pq.read_table(f"{folder}/{file.name}", filesystem=system).to_pandas()
        except (OSError, ValueError) as error:
            raise PriceDataError(
                f"{where}: prices cannot be read ({error}); a worker needs the same storage as the command"
            ) from error
        if prices_digest(prices) != file.sha256:
            raise PriceDataError(f"{where}: changed since it was written; begin again under another --name")
        parts.append(prices)
    return pd.concat(parts) if len(parts) > 1 else parts[0]


def _filesystem(location: str) -> tuple[Any, str]:
    from pyarrow import fs

    if "://" not in location:
        return fs.LocalFileSystem(), location.rstrip("/")
    try:
        system, path = fs.FileSystem.from_uri(location)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{location}: no such storage ({error}); expected s3://bucket/folder or the like") from error
    return system, path.rstrip("/")
