from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockrnn.forecasts.gate import SHARES, choose_gate, pass_gate
from stockrnn.forecasts.table import Forecast

DAYS = 400


def truth(noise: float = 0.01, horizon: int = 1, rows: int = DAYS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give naive forecasts, the part of the move that can be known, and what came true."""
    random = np.random.default_rng(7)
    naive = np.repeat(random.uniform(50, 150, (rows, 1)), horizon, axis=1)
    signal = 0.01 * random.standard_normal((rows, horizon))
    return naive, signal, naive * np.exp(signal + noise * random.standard_normal((rows, horizon)))


@pytest.mark.parametrize(("factor", "share"), [(1, 1.0), (2, 0.5), (4, 0.25), (4 / 3, 0.75), (-1, 0.0), (0.5, 1.0)])
def test_the_gate_is_the_share_of_the_networks_way_that_came_true(factor: float, share: float) -> None:
    naive, signal, actual = truth()
    assert choose_gate(naive * np.exp(factor * signal), naive, actual, range(DAYS)) == share


def test_the_gate_is_shut_where_the_naive_forecast_is_as_good() -> None:
    naive, _, actual = truth()
    noise = np.exp(0.01 * np.random.default_rng(8).standard_normal(naive.shape))
    assert choose_gate(naive, naive, actual, range(DAYS)) == 0
    assert choose_gate(naive * noise, naive, actual, range(DAYS)) == 0


def test_a_gain_that_is_not_clear_leaves_the_gate_shut() -> None:
    # Errors fall by 3 on one day and rise by 1 on another: on the mean a gain, of less than a standard error.
    naive = np.full((2, 1), 100.0)
    actual = naive * np.exp([[2.0], [0.0]])
    network = naive * np.exp([[1.0], [1.0]])
    assert choose_gate(network, naive, actual, [1, 2]) == 0
    assert choose_gate(np.tile(network, (50, 1)), np.tile(naive, (50, 1)), np.tile(actual, (50, 1)), range(100)) == 1


def test_what_was_proven_before_is_let_through_by_any_gain_and_stopped_by_a_loss() -> None:
    naive = np.full((2, 1), 100.0)
    network, actual = naive * np.exp([[1.0], [1.0]]), naive * np.exp([[2.5], [-0.5]])
    ten = [np.tile(each, (5, 1)) for each in (network, naive, actual)]
    assert choose_gate(*ten, range(10)) == 0
    assert choose_gate(*ten, range(10), proven=True) == 1
    against = [ten[1] ** 2 / ten[0], *ten[1:]]
    assert choose_gate(*against, range(10), proven=True) == 0
    assert choose_gate(*(each[:7] for each in ten), range(7), proven=True) == 0


def test_a_few_days_prove_nothing() -> None:
    naive = np.full((8, 1), 100.0)
    assert choose_gate(naive * 1.1, naive, naive * 1.1, [3] * 8) == 0
    assert choose_gate(naive[:7] * 1.1, naive[:7], naive[:7] * 1.1, range(7)) == 0
    assert choose_gate(naive * 1.1, naive, naive * 1.1, range(8)) == 1


def opens_on_noise(horizon: int, days: int, seed: int) -> bool:
    """Whether the gate opens for slowly changing moves that say nothing of a random walk."""
    random = np.random.default_rng(seed)
    closes = 100 * np.exp(np.cumsum(0.01 * random.standard_normal(days + horizon)))
    naive = np.repeat(closes[:days, None], horizon, axis=1)
    actual = np.stack([closes[ahead : ahead + days] for ahead in range(1, horizon + 1)], axis=1)
    moves = np.convolve(random.standard_normal(days + 20), 0.9 ** np.arange(20), "valid")[:days]
    network = naive * np.exp(0.003 * moves[:, None] * np.sqrt(np.arange(1, horizon + 1)))
    return choose_gate(network, naive, actual, range(days)) > 0


@pytest.mark.parametrize("horizon", [1, 5, 20])
def test_a_gate_opens_on_noise_one_time_in_thirty_at_most(horizon: int) -> None:
    assert sum(opens_on_noise(horizon, 200, seed) for seed in range(100)) <= 3


def test_rows_of_one_day_count_as_one() -> None:
    naive, signal, actual = truth(rows=60)
    network = naive * np.exp(signal)
    # A thousand tickers that all went the network's way on one day say no more than one of them.
    wrong = naive * np.exp(-signal)
    many = (np.concatenate([each, np.repeat(each[:1], 1000, axis=0)]) for each in (wrong, naive, actual))
    assert choose_gate(*many, [*range(60), *[0] * 1000]) == choose_gate(wrong, naive, actual, range(60)) == 0
    assert choose_gate(network, naive, actual, range(60)) == 1


def test_what_is_not_known_is_left_out() -> None:
    naive, signal, actual = truth(horizon=3)
    network = naive * np.exp(signal)
    actual[5, 1], actual[9] = np.nan, np.nan
    assert choose_gate(network, naive, actual, range(DAYS)) == 1
    assert choose_gate(network[:0], naive[:0], actual[:0], []) == 0
    assert choose_gate(network, naive, np.full_like(actual, np.nan), range(DAYS)) == 0


def test_a_network_that_forecasts_nothing_or_less_is_not_followed() -> None:
    naive, _, actual = truth()
    assert choose_gate(-naive, naive, actual, range(DAYS)) == 0


def fan(values: np.ndarray) -> Forecast:
    return Forecast("network", values, values[..., None] * np.linspace(0.8, 1.1, 19))


@given(st.sampled_from(SHARES))
def test_a_share_of_the_way_is_one_of_the_log_price(share: float) -> None:
    naive = np.array([[100.0, 100.0], [50.0, 50.0]])
    network = np.array([[121.0, 90.0], [50.0, 25.0]])
    passed = pass_gate(Forecast("network", network), naive, share)
    np.testing.assert_allclose(np.log(passed.values / naive), share * np.log(network / naive), rtol=1e-12, atol=1e-12)
    assert passed.quantiles is None
    assert passed.forecaster == "network"


@given(st.sampled_from(SHARES))
def test_the_quantiles_move_along_with_the_forecast(share: float) -> None:
    naive, forecast = np.array([[100.0], [100.0]]), fan(np.array([[121.0], [64.0]]))
    passed = pass_gate(forecast, naive, share)
    np.testing.assert_allclose(
        passed.quantiles / passed.values[..., None], forecast.quantiles / forecast.values[..., None], rtol=1e-12
    )


def test_half_the_way_from_100_to_121_is_110() -> None:
    passed = pass_gate(fan(np.array([[121.0]])), np.array([[100.0]]), 0.5)
    np.testing.assert_allclose(passed.values, [[110]])
    np.testing.assert_allclose(passed.quantiles[0, 0, [0, 18]], [88, 121])


def test_an_open_gate_changes_nothing_and_a_shut_one_gives_the_naive_forecast() -> None:
    naive, forecast = np.array([[100.0]]), fan(np.array([[121.0]]))
    assert pass_gate(forecast, naive, 1.0) is forecast
    np.testing.assert_array_equal(pass_gate(forecast, naive, 0.0).values, naive)
    np.testing.assert_array_equal(pass_gate(Forecast("network", np.array([[-5.0]])), naive, 0.0).values, naive)
