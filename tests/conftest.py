"""Builders of prices and forecasts that several rooms' tests share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from stockrnn.bundled import bundled_prices
from stockrnn.prices.reader import read_prices
from stockrnn.prices.table import Prices, prices_table

PricesBuilder = Callable[..., Prices]


@pytest.fixture(scope="session")
def make_prices() -> PricesBuilder:
    """Return a builder of prices: a random walk a ticker on weekdays, all four prices and the volume."""

    def build(
        sessions: int = 30, tickers: Sequence[str] = ("AAA",), first: str = "2020-01-01", seed: int = 0
    ) -> Prices:
        random = np.random.default_rng(seed)
        days = pd.bdate_range(first, periods=sessions)
        frames = []
        for ticker in tickers:
            close = 100 * np.exp(np.cumsum(0.01 * random.standard_normal(sessions)))
            open_ = close * np.exp(0.003 * random.standard_normal(sessions))
            frame = pd.DataFrame({"ticker": ticker, "session": days, "open": open_, "close": close, "volume": 1000.0})
            frames.append(
                frame.assign(high=1.01 * np.maximum(open_, close), low=0.99 * np.minimum(open_, close)),
            )
        return prices_table(pd.concat(frames), "a random walk")

    return build


@pytest.fixture(scope="session")
def make_ramp() -> PricesBuilder:
    """Return a builder of prices that tell where they stand: row t of ticker k opens at 1000 k + t, and closes 0.5 higher."""

    def build(sessions: int = 30, tickers: Sequence[str] = ("AAA",), first: str = "2020-01-01") -> Prices:
        days = pd.bdate_range(first, periods=sessions)
        frames = [
            pd.DataFrame({"ticker": name, "session": days, "open": 1000.0 * number + np.arange(sessions)})
            for number, name in enumerate(tickers, start=1)
        ]
        return prices_table(pd.concat(frames).assign(close=lambda frame: frame["open"] + 0.5), "a ramp")

    return build


@pytest.fixture(scope="session")
def bundled() -> Prices:
    """Return the bundled prices of the tutorial."""
    return read_prices(bundled_prices("googl")).rename(index=str.upper, level="ticker")
