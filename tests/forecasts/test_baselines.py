from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.forecasts.baselines import drift, last_close, last_value, moving_average, naive_forecasters
from stockrnn.prices.table import Prices, prices_table

FORECASTERS = [last_value, last_close, drift, moving_average(3)]


@pytest.fixture
def prices() -> Prices:
    opens = {"A": [10.0, 11, 13, 16, 20], "B": [50.0, 40, 30, 20, 10]}
    frames = [
        pd.DataFrame({"ticker": name, "session": pd.bdate_range("2020-01-01", periods=5), "open": values})
        for name, values in opens.items()
    ]
    return prices_table(pd.concat(frames).assign(close=lambda frame: frame["open"] + 1), "by hand")


@pytest.mark.parametrize(
    ("forecaster", "name", "expected"),
    [
        (last_value, "last_value", [[13, 13], [20, 20], [40, 40]]),
        (last_close, "last_close", [[14, 14], [21, 21], [41, 41]]),
        # (13 - 10) / 2, (20 - 10) / 4 and (40 - 50) / 1 a session
        (drift, "drift", [[14.5, 16], [22.5, 25], [30, 20]]),
        # (10 + 11 + 13) / 3, (13 + 16 + 20) / 3, and (50 + 40) / 2 where there are only two
        (moving_average(3), "moving_average", [[34 / 3, 34 / 3], [49 / 3, 49 / 3], [45, 45]]),
    ],
)
def test_the_naive_forecasts_are_these(prices: Prices, forecaster, name: str, expected: list[list[float]]) -> None:
    forecast = forecaster(prices, "open", np.array([2, 4, 6]), 2)
    assert forecast.forecaster == name
    assert forecast.quantiles is None
    np.testing.assert_allclose(forecast.values, expected)


def test_drift_at_the_first_row_of_a_ticker_stays_where_it_is(prices: Prices) -> None:
    np.testing.assert_allclose(drift(prices, "open", np.array([0, 5]), 2).values, [[10, 10], [50, 50]])


@pytest.mark.parametrize("forecaster", FORECASTERS, ids=["last_value", "last_close", "drift", "moving_average"])
@pytest.mark.parametrize("origin", [0, 7, 19, 20, 33])
def test_no_price_after_an_origin_changes_its_forecast(make_prices, forecaster, origin: int) -> None:
    prices = make_prices(20, ("AAA", "BBB"))
    changed = prices.copy()
    changed.iloc[origin + 1 :] *= 7
    origins = np.array([origin])
    np.testing.assert_array_equal(
        forecaster(prices, "open", origins, 3).values, forecaster(changed, "open", origins, 3).values
    )


@pytest.mark.parametrize("forecaster", FORECASTERS, ids=["last_value", "last_close", "drift", "moving_average"])
def test_one_tickers_prices_do_not_change_anothers_forecast(make_prices, forecaster) -> None:
    prices = make_prices(20, ("AAA", "BBB"))
    origins = np.arange(20, 40)
    alone = forecaster(prices.loc[["BBB"]], "open", origins - 20, 2)
    np.testing.assert_allclose(forecaster(prices, "open", origins, 2).values, alone.values, rtol=1e-12)


@pytest.mark.parametrize(
    ("target", "columns", "names"),
    [
        ("open", ["open", "close"], ["last_value", "last_close", "drift", "moving_average"]),
        ("close", ["open", "close"], ["last_close", "drift", "moving_average"]),
        ("open", ["open"], ["last_value", "drift", "moving_average"]),
    ],
)
def test_the_last_close_is_shown_once(prices: Prices, target: str, columns: list[str], names: list[str]) -> None:
    forecasters = naive_forecasters(prices[columns], target, 5)
    shown = [each(prices, target, np.array([2]), 1).forecaster for each in forecasters]
    assert shown == names
