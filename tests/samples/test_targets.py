from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockrnn.prices.table import Prices
from stockrnn.samples.outputs import RANGE
from stockrnn.samples.targets import prices_from_moves, return_targets, values_ahead
from stockrnn.samples.volatility import ewma_volatility, squared_moves


def constant_volatility(prices: Prices, value: float = 0.5) -> np.ndarray:
    return np.full(len(prices), value)


@settings(max_examples=40, deadline=None)
@given(sessions=st.integers(1, 8), tickers=st.integers(1, 3), horizon=st.integers(1, 10))
def test_a_ramp_says_which_row_a_value_ahead_is_of(make_ramp, sessions: int, tickers: int, horizon: int) -> None:
    prices = make_ramp(sessions, [f"T{number}" for number in range(tickers)])
    values = prices["open"].to_numpy()
    ahead = values_ahead(values, prices, horizon)
    assert ahead.shape == (sessions * tickers, horizon)
    for row in range(len(values)):
        for step in range(1, horizon + 1):
            inside = row % sessions + step < sessions
            expected = values[row] + step if inside else np.nan
            np.testing.assert_equal(ahead[row, step - 1], expected)


def test_moves_are_log_ratios_to_the_last_close_over_the_volatility(make_ramp) -> None:
    prices = make_ramp(4)  # opens 1000, 1001, ...; closes half higher
    targets = return_targets(prices, ("open", "close"), 2, constant_volatility(prices, 0.01))
    last = np.array([1000.5, 1001.5])
    expected = 100 * np.log(np.column_stack([last + 0.5, last + 1.5, last + 1, last + 2]) / last[:, None])
    np.testing.assert_allclose(targets[:2], expected, rtol=1e-9)
    np.testing.assert_array_equal(np.isnan(targets[2]), [False, True, False, True])
    assert np.isnan(targets[3]).all()


def test_a_close_only_file_and_an_open_only_file_move_from_the_price_that_there_is(make_ramp) -> None:
    prices = make_ramp(4)
    for column in ("open", "close"):
        alone = prices[[column]]
        moves = return_targets(alone, (column,), 1, constant_volatility(prices))[:-1, 0]
        np.testing.assert_allclose(moves, np.diff(np.log(alone[column])) / 0.5, rtol=1e-9)


def test_a_price_that_is_missing_or_no_price_has_no_move_and_the_others_have_theirs(make_prices) -> None:
    prices = make_prices(10)
    whole = return_targets(prices, ("close", "open"), 1, constant_volatility(prices))
    holed = prices.assign(open=prices["open"].where(np.arange(10) != 4).where(np.arange(10) != 7, 0.0))
    moves = return_targets(holed, ("close", "open"), 1, constant_volatility(prices))
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(moves[:, 1])), [3, 6, 9])
    np.testing.assert_array_equal(np.delete(moves, [3, 6], axis=0), np.delete(whole, [3, 6], axis=0))
    np.testing.assert_array_equal(moves[:, 0], whole[:, 0])


def test_the_range_is_half_the_log_of_the_next_sessions_variance_over_what_is_usual(make_prices) -> None:
    prices = make_prices(30, ("AAA", "BBB"))
    volatility = ewma_volatility(prices)
    targets = return_targets(prices, ("close", RANGE), 1, volatility)
    variance = squared_moves(prices)
    for row in (5, 28, 35):
        assert targets[row, 1] == pytest.approx(0.5 * np.log(variance[row + 1] / volatility[row] ** 2), rel=1e-9)
    assert np.isnan(targets[[29, 59], 1]).all()


def test_a_wrong_price_moves_no_more_than_ten_usual_sessions(make_prices) -> None:
    prices = make_prices(30)
    prices.iloc[10] *= 1000
    moves = return_targets(prices, ("close",), 1, constant_volatility(prices, 0.01))[:, 0]
    assert (moves[9], moves[10]) == (10, -10)
    assert np.nanmax(np.abs(np.delete(moves, [9, 10]))) < 10


def test_no_ticker_is_another_ones_target(make_prices) -> None:
    prices = make_prices(12, ("AAA", "BBB"))
    changed = prices.copy()
    changed.loc["BBB"] = changed.loc[["BBB"]].to_numpy() * 3
    volatility = constant_volatility(prices)
    before, after = (return_targets(table, ("close", RANGE), 3, volatility) for table in (prices, changed))
    np.testing.assert_array_equal(before[:12], after[:12])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 99), horizon=st.integers(1, 4), column=st.sampled_from(["open", "high", "low", "close"]))
def test_prices_come_back_from_their_moves(make_prices, seed: int, horizon: int, column: str) -> None:
    prices = make_prices(20, ("AAA", "BBB"), seed=seed)
    volatility = np.random.default_rng(seed).uniform(0.01, 0.3, len(prices))
    origins = np.array([3, 15, 20, 35])
    moves = return_targets(prices, (column,), horizon, volatility)[origins]
    rows = origins[:, None] + np.arange(1, horizon + 1)
    np.testing.assert_allclose(
        prices_from_moves(prices, origins, moves, volatility), prices[column].to_numpy()[rows], rtol=1e-9
    )


def test_no_move_is_the_last_close_and_quantiles_keep_their_place(make_ramp) -> None:
    prices = make_ramp(6, ("AAA", "BBB"))
    origins, volatility = np.array([2, 9]), constant_volatility(prices, 0.1)
    moves = np.zeros((2, 3, 19))
    moves[1, 2, 18] = 2
    found = prices_from_moves(prices, origins, moves, volatility)
    assert found.shape == (2, 3, 19)
    assert found[1, 2, 18] == pytest.approx(2003.5 * np.exp(0.2))
    found[1, 2, 18] = 2003.5
    np.testing.assert_allclose(found, np.broadcast_to([[[1002.5]], [[2003.5]]], found.shape))


def test_a_ticker_with_one_session_has_no_target(make_ramp) -> None:
    prices = pd.concat([make_ramp(1, ("AAA",)), make_ramp(3, ("BBB",))])
    targets = return_targets(prices, ("close",), 2, constant_volatility(prices))
    assert np.isnan(targets[0]).all()
    assert np.isfinite(targets[1]).all()
