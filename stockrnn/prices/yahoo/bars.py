"""Raw bars: prices with the events of their days, as Yahoo quotes them.

A frame with index `session` and columns `open high low close volume dividend split`: prices and dividends adjusted for
every split up to the day they were fetched and for no dividend; `dividend` is 0 and `split` 1 on days without an event
(a 2:1 split is 2.0); an event on a day without prices has missing prices.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stockrnn.prices.table import COLUMNS, PRICE_COLUMNS

BAR_COLUMNS = (*COLUMNS, "dividend", "split")


def empty_bars() -> pd.DataFrame:
    """Return bars without rows."""
    return pd.DataFrame(columns=list(BAR_COLUMNS), index=pd.DatetimeIndex([], name="session"), dtype="float64")


def has_prices(bars: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which rows have all four prices, (rows,)."""
    return np.asarray(bars[list(PRICE_COLUMNS)].notna().all(axis=1), dtype=np.bool_)


def within(bars: pd.DataFrame, first: date, last: date) -> NDArray[np.bool_]:
    """Return which rows lie on the days from `first` to `last`, both included, (rows,)."""
    days = days_of(bars)
    return np.asarray((days >= pd.Timestamp(first)) & (days <= pd.Timestamp(last)))


def days_of(rows: pd.DataFrame | pd.Series[float]) -> pd.DatetimeIndex:
    """Return the day of each row."""
    return pd.DatetimeIndex(rows.index).normalize()


def last_priced_day(bars: pd.DataFrame) -> date | None:
    """Return the day of the last row with prices, None without one."""
    priced = bars[has_prices(bars)]
    last: date | None = days_of(priced)[-1].date() if len(priced) else None
    return last
