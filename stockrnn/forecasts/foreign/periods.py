"""Weeks, months and the like that two files date by different days: by their first, their last, or a Friday."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.prices.intervals import intervals_of
from stockrnn.prices.table import Prices, row_spans

# The calendar period of a bar, by its interval.
_PERIODS = {"1wk": "W-SUN", "1mo": "M", "3mo": "Q", "1y": "Y"}


def dated_as_prices(rows: pd.DataFrame, prices: Prices) -> pd.DataFrame | None:
    """Return rows whose sessions and origins are the days of the bars of the same week, month, quarter or year.

    Args:
        rows: Columns `ticker`, `session` and `origin` (NaT where there is none).
        prices: The prices table.

    Returns:
        None where nothing has to be done: daily prices, days that are those of the prices, or more than one a period.
    """
    spans, intervals = row_spans(prices), intervals_of(prices)
    days = pd.DatetimeIndex(prices.index.get_level_values("session"))
    moved = rows.copy()
    changed = False
    for ticker, mine in rows.groupby("ticker", sort=False):
        period = _PERIODS.get(intervals[str(ticker)])
        bars = days[spans[str(ticker)]]
        dates = pd.DatetimeIndex(mine["session"].dropna().unique())
        if period is None or 2 * dates.isin(bars).sum() >= len(dates):
            continue
        if dates.to_period(period).nunique() < len(dates) or bars.to_period(period).nunique() < len(bars):
            continue
        by_period = pd.Series(bars, index=bars.to_period(period))
        for column in ("session", "origin"):
            found = mine[column].dt.to_period(period).map(by_period)
            moved.loc[mine.index, column] = found.fillna(mine[column]).astype(moved[column].dtype)
        changed = True
    return moved if changed else None


def moved_rows(rows: pd.DataFrame, moved: pd.DataFrame) -> int:
    """Return how many sessions were given another day."""
    return int(np.sum((rows["session"] != moved["session"]).to_numpy()))
