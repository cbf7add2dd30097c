"""The prices table: the one shape in which prices travel through the package.

A long frame with index `(ticker, session)`, sorted and unique; float64 columns out of `open high low close volume`,
only those the source has. A session is a time-zone-free midnight timestamp (intraday bars keep their time).
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

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
    table = frame[columns].astype("float64")
    index, order = _sorted_index(frame["ticker"], frame["session"])
    if order is not None:
        table = table.take(order)
    table.index = index
    if not index.is_unique:
        table = _without_identical_rows(table, source)
    return table


def _sorted_index(tickers: pd.Series, sessions: pd.Series) -> tuple[pd.MultiIndex, np.ndarray | None]:
    """Return the sorted index of rows, and the order that sorts them (None when they are sorted already).

    Made from integer codes: with thousands of tickers, an index made from their names takes longer than the reading.
    """
    names, ticker_codes = _sorted_names(tickers)
    stamps = pd.DatetimeIndex(pd.to_datetime(sessions)).as_unit("us")
    session_codes, days = pd.factorize(stamps, sort=True)
    keys = ticker_codes.astype("int64") * max(len(days), 1) + session_codes
    order = None if bool((keys[1:] >= keys[:-1]).all()) else np.argsort(keys, kind="stable")
    codes: list[Any] = [ticker_codes, session_codes] if order is None else [ticker_codes[order], session_codes[order]]
    levels: list[Any] = [pd.Index(names), pd.DatetimeIndex(days)]
    return pd.MultiIndex(levels=levels, codes=codes, names=["ticker", "session"], verify_integrity=False), order


def _sorted_names(tickers: pd.Series) -> tuple[list[str], np.ndarray]:
    """Return the sorted distinct tickers, and for each row the place of its ticker among them."""
    codes, uniques = pd.factorize(tickers)
    texts = [str(name) for name in uniques]
    names = sorted(set(texts))
    place = {name: position for position, name in enumerate(names)}
    return names, np.array([place[text] for text in texts], dtype="int32")[codes] if texts else codes


def _without_identical_rows(table: pd.DataFrame, source: str) -> pd.DataFrame:
    unique = table.reset_index().drop_duplicates()
    again = unique.duplicated(["ticker", "session"], keep=False)
    if again.any():
        days = unique.loc[again, ["ticker", "session"]].drop_duplicates()
        named = [f"{ticker} on {session:%Y-%m-%d}" for ticker, session in days.head(3).itertuples(index=False)]
        more = f" and {len(days) - 3} more" if len(days) > 3 else ""
        raise PriceDataError(
            f"{source}: {int(again.sum())} rows give different prices for the same session ({', '.join(named)}{more}); "
            f"delete the wrong ones or run stockrnn inspect --repair duplicates"
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
    codes = cast("pd.MultiIndex", prices.index).codes[0]
    names = prices.index.get_level_values("ticker")
    edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)] if len(codes) else [0]
    return {str(names[start]): slice(start, stop) for start, stop in itertools.pairwise(edges)}


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
            raise PriceDataError(f"{source}: no column {column!r} with prices; there are {', '.join(prices.columns)}")
        values = prices[column].to_numpy()
        bad = ~np.isfinite(values) | (values < 0 if column == "volume" else values <= 0)
        if bad.any():
            rows = [
                f"{session:%Y-%m-%d} ({value:g})" for (_, session), value in prices.loc[bad, column].head(3).items()
            ]
            more = f" and {int(bad.sum()) - 3} more" if bad.sum() > 3 else ""
            raise PriceDataError(
                f"{source}: {column} is missing, zero or negative in {int(bad.sum())} {'row' if bad.sum() == 1 else 'rows'}: {', '.join(rows)}{more}; "
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
