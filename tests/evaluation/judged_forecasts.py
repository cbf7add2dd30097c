"""Forecasts of made-up prices to be judged."""

from __future__ import annotations

import numpy as np

from stockrnn.evaluation.metrics import Yardstick, score_forecasts
from stockrnn.evaluation.verdict import Verdict, verdicts
from stockrnn.forecasts.table import Forecasts
from stockrnn.prices.table import Prices

AGAINST_LAST_CLOSE = Yardstick({1: "last_close"}, {})


def origins_of(prices: Prices, days: int) -> np.ndarray:
    sessions = len(prices.index.unique(level="session"))
    first = np.arange(20, 20 + days)
    return np.concatenate([number * sessions + first for number in range(len(prices.index.unique(level="ticker")))])


def judge(prices: Prices, table: Forecasts, yardstick: Yardstick = AGAINST_LAST_CLOSE, **more: str) -> list[Verdict]:
    return verdicts(table, score_forecasts(table, prices["close"], yardstick), yardstick, **more)
