"""Prices that the tests of features share: several tickers, ragged starts, all columns at random."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from stockrnn.prices.table import Prices, prices_table


def random_prices(sessions: int = 120, tickers: Sequence[str] = ("AAA", "BBB", "CCC"), seed: int = 0) -> Prices:
    """Return tickers that begin five sessions after one another; BBB trades on weekends too."""
    frames = []
    for number, ticker in enumerate(tickers):
        random = np.random.default_rng([seed, *ticker.encode()])
        days = pd.date_range("2020-01-01", periods=sessions, freq="D" if ticker == "BBB" else "B")[5 * number :]
        close = 50 * np.exp(np.cumsum(0.02 * random.standard_t(4, len(days))))
        open_ = close * np.exp(0.01 * random.standard_normal(len(days)))
        high = np.maximum(open_, close) * np.exp(0.01 * random.random(len(days)))
        low = np.minimum(open_, close) * np.exp(-0.01 * random.random(len(days)))
        volume = np.round(1e6 * random.lognormal(size=len(days)))
        columns = {"open": open_, "high": high, "low": low, "close": close, "volume": volume}
        frames.append(pd.DataFrame({"ticker": ticker, "session": days, **columns}))
    return prices_table(pd.concat(frames), "random prices")


def one_ticker(first: str = "2024-01-01", **columns: Sequence[float]) -> Prices:
    """Return the prices of one ticker on weekdays."""
    days = pd.bdate_range(first, periods=len(next(iter(columns.values()))))
    return prices_table(pd.DataFrame({"ticker": "AAA", "session": days, **columns}), "prices by hand")


def sessions_in(prices: Prices) -> pd.DatetimeIndex:
    """Return the session of each row."""
    return pd.DatetimeIndex(prices.index.get_level_values("session"))
