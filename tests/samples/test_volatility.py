from __future__ import annotations

import numpy as np
import pytest

from stockrnn.samples.volatility import (
    bounded_returns,
    ewma_volatility,
    log_returns,
    never_moved,
    squared_moves,
    trailing_means,
)
from tests.samples.feature_prices import one_ticker, random_prices


def walk(sessions: int, seed: int = 0, deviation: float = 0.01) -> np.ndarray:
    return 100 * np.exp(np.cumsum(deviation * np.random.default_rng(seed).standard_normal(sessions)))


def volatility_by_hand(closes: np.ndarray) -> list[float]:
    """The weighted mean of squared returns, 0.94 a session, as it is written in books."""
    returns = np.diff(np.log(closes))
    volatilities = [np.nan]
    for last in range(len(returns)):
        weights = [0.94**age for age in range(last + 1)]
        squares = [returns[last - age] ** 2 for age in range(last + 1)]
        volatilities.append(np.sqrt(np.dot(weights, squares) / sum(weights)))
    return volatilities


def test_the_volatility_is_the_weighted_mean_of_squared_returns() -> None:
    closes = walk(60)
    np.testing.assert_allclose(ewma_volatility(one_ticker(close=closes)), volatility_by_hand(closes), rtol=1e-10)


def test_each_ticker_has_the_volatility_that_it_has_alone() -> None:
    prices = random_prices()
    for ticker in ("AAA", "BBB", "CCC"):
        alone = prices.loc[[ticker]]
        there = prices.index.get_level_values("ticker") == ticker
        np.testing.assert_array_equal(ewma_volatility(prices)[there], ewma_volatility(alone))
        np.testing.assert_array_equal(squared_moves(prices)[there], squared_moves(alone))


def test_returns_are_those_of_the_close_and_of_the_open_where_there_is_none() -> None:
    np.testing.assert_allclose(
        log_returns(one_ticker(open=[9, 9, 9], close=[1, 2, 1])), [np.nan, np.log(2), -np.log(2)]
    )
    np.testing.assert_allclose(log_returns(one_ticker(open=[1, 2, 1])), [np.nan, np.log(2), -np.log(2)])


def test_a_wrong_price_does_not_blind_the_volatility() -> None:
    closes = walk(200)
    wrong = closes.copy()
    wrong[100] *= 1.5
    clean, after = ewma_volatility(one_ticker(close=closes)), ewma_volatility(one_ticker(close=wrong))
    # Unbounded, two returns of 40 % on 1 % a day would still show as 16 times the volatility five sessions later.
    assert (after[101:] / clean[101:]).max() < 6
    # The way there and back make 23 times the variance, which falls by 6 % a session.
    assert (after[145:] / clean[145:]).max() < 2
    assert np.isclose(after[199], clean[199], rtol=0.05)


def test_a_bounded_return_is_eight_volatilities_of_the_sessions_before() -> None:
    closes = walk(60)
    closes[40:] *= 3
    prices = one_ticker(close=closes)
    returns, volatility = bounded_returns(prices), ewma_volatility(prices)
    assert returns[40] == pytest.approx(8 * volatility[39])
    np.testing.assert_array_equal(np.delete(returns, 40), np.delete(log_returns(prices), 40))


def test_the_way_back_of_a_wrong_price_is_bounded_by_bounded_returns() -> None:
    closes = walk(60)
    closes[40] *= 1000
    prices = one_ticker(close=closes)
    returns, volatility = bounded_returns(prices), ewma_volatility(prices)
    assert returns[40] == pytest.approx(8 * volatility[39])
    assert returns[41] == pytest.approx(-8 * volatility[40])


def test_in_the_first_month_only_a_return_of_more_than_a_half_is_bounded() -> None:
    closes = [100, 100.01, 103, 102, 160, 100, 1e9]
    returns = bounded_returns(one_ticker(close=closes))
    np.testing.assert_allclose(returns[1:], [*np.diff(np.log(closes))[:-1], 0.5])


def test_a_wrong_first_price_is_forgotten_within_half_a_year() -> None:
    closes = walk(200)
    wrong = np.r_[1e12, closes[1:]]
    clean, after = ewma_volatility(one_ticker(close=closes)), ewma_volatility(one_ticker(close=wrong))
    np.testing.assert_allclose(after[150:], clean[150:], rtol=0.05)


def test_prices_that_begin_to_move_are_followed_within_a_month() -> None:
    closes = np.r_[np.full(100, 100.0), walk(100)]
    volatility = ewma_volatility(one_ticker(close=closes))
    np.testing.assert_allclose(volatility[1:100], 1e-5)
    assert 0.005 < volatility[122] < 0.02


def test_a_price_has_never_moved_until_it_does() -> None:
    closes = np.r_[np.full(5, 100.0), 101.0, np.full(300, 101.0)]
    np.testing.assert_array_equal(
        never_moved(one_ticker(close=closes)), np.r_[False, np.full(4, True), np.full(301, False)]
    )


def test_squared_moves_are_the_gap_and_parkinsons_range() -> None:
    prices = random_prices(60, ("AAA",))
    opens, highs, lows, closes = (np.log(prices[name].to_numpy()) for name in ("open", "high", "low", "close"))
    direct = (opens[1:] - closes[:-1]) ** 2 + (highs - lows)[1:] ** 2 / (4 * np.log(2))
    usual = ewma_volatility(prices)[1:] ** 2
    inside = (direct > 0.05 * usual) & (direct < 64 * usual)
    assert inside.mean() > 0.9
    np.testing.assert_allclose(squared_moves(prices)[1:][inside], direct[inside])
    np.testing.assert_array_less(0, squared_moves(prices)[1:])


def test_squared_moves_of_closes_alone_are_squared_returns_within_bounds() -> None:
    closes = walk(50)
    prices = one_ticker(close=closes)
    usual = ewma_volatility(prices)[1:] ** 2
    expected = np.clip(np.diff(np.log(closes)) ** 2, 0.05 * usual, 64 * usual)
    np.testing.assert_allclose(squared_moves(prices)[1:], expected)


def test_trailing_means_are_by_ticker() -> None:
    prices = random_prices(10, ("AAA", "BBB"))
    values = np.arange(len(prices), dtype=float)
    means = trailing_means(values, prices, 3)
    np.testing.assert_allclose(means[[0, 1, 5, 10, 11]], [0, 0.5, 4, 10, 10.5])
