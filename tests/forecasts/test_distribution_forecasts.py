"""Networks with a head, put in place by hand: what their outputs say of the sessions to come."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockrnn.config import Config, parse_config
from stockrnn.errors import StockrnnError
from stockrnn.forecasts.fans import never_narrower
from stockrnn.forecasts.forecasting import NetworkForecaster, draw_on
from stockrnn.forecasts.table import LEVELS
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.samples.encoding import Encoding, fit_encoding
from stockrnn.samples.outputs import HeadValues

NORMAL = np.linspace(-1.8, 1.8, 19)


def config(horizon: int = 1, head: str = "quantiles", **target: object) -> Config:
    document = {
        "window": {"lookback": 4, "strategy": "direct", "horizon": horizon},
        "target": {"column": "close", "kind": "log_return", **target},
        "features": {"names": ["return_1"]},
        "model": {"head": head},
    }
    return parse_config(document, "test")


def encoded(prices: Prices, of: Config) -> Encoding:
    return fit_encoding(prices, of, of.feature_names, (sessions_of(prices)[0], sessions_of(prices)[-1]))


def constant(*outputs: float):
    return lambda inputs: np.repeat(np.array([outputs], np.float32), len(inputs), axis=0)


def forecaster(prices: Prices, of: Config, *outputs: tuple[float, ...], quantiles: np.ndarray = NORMAL):
    encoding = encoded(prices, of)
    shape = (len(encoding.layout.distributions), encoding.layout.horizon, 19)
    heads = [HeadValues(np.broadcast_to(quantiles, shape)) for _ in outputs] if of.model.head != "point" else []
    return NetworkForecaster([constant(*each) for each in outputs], encoding, of, heads)


@pytest.fixture(scope="module")
def prices(make_prices) -> Prices:
    return make_prices(40, ("AAA", "BBB"))


ORIGINS = np.array([20, 39, 70])


def moves_of(prices: Prices, of: Config, values: np.ndarray) -> np.ndarray:
    """Give prices as log moves from the last close, in what is usual."""
    usual, closes = encoded(prices, of).anchor.apply(prices)[ORIGINS], prices["close"].to_numpy()[ORIGINS]
    wide = (3, *[1] * (values.ndim - 1))
    return np.log(values / closes.reshape(wide)) / usual.reshape(wide)


def test_an_untrained_network_says_the_last_close_and_the_quantiles_of_the_past(prices: Prices) -> None:
    of = config()
    found = forecaster(prices, of, (0, 0)).forecast(prices, ORIGINS, 1)
    np.testing.assert_allclose(found.values[:, 0], prices["close"].to_numpy()[ORIGINS])
    np.testing.assert_allclose(moves_of(prices, of, found.quantiles)[:, 0], np.tile(NORMAL, (3, 1)), atol=1e-9)


def test_location_and_scale_move_and_widen_the_quantiles(prices: Prices) -> None:
    of = config()
    found = forecaster(prices, of, (5, np.log(2))).forecast(prices, ORIGINS, 1)
    np.testing.assert_allclose(moves_of(prices, of, found.values), np.full((3, 1), 0.5), rtol=1e-6)
    expected = np.tile(0.5 + 2 * NORMAL, (3, 1, 1))
    np.testing.assert_allclose(moves_of(prices, of, found.quantiles), expected, rtol=1e-6, atol=1e-6)


def standard_deviations(moves: np.ndarray) -> np.ndarray:
    """Return that of a normal distribution as wide from the 5 % to the 95 % quantile."""
    return (moves[..., -1] - moves[..., 0]) / (2 * NormalDist().inv_cdf(0.95))


def test_each_session_beyond_the_trained_horizon_adds_the_variance_of_a_usual_one(prices: Prices) -> None:
    of = config()
    found = forecaster(prices, of, (5, 0)).forecast(prices, ORIGINS, 20)
    assert found.quantiles.shape == (3, 20, len(LEVELS))
    np.testing.assert_allclose(moves_of(prices, of, found.values), np.full((3, 20), 0.5), rtol=1e-6)
    moves = moves_of(prices, of, found.quantiles)
    expected = standard_deviations(NORMAL) ** 2 + np.arange(20)
    np.testing.assert_allclose(standard_deviations(moves) ** 2, np.tile(expected, (3, 1)), rtol=1e-5)
    shape = (moves - 0.5) / standard_deviations(moves)[..., None]
    np.testing.assert_allclose(shape, np.broadcast_to(shape[:, :1], shape.shape), rtol=1e-4, atol=1e-5)


def test_after_the_night_before_an_opening_price_come_whole_sessions(prices: Prices) -> None:
    of = config(column="open")
    night = 0.2 * NORMAL
    found = forecaster(prices, of, (0, 0), quantiles=night).forecast(prices, ORIGINS, 3)
    variances = standard_deviations(moves_of(prices, of, found.quantiles)) ** 2
    first = standard_deviations(night) ** 2
    np.testing.assert_allclose(variances, np.tile([first, first + 1, first + 2], (3, 1)), rtol=1e-5)


def test_the_middle_of_a_highest_price_does_not_rise_with_every_session(prices: Prices) -> None:
    of = config(column="high")
    found = forecaster(prices, of, (0, 0), quantiles=0.7 + NORMAL).forecast(prices, ORIGINS, 9)
    np.testing.assert_allclose(moves_of(prices, of, found.quantiles)[..., 9], np.full((3, 9), 0.7), rtol=1e-6)


def test_the_fan_goes_on_from_the_last_session_that_was_trained(prices: Prices) -> None:
    of = config(horizon=2)
    log_scales = 0.0, np.log(3)
    found = forecaster(prices, of, (1, 2, *log_scales)).forecast(prices, ORIGINS, 8)
    np.testing.assert_allclose(moves_of(prices, of, found.values)[0], [0.1, *[0.2] * 7], rtol=1e-6)
    moves = moves_of(prices, of, found.quantiles)
    away = moves[1] - np.array([0.1, *[0.2] * 7])[:, None]
    np.testing.assert_allclose(away[:2], np.array([[1], [3]]) * NORMAL, rtol=1e-5, atol=1e-6)
    # Six sessions after the second, which is three wide.
    expected = 9 * standard_deviations(NORMAL) ** 2 + 6
    np.testing.assert_allclose(standard_deviations(moves)[:, 7] ** 2, np.full(3, expected), rtol=1e-5)


def test_fewer_sessions_than_were_trained_are_the_first_of_them(prices: Prices) -> None:
    network = forecaster(prices, config(horizon=3), (1, 2, 3, 0, 0.5, 1))
    whole, first = (network.forecast(prices, ORIGINS, horizon) for horizon in (3, 1))
    np.testing.assert_array_equal(first.values, whole.values[:, :1])
    np.testing.assert_array_equal(first.quantiles, whole.quantiles[:, :1])


def test_several_networks_are_averaged_quantile_by_quantile(prices: Prices) -> None:
    of = config()
    found = forecaster(prices, of, (0, 0), (10, np.log(3))).forecast(prices, ORIGINS, 1)
    np.testing.assert_allclose(moves_of(prices, of, found.values), np.full((3, 1), 0.5), rtol=1e-6)
    expected = np.tile(0.5 + 2 * NORMAL, (3, 1, 1))  # half of 1 + 3 NORMAL, and half of NORMAL
    np.testing.assert_allclose(moves_of(prices, of, found.quantiles), expected, rtol=1e-5, atol=1e-6)


def test_each_network_has_the_quantiles_of_its_own_head(prices: Prices) -> None:
    of = config()
    network = forecaster(prices, of, (0, 0), (0, 0))
    heads = [HeadValues(np.full((1, 1, 19), value)) for value in (1.0, 3.0)]
    both = NetworkForecaster(network.predictors, network.encoding, of, heads)
    found = both.forecast(prices, ORIGINS, 1)
    np.testing.assert_allclose(moves_of(prices, of, found.quantiles), np.full((3, 1, 19), 2), rtol=1e-9)


def test_targets_beside_the_first_do_not_move_its_forecast(prices: Prices) -> None:
    of = config(horizon=2, beside=["open", "range"])
    alone = forecaster(prices, config(horizon=2), (1, 2, 0.3, 0.4)).forecast(prices, ORIGINS, 2)
    beside = forecaster(prices, of, (1, 2, 0.3, 0.4, 9, 9, 9, 9, 9, 9)).forecast(prices, ORIGINS, 2)
    np.testing.assert_array_equal(alone.values, beside.values)
    np.testing.assert_array_equal(alone.quantiles, beside.quantiles)


def test_a_point_network_of_moves_says_the_first_targets_moves_and_draws_them_on(prices: Prices) -> None:
    of = config(horizon=2, head="point", beside=["open"])
    found = forecaster(prices, of, (0.25, 0.5, 9, 9)).forecast(prices, ORIGINS, 4)
    assert found.quantiles is None
    np.testing.assert_allclose(moves_of(prices, of, found.values), np.tile([0.25, 0.5, 0.5, 0.5], (3, 1)), rtol=1e-6)


def test_a_network_with_a_target_at_every_step_is_heard_after_its_last_one(prices: Prices) -> None:
    of = config()
    every_step = parse_config({**of.model_dump(), "model": {"head": "quantiles", "shape": "many_to_many"}}, "test")
    network = forecaster(prices, every_step, (0, 0))

    def by_step(inputs: np.ndarray) -> np.ndarray:
        outputs = np.zeros((len(inputs), 4, 2), np.float32)
        outputs[:, :, 0] = [7, 7, 7, 5]
        return outputs

    found = NetworkForecaster([by_step], network.encoding, every_step, network.heads).forecast(prices, ORIGINS, 1)
    np.testing.assert_allclose(moves_of(prices, of, found.values), np.full((3, 1), 0.5), rtol=1e-6)


def test_a_head_that_gives_no_numbers_is_an_error_that_says_what_to_do(prices: Prices) -> None:
    with pytest.raises(StockrnnError, match=r"lower train\.learning_rate"):
        forecaster(prices, config(), (np.nan, 0)).forecast(prices, ORIGINS, 1)


def test_no_origin_gives_no_forecast_of_the_right_shape(prices: Prices) -> None:
    found = forecaster(prices, config(), (0, 0)).forecast(prices, np.empty(0, dtype=np.int64), 3)
    assert (found.values.shape, found.quantiles.shape) == ((0, 3), (0, 3, 19))


@given(known=st.integers(1, 6), horizon=st.integers(1, 12))
def test_values_are_drawn_on_by_their_last_one(known: int, horizon: int) -> None:
    values = np.arange(2 * known, dtype=np.float64).reshape(2, known)
    drawn = draw_on(values, horizon)
    expected = [[row[min(step, known - 1)] for step in range(horizon)] for row in values.tolist()]
    assert drawn.tolist() == expected


def test_no_range_further_ahead_is_narrower_and_medians_stay(prices: Prices) -> None:
    of = config(horizon=4)
    heads = np.stack([NORMAL, NORMAL * np.where(abs(NORMAL) < 1.1, 0.5, 1.0), 1.5 * NORMAL, 1.5 * NORMAL])
    log_scales = 0.0, 0.0, 0.0, np.log(0.5)
    found = forecaster(prices, of, (1, 2, 3, 4, *log_scales), quantiles=heads).forecast(prices, ORIGINS, 6)
    away = moves_of(prices, of, found.quantiles)[1] - np.array([0.1, 0.2, 0.3, 0.4, 0.4, 0.4])[:, None]
    assert (np.diff(away[:, 18] - away[:, 0]) > -1e-6).all()
    assert (np.diff(away[:, 14] - away[:, 4]) > -1e-6).all()
    np.testing.assert_allclose(away[:, 9], 0, atol=1e-6)
    # The second session's half is stretched to the first's, and its tails with it; those after are wide enough, or as wide.
    np.testing.assert_allclose(away[1], 2 * heads[1], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(away[2][[0, 18]], away[1][[0, 18]], rtol=1e-5)
    np.testing.assert_allclose(away[3], away[2], rtol=1e-5, atol=1e-6)


def test_ranges_that_widen_keep_every_bit() -> None:
    fan = np.random.default_rng(1).normal(size=(5, 1, 1)) + np.sqrt(np.arange(1, 9))[:, None] * NORMAL
    assert (never_narrower(fan) == fan).all()
