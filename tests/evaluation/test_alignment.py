from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.evaluation.alignment import best_lag
from stockrnn.evaluation.judged_rows import judged_table
from stockrnn.forecasts.baselines import last_close, last_value
from stockrnn.forecasts.table import Forecast, tabulate
from stockrnn.prices.table import Prices

ORIGINS = np.arange(40, 280)


def lag_of(prices: Prices, forecast: Forecast, origins: np.ndarray, horizon: int = 1, with_closes: bool = True):
    table = tabulate(forecast, prices, origins, "open")
    rows = judged_table(table[table["horizon"] == horizon], prices["close"] if with_closes else None).rows
    return best_lag(rows, horizon)


@pytest.fixture
def prices(make_prices) -> Prices:
    return make_prices(300)


@pytest.mark.parametrize("shift", range(11))
@pytest.mark.parametrize("with_closes", [True, False])
def test_the_lag_of_a_shifted_copy_of_the_price_is_its_shift(prices: Prices, shift: int, with_closes: bool) -> None:
    copy = Forecast("network", prices["open"].to_numpy()[ORIGINS + 1 - shift, None])
    assert lag_of(prices, copy, ORIGINS, with_closes=with_closes) == shift


@pytest.mark.parametrize("horizon", [1, 3, 20])
def test_repeating_the_last_value_has_a_lag_of_the_horizon(prices: Prices, horizon: int) -> None:
    origins = np.arange(40, 270)
    assert lag_of(prices, last_value(prices, "open", origins, horizon), origins, horizon) == horizon


def test_googles_last_close_is_no_old_open(bundled: Prices) -> None:
    # It lies nearer to the open of the day that comes than to that of its own day.
    origins = np.arange(1000, 1250)
    assert lag_of(bundled, last_close(bundled, "open", origins, 1), origins) == 0
    assert lag_of(bundled, last_value(bundled, "open", origins, 1), origins) == 1


@pytest.mark.parametrize(("scale", "level"), [(0.5, 0.0), (1.0, -30.0), (2.0, 500.0)])
def test_a_forecast_that_is_always_too_low_or_too_flat_has_the_lag_of_its_shape(
    prices: Prices, scale: float, level: float
) -> None:
    copy = Forecast("network", scale * prices["open"].to_numpy()[ORIGINS - 1, None] + level)
    assert lag_of(prices, copy, ORIGINS) == 2


def test_each_ticker_is_aligned_with_its_own_prices(make_prices) -> None:
    prices = make_prices(120, ("AAA", "BBB", "CCC"))
    prices.loc["BBB", "open"] = 50 * prices.loc["BBB", "open"].to_numpy()
    origins = np.concatenate([120 * number + np.arange(20, 119) for number in range(3)])
    copy = Forecast("network", prices["open"].to_numpy()[origins - 2, None])
    assert lag_of(prices, copy, origins) == 3


def test_skipped_sessions_count_as_sessions(prices: Prices) -> None:
    origins = ORIGINS[np.random.default_rng(1).random(len(ORIGINS)) < 0.97]
    copy = Forecast("network", prices["open"].to_numpy()[origins - 1, None])
    assert lag_of(prices, copy, origins) == 2


def test_sessions_too_far_apart_have_no_lag(prices: Prices) -> None:
    origins = ORIGINS[::5]
    assert lag_of(prices, Forecast("network", prices["open"].to_numpy()[origins, None]), origins) is None


def test_few_sessions_have_no_lag(prices: Prices) -> None:
    assert lag_of(prices, last_value(prices, "open", ORIGINS[:29], 1), ORIGINS[:29]) is None
    assert lag_of(prices, last_value(prices, "open", ORIGINS[:30], 1), ORIGINS[:30]) == 1


def test_a_forecast_that_never_moves_or_runs_against_the_price_has_no_lag(make_ramp) -> None:
    prices = make_ramp(300)
    assert lag_of(prices, Forecast("network", np.full((240, 1), 1234.1)), ORIGINS) is None
    falling = 5000 - prices["open"].to_numpy()[ORIGINS, None]
    assert lag_of(prices, Forecast("network", falling), ORIGINS) is None


def test_of_equally_good_shifts_the_smallest_is_the_lag(make_ramp) -> None:
    # A straight line correlates with itself at every shift.
    prices = make_ramp(300)
    assert lag_of(prices, last_value(prices, "open", ORIGINS, 1), ORIGINS) == 0


def test_a_session_that_is_none_of_the_prices_is_left_out(prices: Prices) -> None:
    table = tabulate(last_value(prices, "open", ORIGINS, 1), prices, ORIGINS, "open")
    table.loc[100, "session"] = pd.Timestamp("1999-01-03")
    assert best_lag(judged_table(table, prices["close"]).rows, 1) == 1
