from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.evaluation.yardstick import make_yardstick
from stockrnn.forecasts.table import Forecast, Forecasts, tabulate


def naive(prices, origins: np.ndarray, **values: np.ndarray) -> Forecasts:
    return pd.concat([tabulate(Forecast(name, value), prices, origins, "open") for name, value in values.items()])


def test_the_opponent_has_the_smallest_error_at_each_horizon(make_ramp) -> None:
    prices = make_ramp(10)
    origins = np.array([3, 4, 5])
    opens = prices["open"].to_numpy()[origins, None]
    table = naive(
        prices,
        origins,
        last_value=opens + np.array([0, 0]),
        drift=opens + np.array([3, 3]),
        last_close=opens + np.array([0.5, 0.5]),
    )
    assert make_yardstick(prices, "open", table).best_naive == {1: "last_close", 2: "drift"}


def test_the_scale_of_mase_is_the_mean_step_of_each_tickers_training_years(make_ramp) -> None:
    prices = make_ramp(4, ("AAA", "BBB"))
    prices.loc[("BBB",), "open"] = [2000.0, 2010.0, 2000.0, 2010.0]
    table = naive(prices, np.array([2]), last_value=np.array([[1.0]]))
    scale = make_yardstick(prices, "open", table).naive_mae
    assert scale["AAA"] == pytest.approx(1)
    assert scale["BBB"] == pytest.approx(10)
    steps = [*np.log([1001 / 1000, 1002 / 1001, 1003 / 1002]), *[np.log(2010 / 2000)] * 3]
    assert scale[None] == pytest.approx(100 * np.mean(steps))


def test_a_price_that_never_moved_gives_no_scale(make_ramp) -> None:
    prices = make_ramp(4).assign(open=5.0)
    table = naive(prices, np.array([2]), last_value=np.array([[5.0]]))
    assert make_yardstick(prices, "open", table).naive_mae == {}


def banded(prices, origins: np.ndarray, name: str, width: float) -> Forecasts:
    actual = prices["open"].to_numpy()[origins[:, None] + [1, 2]]
    quantiles = actual[:, :, None] * np.exp(width * np.linspace(-1, 1, 19))
    return tabulate(Forecast(name, actual, quantiles), prices, origins, "open")


def test_the_best_band_has_the_smallest_crps_at_each_horizon(make_ramp) -> None:
    prices = make_ramp(10)
    origins = np.array([3, 4, 5])
    narrow, wide = banded(prices, origins, "har_bands", 0.01), banded(prices, origins, "ewma_bands", 0.02)
    wrong = narrow["horizon"] == 2
    narrow.loc[wrong, narrow.filter(like="q0").columns] *= 1.5
    opens = prices["open"].to_numpy()[origins, None] + np.array([0, 0])
    table = pd.concat([naive(prices, origins, last_value=opens), narrow, wide], ignore_index=True)
    yardstick = make_yardstick(prices, "open", table)
    assert yardstick.best_band == {1: "har_bands", 2: "ewma_bands"}


def test_a_band_is_never_the_naive_opponent_of_a_point(make_ramp) -> None:
    prices = make_ramp(10)
    origins = np.array([3, 4, 5])
    # Its point is the actual value, which no naive forecast knows.
    table = pd.concat(
        [
            banded(prices, origins, "har_bands", 0.01),
            naive(prices, origins, last_value=prices["open"].to_numpy()[origins, None] + np.array([0, 0])),
        ],
        ignore_index=True,
    )
    assert make_yardstick(prices, "open", table).best_naive == {1: "last_value", 2: "last_value"}


def test_without_bands_there_is_no_best_band(make_ramp) -> None:
    prices = make_ramp(10)
    table = naive(prices, np.array([2]), last_value=np.array([[1.0]]))
    assert make_yardstick(prices, "open", table).best_band == {}
