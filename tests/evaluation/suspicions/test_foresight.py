"""Forecasts smoothed over both sides are told from honest ones, however slow these are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from stockrnn.evaluation.suspicions.case import Case, Suspicion
from stockrnn.evaluation.suspicions.foresight import find_foresight
from stockrnn.prices.table import Prices

ROWS, FIRST = 300, 300
Line = Callable[[pd.Series], pd.Series]


def looked_at(prices: Prices, line: Line, horizon: int = 1) -> list[Suspicion]:
    """Look at forecasts that are, for each session, what a line through the closes is there."""
    rows = np.arange(FIRST, FIRST + ROWS)
    forecast = line(prices["close"].reset_index(drop=True)).to_numpy()[rows]
    nothing = np.full(ROWS, np.nan)
    case = Case(
        "mine",
        "AAA",
        np.full(ROWS, horizon),
        rows,
        forecast,
        np.empty((ROWS, 0)),
        np.empty(0),
        nothing,
        prices,
        "close",
    )
    return list(find_foresight(case))


@pytest.mark.parametrize("horizon", [1, 5])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("window", [5, 21])
def test_a_centred_moving_average_sees_the_future(make_prices, seed: int, window: int, horizon: int) -> None:
    prices = make_prices(650, seed=seed)
    (found,) = looked_at(prices, lambda close: close.rolling(window, center=True).mean(), horizon)
    assert (found.code, found.sees_future, found.horizon) == ("seen_future", True, horizon)
    assert "5 sessions after the session that is forecast" in found.text


@pytest.mark.parametrize("seed", range(3))
def test_the_future_under_as_much_noise_as_the_price_has_is_seen(make_prices, seed: int) -> None:
    noise = np.exp(0.01 * np.random.default_rng(seed).standard_normal(650))
    (found,) = looked_at(make_prices(650, seed=seed), lambda close: close * noise)
    assert found.code == "seen_future"


@pytest.mark.parametrize("horizon", [1, 5, 20])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "line",
    [
        lambda known: known.rolling(5).mean(),
        lambda known: known.rolling(60).mean(),
        lambda known: known.ewm(span=30).mean(),
        lambda known: known.rolling(9).median(),
        lambda known: 60 + 0.4 * known.rolling(5).mean(),
        lambda known: known * (1 + 0.02 * np.tanh(30 * known.pct_change(5))),
        lambda known: known * 0 + 100,
        lambda known: known * np.exp(0.003 * np.random.default_rng(9).standard_normal(len(known))),
    ],
)
def test_what_is_made_of_known_prices_sees_none(make_prices, line: Line, seed: int, horizon: int) -> None:
    assert looked_at(make_prices(650, seed=seed), lambda close: line(close.shift(horizon)), horizon) == []


@pytest.mark.parametrize("seed", range(4))
def test_prices_that_return_to_a_mean_may_be_foretold(make_prices, seed: int) -> None:
    random = np.random.default_rng(seed)
    level = np.zeros(650)
    for day in range(1, 650):
        level[day] = 0.9 * level[day - 1] + 0.03 * random.standard_normal()
    prices = make_prices(650).assign(close=20 * np.exp(level))
    best = lambda close: 20 * (close.shift(5) / 20) ** (0.9**5)  # noqa: E731
    assert looked_at(prices, best, horizon=5) == []


def test_forecasts_that_skip_sessions_are_not_looked_at(make_prices) -> None:
    prices = make_prices(2000)
    rows = np.arange(300, 1900, 2)
    forecast = prices["close"].rolling(5, center=True).mean().to_numpy()[rows]
    nothing = np.full(len(rows), np.nan)
    one = np.ones(len(rows), dtype=np.int64)
    case = Case("mine", "AAA", one, rows, forecast, np.empty((len(rows), 0)), np.empty(0), nothing, prices, "close")
    assert list(find_foresight(case)) == []
