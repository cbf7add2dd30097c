"""Honest forecasts for suspicions to be planted in, and what is found in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from stockrnn.evaluation.suspicions.case import Evidence, Suspicion
from stockrnn.evaluation.suspicions.finding import CODES, find_suspicions
from stockrnn.forecasts.table import LEVELS, QUANTILE_COLUMNS, Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices, row_spans

SEEDS = range(5)
# The daily step of the prices in tests/conftest.py.
STEP = 0.01


def clean(prices: Prices, seed: int = 0, target: str = "close", horizon: int = 1, rows: int = 250) -> Forecasts:
    """Return the last close with noise of its own, and a normal distribution that is right for a random walk."""
    random = np.random.default_rng(100 + seed)
    spans = row_spans(prices).values()
    origins = np.concatenate([np.arange(span.stop - horizon - rows, span.stop - horizon) for span in spans])
    close = prices["close"].to_numpy()[origins][:, None]
    ahead = np.sqrt(np.arange(1, horizon + 1))
    width = np.hypot(STEP, 0.003) if target == "open" else STEP
    fan = np.exp(width * ahead[:, None] * norm.ppf(LEVELS))
    values = close * np.exp(0.3 * STEP * random.standard_normal((len(origins), horizon)))
    return tabulate(Forecast("mine", values, close[:, :, None] * fan), prices, origins, target)


def found(
    forecasts: Forecasts, prices: Prices, said: np.ndarray | None = None, quantiles: pd.DataFrame | None = None
) -> list[Suspicion]:
    given = forecasts[list(QUANTILE_COLUMNS)].set_axis(LEVELS, axis=1) if quantiles is None else quantiles
    nothing = np.full(len(forecasts), np.nan)
    return find_suspicions(Evidence(forecasts, given, nothing if said is None else said, prices))


def only(suspicions: Sequence[Suspicion]) -> Suspicion:
    (suspicion,) = suspicions
    assert suspicion.code in CODES
    assert not suspicion.text.endswith(".")
    return suspicion
