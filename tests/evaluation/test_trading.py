from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.evaluation.trading import TradingResult, trade
from stockrnn.forecasts.table import Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices, prices_table


def prices_of(*closes: list[float], freq: str = "B") -> Prices:
    days = pd.date_range("2020-01-01", periods=len(closes[0]), freq=freq)
    frames = [
        pd.DataFrame({"ticker": f"T{number}", "session": days, "close": each, "open": 1.0})
        for number, each in enumerate(closes)
    ]
    return prices_table(pd.concat(frames), "a test")


def forecasts_of(
    prices: Prices, signs: list[int], target: str = "close", origins: np.ndarray | None = None
) -> Forecasts:
    origins = np.arange(len(signs)) if origins is None else origins
    values = prices["close"].to_numpy()[origins] + np.array(signs)
    return tabulate(Forecast("network", values[:, None]), prices, origins, target)


def by_name(results: list[TradingResult]) -> dict[str, TradingResult]:
    return {result.strategy: result for result in results}


def test_without_costs_the_right_signs_earn_every_move_and_buy_and_hold_earns_their_product() -> None:
    prices = prices_of([100, 110, 99, 108.9])
    results = by_name(trade(forecasts_of(prices, [1, -1, 1]), prices, cost_bps=0))
    assert results["sign"].return_ == pytest.approx(1.1**3 - 1)
    assert results["buy_and_hold"].return_ == pytest.approx(108.9 / 100 - 1)
    assert {result.days for result in results.values()} == {3}
    assert (results["sign"].forecaster, results["buy_and_hold"].forecaster) == ("network", None)


def test_the_deepest_fall_is_from_the_highest_value_so_far() -> None:
    prices = prices_of([100, 120, 90, 130, 117])
    held = by_name(trade(forecasts_of(prices, [1, 1, 1, 1]), prices, cost_bps=0))["buy_and_hold"]
    assert held.max_drawdown == pytest.approx(0.25)
    falling = prices_of([100, 90, 80])
    assert by_name(trade(forecasts_of(falling, [1, 1]), falling, 0))["sign"].max_drawdown == pytest.approx(0.2)


def test_the_sharpe_ratio_is_that_of_252_sessions() -> None:
    closes = 100 * np.cumprod(1 + 0.01 * np.random.default_rng(1).standard_normal(60))
    prices = prices_of(list(closes))
    moves = closes[1:] / closes[:-1] - 1
    held = by_name(trade(forecasts_of(prices, [1] * 59), prices, cost_bps=0))["buy_and_hold"]
    assert held.sharpe == pytest.approx(np.sqrt(252) * moves.mean() / moves.std(ddof=1))


def test_the_sharpe_ratio_of_weekly_prices_is_that_of_52_weeks() -> None:
    closes = 100 * np.cumprod(1 + 0.01 * np.random.default_rng(1).standard_normal(60))
    daily, weekly = (prices_of(list(closes), freq=freq) for freq in ("B", "W"))
    sharpe = [
        by_name(trade(forecasts_of(prices, [1] * 59), prices, 0))["buy_and_hold"].sharpe for prices in (daily, weekly)
    ]
    assert sharpe[0] / sharpe[1] == pytest.approx(np.sqrt(252 / 52))


def test_each_unit_bought_or_sold_costs_and_from_long_to_short_are_two() -> None:
    prices = prices_of([100.0] * 6)
    results = by_name(trade(forecasts_of(prices, [1, 1, -1, 0, 1]), prices, cost_bps=100))
    # Bought 1, kept, sold 2, bought 1 back, bought 1.
    assert results["sign"].return_ == pytest.approx(0.99 * 1 * 0.98 * 0.99 * 0.99 - 1)
    assert results["buy_and_hold"].return_ == pytest.approx(-0.01)
    assert results["sign"].cost_bps == 100


def test_a_position_before_left_out_sessions_is_sold() -> None:
    prices = prices_of([100.0] * 8)
    table = forecasts_of(prices, [1, 1, 1], origins=np.array([0, 1, 5]))
    # Bought; kept; after the gap sold and bought anew.
    assert by_name(trade(table, prices, 100))["sign"].return_ == pytest.approx(0.99 * 0.98 - 1)


def test_tickers_have_accounts_of_the_same_size() -> None:
    prices = prices_of([100, 200, 400], [100, 50, 100])
    origins = np.array([0, 1, 3, 4])
    table = forecasts_of(prices, [1, 1, 1, 1], origins=origins)
    held = by_name(trade(table, prices, cost_bps=0))["buy_and_hold"]
    # 4 and 1 from 1 each; in between 2 and 1/2.
    assert held.return_ == pytest.approx((4 + 1) / 2 - 1)
    assert held.max_drawdown == 0


def test_an_open_target_is_traded_from_close_to_close() -> None:
    prices = prices_of([100, 110, 99])
    table = forecasts_of(prices, [1, -1], target="open")
    assert by_name(trade(table, prices, cost_bps=0))["sign"].return_ == pytest.approx(1.1 * 1.1 - 1)


def test_a_forecast_of_the_last_close_trades_nothing() -> None:
    prices = prices_of([100, 110, 99])
    result = by_name(trade(forecasts_of(prices, [0, 0]), prices))["sign"]
    assert (result.return_, result.sharpe, result.max_drawdown) == (0, None, 0)


def test_a_short_position_can_lose_no_more_than_all() -> None:
    prices = prices_of([100, 300, 310])
    result = by_name(trade(forecasts_of(prices, [-1, 1]), prices))["sign"]
    assert (result.return_, result.max_drawdown) == (-1, 1)


def test_without_a_close_or_a_forecast_for_the_next_session_nothing_is_traded() -> None:
    prices = prices_of([100, 110, 99])
    table = forecasts_of(prices, [1, 1])
    assert trade(table, prices[["open"]]) == []
    assert trade(table, prices, forecasters=["somebody"]) == []
    assert trade(table.assign(actual=np.nan), prices) == []
    assert trade(table.assign(horizon=2), prices) == []


def test_json_has_the_return_by_its_name() -> None:
    prices = prices_of([100, 110, 99])
    document = trade(forecasts_of(prices, [1, 1]), prices)[0].to_json()
    assert set(document) == {"strategy", "forecaster", "return", "sharpe", "max_drawdown", "days", "cost_bps"}
    assert document["cost_bps"] == 10
