from __future__ import annotations

import numpy as np
import pytest

from stockrnn.prices.table import Prices
from stockrnn.samples.features import feature_table
from stockrnn.samples.volatility import bounded_returns, ewma_volatility
from tests.samples.feature_prices import one_ticker, random_prices

SEASONS = {"season_63": range(61, 66), "season_126": range(124, 131), "season_252": range(250, 256)}


def values_of(prices: Prices, name: str) -> np.ndarray:
    return feature_table(prices, [name])[:, 0]


def moves_of(prices: Prices) -> list[float]:
    returns, volatility = bounded_returns(prices), ewma_volatility(prices)
    return [0.0, 0.0, *(min(abs(returns[t]) / volatility[t - 1], 6.0) for t in range(2, len(prices)))]


def prices_that_jump(jumps: list[int], sessions: int = 300) -> Prices:
    returns = 0.01 * np.resize([1.0, -1.0], sessions)
    returns[jumps] = 0.04
    return one_ticker(close=100 * np.exp(np.cumsum(returns)))


@pytest.mark.parametrize("name", SEASONS)
def test_a_season_is_the_largest_notable_move_so_many_rows_before_the_next_session(name: str) -> None:
    prices = random_prices(400, ("AAA",))
    moves = moves_of(prices)
    for row in (70, 135, 260, 300, 399):
        there = [moves[row + 1 - lag] for lag in SEASONS[name] if row + 1 - lag >= 0]
        assert values_of(prices, name)[row] == pytest.approx(max([0.0, *(move - 1.5 for move in there)]))


def test_the_largest_move_is_over_the_last_29_rows() -> None:
    prices = random_prices(120, ("AAA",))
    moves = moves_of(prices)
    values = values_of(prices, "largest_move_29")
    for row in (2, 20, 60, 119):
        assert values[row] == pytest.approx(max(moves[max(row - 28, 0) : row + 1]))
    np.testing.assert_array_equal(values[:2], [np.nan, np.nan])


@pytest.mark.parametrize(("name", "lag"), [("season_63", 63), ("season_126", 127), ("season_252", 252)])
def test_a_jump_is_waited_for_so_many_sessions_later_and_not_a_month_before(name: str, lag: int) -> None:
    values = values_of(prices_that_jump([40]), name)
    assert values[40 + lag - 1] == pytest.approx(2.5, abs=0.1)
    assert values[40 + lag - 22] == 0.0


def test_a_ticker_that_begins_has_no_season() -> None:
    for name in SEASONS:
        np.testing.assert_array_equal(values_of(random_prices(50, ("AAA",)), name), np.zeros(50))
