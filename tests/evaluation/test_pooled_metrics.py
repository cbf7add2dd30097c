"""Scores of several tickers and of single years: pooled on log prices, in any order of the rows."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from stockrnn.evaluation.metrics import Score, Yardstick, score_by_year, score_forecasts
from stockrnn.forecasts.table import Forecast
from stockrnn.prices.table import Prices
from tests.evaluation.scored_forecasts import NOTHING, table_of


@pytest.fixture
def prices(make_prices) -> Prices:
    return make_prices(40)


def test_several_tickers_have_a_pooled_row_on_100_times_log_price_first(make_prices) -> None:
    prices = make_prices(20, ("AAA", "BBB"))
    origins = np.array([5, 6, 30])
    actual = prices["open"].to_numpy()[origins + 1, None]
    table = table_of(prices, Forecast("network", actual * np.exp(0.02)), origins=origins)
    closes = prices["close"]
    pooled, *own = score_forecasts(table, closes, Yardstick({1: "network"}, {None: 4.0, "AAA": 1.0}))
    assert [score.ticker for score in own] == ["AAA", "BBB"]
    assert (pooled.ticker, pooled.rows) == (None, 3)
    assert (pooled.rmse, pooled.mae) == (pytest.approx(2), pytest.approx(2))
    assert pooled.mase == pytest.approx(0.5)
    # Per cent of the price stays per cent of the price.
    assert pooled.mape == pytest.approx(100 * (np.exp(0.02) - 1))
    assert pooled.mape == pytest.approx(own[0].mape)


def test_pooled_scores_do_not_depend_on_the_currency(make_prices) -> None:
    prices = make_prices(20, ("AAA", "BBB"))
    origins = np.array([5, 6, 30])
    forecast = prices["open"].to_numpy()[origins, None]

    def pooled(scale: np.ndarray) -> Score:
        scaled = prices.mul(scale, axis=0)
        said = Forecast("network", forecast * scale[origins, None])
        return score_forecasts(table_of(scaled, said, origins=origins), scaled["close"], NOTHING)[0]

    plain, mixed = pooled(np.ones(40)), pooled(np.repeat([1.0, 130.0], 20))
    assert (mixed.rmse, mixed.mae, mixed.mape) == pytest.approx((plain.rmse, plain.mae, plain.mape))
    assert mixed.direction == plain.direction


def test_the_pooled_last_close_has_no_direction_either(make_prices) -> None:
    prices = make_prices(20, ("AAA", "BBB"))
    origins = np.array([5, 30])
    forecast = Forecast("last_close", prices["close"].to_numpy()[origins, None])
    scores = score_forecasts(table_of(prices, forecast, origins=origins), prices["close"], NOTHING)
    assert [score.direction for score in scores] == [None, None, None]


def test_the_pooled_direction_is_tested_by_day(make_prices) -> None:
    prices = make_prices(60, ("AAA", "BBB"))
    origins = np.concatenate([np.arange(10, 59), 60 + np.arange(10, 59)])
    forecast = Forecast("network", prices["open"].to_numpy()[origins + 1, None] * 1.0001)
    pooled, *own = score_forecasts(table_of(prices, forecast, origins=origins), prices["close"], NOTHING)
    assert all(score.direction_p is not None and score.direction_p < 0.01 for score in (pooled, *own))
    assert pooled.direction_p != own[0].direction_p


def test_the_scores_of_a_year_are_those_of_its_sessions_alone(make_prices) -> None:
    prices = make_prices(600, ("AAA", "BBB"))
    origins = np.concatenate([np.arange(200, 560), 600 + np.arange(200, 560)])
    random = np.random.default_rng(1)
    opens = prices["open"].to_numpy()[origins, None]
    table = table_of(
        prices,
        Forecast("network", opens * np.exp(0.01 * random.standard_normal((720, 1)))),
        Forecast("last_value", opens),
        origins=origins,
    )
    yardstick = Yardstick({1: "last_value"}, {"AAA": 1.0, None: 2.0})
    years = score_by_year(table, prices["close"], yardstick)
    assert [(s.year, s.ticker, s.forecaster) for s in years[:6]] == [
        (years[0].year, ticker, name) for ticker in (None, "AAA", "BBB") for name in ("network", "last_value")
    ]
    found = sorted({score.year for score in years})
    assert found == sorted(table["session"].dt.year.unique())
    assert len(found) > 1
    for year in found:
        alone = score_forecasts(table[table["session"].dt.year == year], prices["close"], yardstick)
        own = [asdict(score) for score in years if score.year == year]
        assert [{name: value for name, value in each.items() if name != "year"} for each in own] == [
            asdict(score) for score in alone
        ]


def test_scores_of_a_table_in_any_order_are_the_same(make_prices) -> None:
    prices = make_prices(80, ("AAA", "BBB"))
    origins = np.concatenate([np.arange(10, 70), 80 + np.arange(10, 70)])
    table = table_of(prices, Forecast("network", prices["open"].to_numpy()[origins, None]), origins=origins)
    shuffled = table.sample(frac=1, random_state=1)
    ordered = {score.ticker: score for score in score_forecasts(table, prices["close"], NOTHING)}
    mixed = {score.ticker: score for score in score_forecasts(shuffled, prices["close"], NOTHING)}
    for ticker, score in ordered.items():
        assert asdict(mixed[ticker]) == pytest.approx(asdict(score))
        assert score.lag == 1
