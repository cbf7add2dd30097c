"""Forecasts whose actual prices are known, as arrays for the metrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.arrays import Floats, Positions
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecasts

# A forecaster whose rows are distributions but for a few is judged by those that are: a single gap is no reason to judge none.
DISTRIBUTION_SHARE = 0.9


@dataclass(frozen=True)
class JudgedRows:
    """Forecasts beside what came true; all arrays are of one length.

    Attributes:
        ticker: The number of the ticker, in the order of the table, of shape (rows,).
        horizon: Sessions ahead.
        forecaster: The number of the forecaster, in the order of the table.
        session: The day that was forecast.
        place: The place of this day among the sessions of its ticker; -1 where it is none of them.
        forecast: What was said.
        actual: What came true.
        last_close: The close of the origin; NaN where it is not known.
        quantiles: Of shape (rows, 19); NaN for point forecasters.
    """

    ticker: Positions
    horizon: Positions
    forecaster: Positions
    session: npt.NDArray[np.datetime64]
    place: Positions
    forecast: Floats
    actual: Floats
    last_close: Floats
    quantiles: Floats

    def at(self, rows: Positions) -> JudgedRows:
        """Return the rows at some positions."""
        return JudgedRows(*(getattr(self, field.name)[rows] for field in fields(self)))

    def on_log_scale(self) -> JudgedRows:
        """Return the prices as 100 x log price: dollars do not add up over tickers."""
        prices = (self.forecast, self.actual, self.last_close, self.quantiles)
        return JudgedRows(
            self.ticker,
            self.horizon,
            self.forecaster,
            self.session,
            self.place,
            *(log_percent(each) for each in prices),
        )


@dataclass(frozen=True)
class JudgedTable:
    """The rows of all forecasters, and the names that their numbers stand for."""

    rows: JudgedRows
    tickers: tuple[str, ...]
    forecasters: tuple[str, ...]


def distribution_rows(quantiles: Floats) -> Positions:
    """Return the positions of the rows whose quantiles are all there; none where they are less than nine in ten.

    Args:
        quantiles: Of shape (rows, 19).
    """
    rows: Positions = np.flatnonzero(np.isfinite(quantiles).all(axis=1))
    return rows if len(rows) and len(rows) >= DISTRIBUTION_SHARE * len(quantiles) else rows[:0]


def log_percent(prices: Floats) -> Floats:
    """Return 100 x log price."""
    # A forecast of nothing has no logarithm; a hundred-millionth stands for it and costs it dearly.
    logs: Floats = 100 * np.log(np.maximum(prices, 1e-8))
    return logs


def judged_table(forecasts: Forecasts, last_closes: pd.Series | None) -> JudgedTable:
    """Return the rows of a forecasts table whose actual prices are known.

    Args:
        forecasts: The forecasts table.
        last_closes: Close by (ticker, session), None when the prices have none.
    """
    known = forecasts[forecasts["actual"].notna()]
    tickers, ticker_names = pd.factorize(known["ticker"])
    forecasters, forecaster_names = pd.factorize(known["forecaster"])
    closes = np.full(len(known), np.nan)
    if last_closes is None:
        # Without prices at hand, the days of the table are all the sessions there are.
        places = np.unique(known["session"].to_numpy(), return_inverse=True)[1]
    else:
        places = _rows_of(last_closes, known, "session")
        origins = _rows_of(last_closes, known, "origin")
        closes = np.where(origins >= 0, last_closes.to_numpy(dtype=np.float64)[origins], np.nan)
    rows = JudgedRows(
        ticker=tickers.astype(np.int64),
        horizon=known["horizon"].to_numpy(dtype=np.int64),
        forecaster=forecasters.astype(np.int64),
        session=known["session"].to_numpy(dtype="datetime64[us]"),
        place=places.astype(np.int64),
        forecast=known["forecast"].to_numpy(dtype=np.float64),
        actual=known["actual"].to_numpy(dtype=np.float64),
        last_close=closes,
        quantiles=known[list(QUANTILE_COLUMNS)].to_numpy(dtype=np.float64),
    )
    return JudgedTable(rows, tuple(map(str, ticker_names)), tuple(map(str, forecaster_names)))


def _rows_of(by_session: pd.Series, forecasts: Forecasts, day: str) -> Positions:
    return np.asarray(
        by_session.index.get_indexer(pd.MultiIndex.from_frame(forecasts[["ticker", day]])), dtype=np.int64
    )


def groups_of(keys: Positions) -> Iterator[tuple[int, Positions]]:
    """Yield each different key and the positions of its rows, keys in rising order, rows in their own."""
    order = np.argsort(keys, kind="stable")
    values, starts = np.unique(keys[order], return_index=True)
    for value, rows in zip(values, np.split(order, starts[1:]), strict=True):
        yield int(value), rows
