"""The interval of price bars, told from the bars themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.errors import PriceDataError
from stockrnn.prices.table import Prices, tickers_of

DAILY = "1d"
_DAY = 86_400.0
_UNITS = {"1wk": "week", "1mo": "month", "3mo": "quarter", "6mo": "half-year", "1y": "year"}
# The upper end of a median gap in days, and what bars so far apart are called: weekends and holidays make days longer.
_LONG_INTERVALS = ((5.0, "1d"), (15.0, "1wk"), (45.0, "1mo"), (135.0, "3mo"), (270.0, "6mo"))


def intervals_of(prices: Prices) -> dict[str, str]:
    """Return each ticker's interval: `1d`, `1wk`, `1mo`, or an intraday step such as `5m` or `1h`.

    A ticker with one session has the interval of most others, or `1d` where it is alone.
    """
    tickers = tickers_of(prices)
    codes = prices.index.codes[0]  # type: ignore[attr-defined]
    stamps = prices.index.get_level_values("session").to_numpy().astype("datetime64[s]").astype("int64")
    seconds = np.diff(stamps).astype("float64")
    inside = codes[1:] == codes[:-1]
    gaps = pd.DataFrame({"code": np.asarray(codes[1:])[inside], "gap": seconds[inside]})
    names = prices.index.levels[0]  # type: ignore[attr-defined]
    found = {str(names[code]): interval_of_gaps(group.to_numpy()) for code, group in gaps.groupby("code")["gap"]}
    usual = max(sorted(set(found.values())), key=list(found.values()).count, default=DAILY)
    return {ticker: found.get(ticker, usual) for ticker in tickers}


def interval_of_gaps(seconds: np.ndarray) -> str:
    """Name the interval of bars that are so many seconds apart.

    Args:
        seconds: The gaps between neighbouring bars of one ticker, in seconds.
    """
    gaps = seconds[seconds > 0]
    if len(gaps) == 0:
        return DAILY
    # Intraday bars pause overnight: the step is the most frequent gap, and the shortest of the equally frequent ones.
    steps, counts = np.unique(gaps, return_counts=True)
    step = float(steps[np.argmax(counts)])
    if step < _DAY * 0.9 and (gaps < _DAY * 0.9).mean() >= 0.5:
        return _intraday(step)
    median = float(np.median(gaps)) / _DAY
    return next((name for limit, name in _LONG_INTERVALS if median < limit), "1y")


def _intraday(step: float) -> str:
    for unit, letter in ((3600, "h"), (60, "m")):
        if step % unit == 0:
            return f"{int(step // unit)}{letter}"
    return f"{int(step)}s"


def is_intraday(interval: str) -> bool:
    """Tell whether an interval is shorter than a session."""
    return interval[-1] in "hms" and not interval.endswith("mo")


def session_unit(prices: Prices) -> str:
    """Return what a session is called: `session` of daily prices, else the `week`, `month` or the like of most tickers."""
    intervals = list(intervals_of(prices).values())
    usual = max(sorted(set(intervals)), key=intervals.count, default=DAILY)
    return unit_of(usual)


def unit_of(interval: str) -> str:
    """Return what a session of an interval is called: `week` of `1wk`; `session` of days and of what has no name."""
    return _UNITS.get(interval, "session")


def counted(count: int, unit: str) -> str:
    """Return a number of sessions in words: `1 week`, `3 sessions`."""
    return f"1 {unit}" if count == 1 else f"{count} {unit}s"


def refuse_intraday(prices: Prices) -> None:
    """Refuse prices of less than a day.

    Raises:
        PriceDataError: A ticker has them.
    """
    for ticker, interval in intervals_of(prices).items():
        if is_intraday(interval):
            raise PriceDataError(
                f"{ticker} has intraday prices ({interval}); a session is a day or longer: give daily prices"
            )
