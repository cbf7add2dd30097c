"""Daily prices made into weeks, months and quarters."""

from __future__ import annotations

from datetime import date

import pandas as pd

from stockrnn.prices.yahoo.trading_days import DAY, trading_days

_PERIOD = {"1wk": "W-SUN", "1mo": "M", "3mo": "Q-DEC"}
_MADE_OF = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}


def whole_periods(daily: pd.DataFrame, interval: str, first: date, last: date, calendar: str | None) -> pd.DataFrame:
    """Make weeks, months or quarters of daily prices; a period cut by the range is left out.

    Args:
        daily: Frame with index `session` and columns `open high low close volume`, from `first` to `last`.
        interval: `1wk` (Monday to Sunday), `1mo` or `3mo`.
        first: The first day of the range.
        last: The last day of the range of which the prices are final.
        calendar: The exchange calendar that says whether the range cuts trading days off a period.

    Returns:
        The same columns; a row is dated by the first day of its period.
    """
    if daily.empty:
        return daily
    period = pd.DatetimeIndex(daily.index).to_period(_PERIOD[interval])
    made = daily.groupby(period).agg(_MADE_OF)
    starts = [edge.start_time.date() for edge in made.index]
    ends = [edge.end_time.date() for edge in made.index]
    cut_before = bool(trading_days(calendar, starts[0], first - DAY))
    cut_after = bool(trading_days(calendar, last + DAY, ends[-1]))
    made.index = pd.DatetimeIndex(pd.to_datetime(starts), name="session")
    whole = made.iloc[1:] if cut_before else made
    return whole.iloc[:-1] if cut_after and len(whole) else whole
