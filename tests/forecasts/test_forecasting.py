from __future__ import annotations

import numpy as np
import pytest

from stockrnn.config import Config, parse_config
from stockrnn.errors import StockrnnError
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.prices.table import sessions_of
from stockrnn.samples.encoding import fit_encoding

LOOKBACK = 4


def config(*names: str) -> Config:
    return parse_config({"window": {"lookback": LOOKBACK}, "features": {"names": list(names or ("target",))}}, "test")


def forecaster(prices, *predictors, of: Config | None = None) -> NetworkForecaster:
    chosen = of or config()
    sessions = sessions_of(prices)
    return NetworkForecaster(predictors, fit_encoding(prices, chosen, (), (sessions[0], sessions[-1])), chosen)


def newest(inputs: np.ndarray) -> np.ndarray:
    return inputs[:, -1, :1]


def oldest(inputs: np.ndarray) -> np.ndarray:
    return inputs[:, 0, :1]


def test_forecasts_are_in_price_units_of_their_own_ticker(make_ramp) -> None:
    prices = make_ramp(12, ("AAA", "BBB"))
    origins = np.array([5, 20, 7])
    forecast = forecaster(prices, newest).forecast(prices, origins, 1)
    assert forecast.forecaster == "network"
    np.testing.assert_allclose(forecast.values, [[1005], [2008], [1007]], rtol=1e-6)


def test_the_window_ends_at_the_origin_and_is_as_long_as_the_lookback(make_ramp) -> None:
    prices = make_ramp(12)
    values = forecaster(prices, oldest).forecast(prices, np.array([3, 11]), 1).values
    np.testing.assert_allclose(values, [[1000], [1008]], rtol=1e-6)


def test_forecasts_are_fed_back_as_the_newest_session(make_ramp) -> None:
    prices = make_ramp(12)

    def rise(inputs: np.ndarray) -> np.ndarray:
        return 2 * inputs[:, -1, :] - inputs[:, -2, :]

    values = forecaster(prices, rise).forecast(prices, np.array([5, 6]), 4).values
    np.testing.assert_allclose(values, [[1006, 1007, 1008, 1009], [1007, 1008, 1009, 1010]], rtol=1e-6)
    # After `lookback` steps the window holds nothing but forecasts: the oldest of the first window, then that one again.
    values = forecaster(prices, oldest).forecast(prices, np.array([5]), 6).values
    np.testing.assert_allclose(values, [[1002, 1003, 1004, 1005, 1002, 1003]], rtol=1e-6)


def test_several_networks_are_averaged_after_each_went_its_own_way(make_ramp) -> None:
    prices = make_ramp(12)
    values = forecaster(prices, newest, oldest).forecast(prices, np.array([5]), 2).values
    np.testing.assert_allclose(values, [[(1005 + 1002) / 2, (1005 + 1003) / 2]], rtol=1e-6)


def test_features_come_in_the_order_of_the_config(make_ramp) -> None:
    prices = make_ramp(12)
    seen: list[np.ndarray] = []

    def watch(inputs: np.ndarray) -> np.ndarray:
        seen.append(inputs)
        return inputs[:, -1, 1:]

    values = forecaster(prices, watch, of=config("close", "open")).forecast(prices, np.array([5]), 1).values
    assert seen[0].shape == (1, LOOKBACK, 2)
    np.testing.assert_allclose(values, [[1005]], rtol=1e-6)


def test_no_price_after_an_origin_changes_its_forecast(make_prices) -> None:
    prices = make_prices(20)
    network = forecaster(prices, lambda inputs: inputs.mean(axis=1))
    changed = prices.copy()
    changed.iloc[11:] *= 7
    origins = np.array([10])
    np.testing.assert_array_equal(
        network.forecast(prices, origins, 3).values, network.forecast(changed, origins, 3).values
    )


def test_more_windows_than_are_gathered_at_a_time_give_all_forecasts(make_ramp, monkeypatch) -> None:
    monkeypatch.setattr("stockrnn.forecasts.forecasting._CHUNK", 3)
    prices = make_ramp(12)
    origins = np.arange(3, 11)
    values = forecaster(prices, newest).forecast(prices, origins, 2).values
    np.testing.assert_allclose(values[:, 1], 1000 + origins, rtol=1e-6)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_a_network_that_gives_no_numbers_is_an_error_that_says_what_to_do(make_ramp, number: float) -> None:
    prices = make_ramp(12)
    network = forecaster(prices, lambda inputs: np.full((len(inputs), 1), number))
    with pytest.raises(StockrnnError, match=r"lower train\.learning_rate"):
        network.forecast(prices, np.array([5]), 1)
