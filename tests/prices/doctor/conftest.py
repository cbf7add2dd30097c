from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from stockrnn.prices.doctor.bars import Bars
from stockrnn.prices.sessions import sessions_between

MakeBars = Callable[..., Bars]


@pytest.fixture
def make_bars() -> MakeBars:
    """Make clean daily bars of a random walk on the sessions of New York."""

    def make(rows: int = 400, seed: int = 0, noise: float = 0.015, start: float = 80.0, ticker: str = "MADE") -> Bars:
        random = np.random.default_rng(seed)
        sessions = sessions_between("XNYS", pd.Timestamp("2014-01-02"), pd.Timestamp("2024-01-02"))[:rows]
        # Fat tails, as prices have them.
        steps = noise * random.standard_t(4, rows) / np.sqrt(2)
        close = start * np.exp(np.cumsum(steps))
        open_ = np.concatenate(([start], close[:-1])) * np.exp(random.normal(0, noise / 3, rows))
        high = np.maximum(open_, close) * np.exp(np.abs(random.normal(0, noise / 3, rows)))
        low = np.minimum(open_, close) * np.exp(-np.abs(random.normal(0, noise / 3, rows)))
        volume = np.round(np.exp(random.normal(14, 0.3, rows)))
        columns = {"open": open_, "high": high, "low": low, "close": close, "volume": volume}
        return Bars(ticker, "1d", sessions.to_numpy().astype("datetime64[ns]"), columns)

    return make
