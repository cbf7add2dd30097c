from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.forecasts.standstill import holding_still
from stockrnn.forecasts.table import LEVELS, Forecast
from stockrnn.prices.table import Prices, prices_table

ABOVE = np.linspace(1.0001, 1.0002, 19)


def prices_that_stand_still(share: float, seed: int = 1) -> Prices:
    """A walk of 600 sessions that leaves its price unchanged in this share of them."""
    random = np.random.default_rng(seed)
    moves = np.where(random.random(600) < share, 0.0, 0.01 * random.standard_normal(600))
    days = pd.bdate_range("2020-01-01", periods=600)
    return prices_table(
        pd.DataFrame({"ticker": "AAA", "session": days, "close": 100 * np.exp(np.cumsum(moves))}), "a walk"
    )


def ranges_above(prices: Prices, origins: np.ndarray, horizon: int = 1) -> Forecast:
    """A forecaster all of whose quantiles lie above the last close."""
    last = np.repeat(prices["close"].to_numpy()[origins, None], horizon, axis=1)
    return Forecast("network", last, last[..., None] * ABOVE)


def held(forecast: Forecast) -> np.ndarray:
    """Say which quantiles are the last close itself, of shape (origins, horizon, 19)."""
    return forecast.quantiles == forecast.values[..., None]


@pytest.mark.parametrize(("share", "most"), [(0.98, 0.45), (0.5, 0.25), (0.3, 0.15), (0.03, 0.0)])
def test_a_range_holds_the_last_price_where_without_it_its_promise_is_out_of_reach(share: float, most: float) -> None:
    prices, origins = prices_that_stand_still(share), np.array([400, 599])
    found = holding_still(ranges_above(prices, origins), prices, origins, "close")
    levels = np.array(LEVELS)
    # The share of a year is not exactly that of all sessions.
    assert held(found)[:, 0][:, levels < most - 0.06].all()
    assert not held(found)[:, 0][:, levels > most + 0.06].any()
    assert (np.diff(found.quantiles, axis=-1) >= 0).all()


def test_a_range_below_the_last_price_reaches_up_to_it() -> None:
    prices, origins = prices_that_stand_still(0.98), np.array([599])
    below = ranges_above(prices, origins)
    below = Forecast("network", below.values, (1 / below.quantiles[..., ::-1]) * below.values[..., None] ** 2)
    assert held(holding_still(below, prices, origins, "close"))[0, 0].tolist() == [False] * 10 + [True] * 9


def test_ranges_that_hold_the_last_price_and_prices_that_move_keep_every_bit() -> None:
    origins = np.array([100, 599])
    still, moving = prices_that_stand_still(0.9), prices_that_stand_still(0.04)
    around = Forecast(
        "network", np.ones((2, 1)), still["close"].to_numpy()[origins, None, None] * np.linspace(0.9, 1.1, 19)
    )
    assert (holding_still(around, still, origins, "close").quantiles == around.quantiles).all()
    above = ranges_above(moving, origins)
    assert (holding_still(above, moving, origins, "close").quantiles == above.quantiles).all()


def test_no_price_after_an_origin_is_read() -> None:
    still, origins = prices_that_stand_still(0.9), np.array([300])
    changed = still.copy()
    changed.iloc[301:] *= np.linspace(1, 2, 299)[:, None]
    found = [
        holding_still(ranges_above(still, origins, 3), each, origins, "close").quantiles for each in (still, changed)
    ]
    assert (found[0] == found[1]).all()
    assert (found[0][..., 0] == still["close"].to_numpy()[300]).all()


def test_a_few_sessions_tell_nothing_and_points_have_no_ranges() -> None:
    still, early = prices_that_stand_still(0.98), np.array([50])
    assert not held(holding_still(ranges_above(still, early), still, early, "close")).any()
    points = Forecast("network", np.ones((1, 1)))
    assert holding_still(points, still, early, "close") is points
