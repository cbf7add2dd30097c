from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockrnn.samples.trailing import earlier, rows_before, trailing_mean
from tests.samples.feature_prices import random_prices


@pytest.mark.parametrize("sessions", [1, 2, 3, 5, 22, 66, 250])
def test_a_trailing_mean_is_that_of_pandas_by_ticker(sessions: int) -> None:
    prices = random_prices()
    values = np.random.default_rng(1).standard_normal(len(prices))
    values[[0, 1, 7, 200]] = np.nan
    rolled = pd.Series(values, index=prices.index).groupby(level="ticker").rolling(sessions, min_periods=1).mean()
    np.testing.assert_allclose(trailing_mean(values, rows_before(prices), sessions), rolled, rtol=1e-12, atol=1e-12)


@given(st.lists(st.floats(-1e3, 1e3) | st.just(np.nan), min_size=1, max_size=20), st.integers(1, 30))
def test_a_trailing_mean_is_the_mean_of_its_window(values: list[float], sessions: int) -> None:
    windows = [values[max(0, row - sessions + 1) : row + 1] for row in range(len(values))]
    known = [[value for value in window if not np.isnan(value)] for window in windows]
    expected = [np.mean(window) if window else np.nan for window in known]
    means = trailing_mean(np.array(values), np.arange(len(values)), sessions)
    np.testing.assert_allclose(means, expected, rtol=1e-9, atol=1e-9)


def test_a_huge_value_is_forgotten_without_a_trace() -> None:
    values = np.r_[1e300, np.full(9, 0.1)]
    np.testing.assert_allclose(trailing_mean(values, np.arange(10), 4)[4:], 0.1, rtol=1e-15)


def test_earlier_rows_are_those_of_the_same_ticker() -> None:
    prices = random_prices(30)
    by_ticker = prices["close"].groupby(level="ticker")
    before = rows_before(prices)
    np.testing.assert_array_equal(before, by_ticker.cumcount())
    for sessions in (1, 5):
        np.testing.assert_array_equal(earlier(prices["close"].to_numpy(), before, sessions), by_ticker.shift(sessions))


def test_more_sessions_than_there_are_rows_are_none() -> None:
    prices = random_prices(3, ("AAA",))
    assert np.isnan(earlier(prices["close"].to_numpy(), rows_before(prices), 5)).all()
