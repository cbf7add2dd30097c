from __future__ import annotations

import numpy as np
import pytest

from stockrnn.evaluation.importance import input_parts, permutation_importance, root_mean_square

LOOKBACK, WINDOWS = 25, 300


@pytest.fixture
def windows() -> np.ndarray:
    return np.random.default_rng(7).standard_normal((WINDOWS, LOOKBACK, 2)).astype(np.float32)


def importance(forecast, inputs, actual, **options):
    parts = input_parts(("open", "volume"), inputs.shape[1])
    loss = lambda values: root_mean_square(values - actual)  # noqa: E731
    rmse, found = permutation_importance(forecast, inputs, loss, parts, **{"repeats": 4, "seed": 1, **options})
    return rmse, {(each.part.kind, each.part.name): each for each in found}


def third_lag(inputs: np.ndarray) -> np.ndarray:
    """Reads the open three sessions before the day that is forecast, and nothing else."""
    return 100 + 10 * inputs[:, -3, :1].astype(np.float64)


def test_the_blocks_cover_every_lag_once():
    for lookback in (1, 2, 5, 6, 60, 61, 300):
        lags = [part.lags for part in input_parts(("open",), lookback) if part.kind == "lags"]
        assert [lag for first, last in lags for lag in range(first, last + 1)] == list(range(1, lookback + 1))
    assert [part.name for part in input_parts(("open",), 60)] == ["open", "1", "2-5", "6-20", "21-60"]


def test_what_the_network_does_not_read_has_no_importance_at_all(windows):
    _, found = importance(third_lag, windows, third_lag(windows))
    for unread in [("feature", "volume"), ("lags", "1"), ("lags", "6-20"), ("lags", "21-25")]:
        assert found[unread].growth.tolist() == [0.0] * 4
        assert found[unread].movement.tolist() == [0.0] * 4


def test_all_importance_is_at_the_lag_that_the_network_reads_in_price_units(windows):
    rmse, found = importance(third_lag, windows, third_lag(windows))
    assert rmse == 0
    # Two independent draws of standard deviation 10 differ by 10 sqrt(2) in the root mean square.
    for read in [("feature", "open"), ("lags", "2-5")]:
        assert found[read].growth.mean() == pytest.approx(10 * np.sqrt(2), rel=0.1)
    np.testing.assert_array_equal(found["feature", "open"].growth, found["lags", "2-5"].growth)


def test_a_network_that_only_adds_noise_is_better_without_its_input(windows):
    actual = 100 - 10 * windows[:, -3, :1].astype(np.float64)
    _, found = importance(third_lag, windows, actual)
    assert found["lags", "2-5"].growth.mean() < 0 < found["lags", "2-5"].movement.mean()


def test_a_block_is_exchanged_as_a_whole(windows):
    """The difference of two lags in one block knows no other value than those that it had."""
    inputs = windows.copy()
    inputs[:, -3] = inputs[:, -2] + 1
    difference = lambda values: (values[:, -3, :1] - values[:, -2, :1]).round(3).astype(np.float64)  # noqa: E731
    _, found = importance(difference, inputs, difference(inputs))
    assert found["lags", "2-5"].movement.max() == 0


def test_the_seed_decides_and_the_windows_are_left_alone(windows):
    before = windows.copy()
    once, again, other = (importance(third_lag, windows, third_lag(windows), seed=seed)[1] for seed in (1, 1, 2))
    key = ("lags", "2-5")
    assert once[key].growth.tolist() == again[key].growth.tolist() != other[key].growth.tolist()
    np.testing.assert_array_equal(windows, before)
