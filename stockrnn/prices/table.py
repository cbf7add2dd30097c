"""The prices table: the one shape in which prices travel through the package.

A long frame with index `(ticker, session)`, sorted and unique; float64 columns out of `open high low close volume`,
only those the source has. A session is a time-zone-free midnight timestamp (intraday bars keep their time).
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stockrnn.errors import PriceDataError

PRICE_COLUMNS = ("open", "high", "low", "close")
COLUMNS = (*PRICE_COLUMNS, "volume")

Prices = pd.DataFrame


@dataclass(frozen=True)
class PriceNote:
    """Something odd about a price source that its reader should know.

    Attributes:
        code: A stable name in snake case, such as `ohlc_contradiction`.
        rows: How many rows it touches.
        text: One sentence: where, what, and what to do.
        ticker: The ticker it is about; empty when it is about the whole source.
        columns: The price columns that it touches; empty when it touches all of them.
    """

    code: str
    rows: int
    text: str
    ticker: str = ""
    columns: tuple[str, ...] = ()


def prices_table(frame: pd.DataFrame, source: str) -> Prices:
    """Make the prices table of a long frame with columns `ticker`, `session` and any of `COLUMNS`.

    Args:
        frame: One row a ticker and session, in any order, without missing tickers or sessions.
        source: What the prices came from, for error messages.

    Raises:
        PriceDataError: No price column, or two different rows for one ticker and session.
    """
    columns = [name for name in COLUMNS if name in frame.columns]
    if not set(columns) & set(PRICE_COLUMNS):
        raise PriceDataError(
            f"{source}: no price column; expected one of {', '.join(PRICE_COLUMNS)}, found {list(frame.columns)}"
        )
    table = frame.assign(ticker=frame["ticker"].astype(str), session=pd.to_datetime(frame["session"]))
    table = table.set_index(["ticker", "session"])[columns].astype("float64")
    if not table.index.is_monotonic_increasing:
        table = table.sort_index(kind="stable")
    if not table.index.is_unique:
        table = _without_identical_rows(table, source)
    return table


def _without_identical_rows(table: pd.DataFrame, source: str) -> pd.DataFrame:
    unique = table.reset_index().drop_duplicates()
    again = unique.duplicated(["ticker", "session"], keep=False)
    if again.any():
        first = unique.loc[again].iloc[0]
        raise PriceDataError(
            f"{source}: {int(again.sum())} rows give different prices for the same session, first for {first['ticker']} on "
            f"{first['session']:%Y-%m-%d}; run stockrnn inspect --repair duplicates"
        )
    return unique.set_index(["ticker", "session"])


def join_prices(parts: Iterable[Prices], source: str) -> Prices:
    """Join prices tables into one; the same rows twice are one row, conflicting rows are an error."""
    return prices_table(pd.concat([part.reset_index() for part in parts], ignore_index=True), source)


def tickers_of(prices: Prices) -> list[str]:
    """Return the tickers of a prices table in their order."""
    return [str(name) for name in prices.index.unique(level="ticker")]


def row_spans(prices: Prices) -> dict[str, slice]:
    """Return the rows of each ticker, which lie one after the other."""
    codes, tickers = pd.factorize(prices.index.get_level_values("ticker"))
    edges = [0, *np.bincount(codes, minlength=len(tickers)).cumsum().tolist()]
    return {str(name): slice(*rows) for name, rows in zip(tickers, itertools.pairwise(edges), strict=True)}


def sessions_of(prices: Prices) -> pd.DatetimeIndex:
    """Return the sorted sessions on which any ticker has prices."""
    return pd.DatetimeIndex(prices.index.unique(level="session").sort_values(), name="session")


def check_columns(prices: Prices, columns: Iterable[str], source: str) -> None:
    """Check that the columns that a network reads are there and hold positive numbers throughout.

    Raises:
        PriceDataError: A column is missing, or has missing, infinite or non-positive prices (says which rows).
    """
    for column in columns:
        if column not in prices.columns:
            raise PriceDataError(f"{source}: no column {column!r}; there are {', '.join(prices.columns)}")
        values = prices[column].to_numpy()
        bad = ~np.isfinite(values) | (values < 0 if column == "volume" else values <= 0)
        if bad.any():
            rows = [
                f"{session:%Y-%m-%d} ({value:g})" for (_, session), value in prices.loc[bad, column].head(3).items()
            ]
            more = f" and {int(bad.sum()) - 3} more" if bad.sum() > 3 else ""
            raise PriceDataError(
                f"{source}: {column} is missing, zero or negative in {int(bad.sum())} rows: {', '.join(rows)}{more}; "
                f"delete or correct these rows, or choose another column"
            )


def prices_digest(prices: Prices) -> str:
    """Return the SHA-256 of the content of a prices table (index, column names and values)."""
    digest = hashlib.sha256(",".join(prices.columns).encode())
    spans = [f"{name}:{rows.start}:{rows.stop}" for name, rows in row_spans(prices).items()]
    digest.update("\n".join(spans).encode())
    digest.update(prices.index.get_level_values("session").to_numpy().astype("datetime64[ns]").tobytes())
    digest.update(np.ascontiguousarray(prices.to_numpy(dtype="<f8")).tobytes())
    return digest.hexdigest()
