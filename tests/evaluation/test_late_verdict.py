"""Verdicts on forecasts that repeat an old price, and on returns that can or cannot be forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.evaluation.metrics import Yardstick
from stockrnn.forecasts.table import Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices, prices_table
from tests.evaluation.judged_forecasts import judge, origins_of


@pytest.fixture
def prices(make_prices) -> Prices:
    return make_prices(300)


@pytest.mark.parametrize("name", ["last_value", "drift"])
def test_a_naive_forecast_called_network_is_level_with_itself_and_an_old_price(prices: Prices, name: str) -> None:
    origins = origins_of(prices, 200)
    opens = prices["open"].to_numpy()[origins, None]
    table = pd.concat([tabulate(Forecast(each, opens), prices, origins, "open") for each in ("network", name)])
    (verdict,) = judge(prices, table, Yardstick({1: name}, {}))
    assert (verdict.gain, verdict.p_value, verdict.outcome, verdict.lag) == (0.0, None, "level", 1)
    assert verdict.text.endswith("this forecast repeats the price of 1 session ago.")


def late_table(prices: Prices, noise: dict[str, float]) -> Forecasts:
    """Forecasts that repeat the last open, with so much noise, in per cent."""
    origins = origins_of(prices, 200)
    opens, random = prices["open"].to_numpy()[origins, None], np.random.default_rng(1)
    parts = [
        Forecast(name, opens * np.exp(0.01 * size * random.standard_normal(opens.shape)))
        for name, size in noise.items()
    ]
    return pd.concat([tabulate(part, prices, origins, "open") for part in parts], ignore_index=True)


@pytest.mark.parametrize(
    ("noise", "outcome", "late"),
    [
        ({"network": 1.0, "drift": 0.0, "last_close": 0.5}, "worse", True),
        ({"network": 0.5, "drift": 0.5, "last_close": 0.5}, "level", True),
        ({"network": 0.1, "drift": 0.1, "last_close": 3.0}, "level", False),  # worth more than the last close
        ({"network": 0.1, "drift": 3.0, "last_close": 1.0}, "better", False),
        ({"network": 0.1, "drift": 3.0, "last_close": 0.0}, "level", True),  # the last close alone beats drift too
        ({"network": 0.1, "drift": 0.1, "last_value": 3.0}, "level", False),
    ],
)
def test_only_a_late_forecast_that_is_no_better_than_the_last_close_is_told_so(
    prices: Prices, noise: dict[str, float], outcome: str, late: bool
) -> None:
    (verdict,) = judge(prices, late_table(prices, noise), Yardstick({1: "drift"}, {}))
    assert (verdict.outcome, verdict.lag) == (outcome, 1)
    assert ("repeats the price of 1 session ago" in verdict.text) == late


def test_a_forecast_that_is_the_last_close_is_never_better_whatever_its_opponent(prices: Prices) -> None:
    table = late_table(prices, {"network": 0.0, "drift": 3.0, "last_close": 0.0})
    (verdict,) = judge(prices, table, Yardstick({1: "drift"}, {}))
    assert verdict.outcome == "level"
    assert verdict.gain > 0.5
    assert verdict.p_value < 0.05
    assert "it gains nothing on the last close" in verdict.text


def simulated(seed: int, memory: float) -> tuple[Prices, Forecasts]:
    """Closes whose log returns remember the one before, and the forecasts of one who knows how."""
    random = np.random.default_rng(seed)
    moves = np.zeros(900)
    for day in range(1, 900):
        moves[day] = memory * moves[day - 1] + random.standard_normal()
    days = pd.bdate_range("2015-01-01", periods=900)
    close = 100 * np.exp(np.cumsum(moves) / 100)
    prices = prices_table(pd.DataFrame({"ticker": "AAA", "session": days, "close": close}), "a simulation")
    origins = np.arange(100, 899)
    # Who believes in a memory of 0.3 where there is none forecasts noise.
    forecast = close[origins] * np.exp((memory or 0.3) * moves[origins] / 100)
    parts = [Forecast("network", forecast[:, None]), Forecast("last_close", close[origins, None])]
    return prices, pd.concat([tabulate(part, prices, origins, "close") for part in parts], ignore_index=True)


def test_returns_that_can_be_forecast_are_found_and_returns_that_cannot_are_not() -> None:
    for seed in range(5):
        found = {}
        for memory in (0.3, 0.0):
            (found[memory],) = judge(*simulated(seed, memory))
        assert (found[0.3].outcome, found[0.3].p_value < 0.05, found[0.3].gain > 0) == ("better", True, True)
        assert found[0.0].outcome != "better"
        assert found[0.0].gain < 0
