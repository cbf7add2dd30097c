from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_pinball_loss,
    root_mean_squared_error,
)

from stockrnn.evaluation.metrics import Score, Yardstick, crps_from_quantiles, direction_share, rmse, score_forecasts
from stockrnn.forecasts.baselines import naive_forecasters
from stockrnn.forecasts.table import LEVELS, Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices
from stockrnn.samples.samples import origins_for

NOTHING = Yardstick({}, {})
prices_and_forecasts = st.lists(st.tuples(st.floats(1, 1e4), st.floats(1, 1e4)), min_size=1, max_size=20)


def table_of(prices: Prices, *forecasts: Forecast, origins: np.ndarray) -> Forecasts:
    return pd.concat([tabulate(each, prices, origins, "open") for each in forecasts], ignore_index=True)


def by_name(scores: list[Score]) -> dict[str, Score]:
    return {score.forecaster: score for score in scores}


@pytest.fixture
def prices(make_prices) -> Prices:
    return make_prices(40)


@pytest.fixture
def forecast(prices: Prices) -> Forecast:
    random = np.random.default_rng(1)
    return Forecast("network", prices["open"].to_numpy()[11:31, None] + random.standard_normal((20, 1)))


ORIGINS = np.arange(10, 30)


def test_rmse_of_3_and_4_is_the_root_of_their_mean_square() -> None:
    assert rmse(np.array([3.0, -4.0])) == pytest.approx(np.sqrt(12.5))


def test_point_scores_are_scikit_learns(prices: Prices, forecast: Forecast) -> None:
    yardstick = Yardstick({1: "network"}, {"AAA": 2.0})
    (score,) = score_forecasts(table_of(prices, forecast, origins=ORIGINS), prices["close"], yardstick)
    actual, said = prices["open"].to_numpy()[11:31], forecast.values[:, 0]
    assert (score.ticker, score.forecaster, score.horizon, score.rows) == ("AAA", "network", 1, 20)
    assert score.rmse == pytest.approx(root_mean_squared_error(actual, said))
    assert score.mae == pytest.approx(mean_absolute_error(actual, said))
    assert score.mape == pytest.approx(100 * mean_absolute_percentage_error(actual, said))
    assert score.mase == pytest.approx(mean_absolute_error(actual, said) / 2)
    assert score.skill == 0
    assert score.crps is score.crps_pct is score.coverage90 is None


def test_skill_is_the_part_of_the_best_naive_rmse_that_is_saved(prices: Prices) -> None:
    actual = prices["open"].to_numpy()[11:31, None]
    table = table_of(
        prices,
        Forecast("network", actual + 1),
        Forecast("last_close", actual + 4),
        Forecast("drift", actual + 8),
        origins=ORIGINS,
    )
    scores = by_name(score_forecasts(table, prices["close"], Yardstick({1: "last_close"}, {})))
    assert {name: score.skill for name, score in scores.items()} == pytest.approx(
        {"network": 0.75, "last_close": 0, "drift": -1}
    )


def test_without_a_yardstick_there_is_no_skill_and_no_mase(prices: Prices, forecast: Forecast) -> None:
    (score,) = score_forecasts(table_of(prices, forecast, origins=ORIGINS), None, NOTHING)
    assert score.skill is score.mase is score.direction is None


def test_rows_whose_actual_value_is_not_known_are_left_out(prices: Prices, forecast: Forecast) -> None:
    table = table_of(prices, forecast, origins=ORIGINS)
    table.loc[5:, "actual"] = np.nan
    (score,) = score_forecasts(table, prices["close"], NOTHING)
    assert score.rows == 5


def test_the_google_rows_of_2017_are_known(bundled: Prices) -> None:
    part = (pd.Timestamp("2017-01-01"), pd.Timestamp("2017-12-31"))
    origins = origins_for(bundled, part, 60, 1, read_from=None)
    naive = [each(bundled, "open", origins, 1) for each in naive_forecasters(bundled, "open", 5)]
    scores = by_name(score_forecasts(table_of(bundled, *naive, origins=origins), bundled["close"], NOTHING))
    assert list(scores) == ["last_value", "last_close", "drift", "moving_average"]
    assert scores["last_value"].rows == 251
    assert round(scores["last_value"].rmse, 2) == 9.25
    assert round(scores["last_close"].rmse, 2) == 5.46
    assert scores["last_close"].direction is None
    # Computed from the prices alone.
    year = bundled.loc["GOOGL"]["open"].shift(1).sub(bundled.loc["GOOGL"]["open"]).loc["2017"]
    assert scores["last_value"].rmse == pytest.approx(np.sqrt((year**2).mean()))


@given(prices_and_forecasts)
def test_the_crps_of_a_point_mass_is_its_absolute_error_less_nothing(pairs: list[tuple[float, float]]) -> None:
    actual, point = np.array(pairs).T
    # The 19 levels lie even around a half: the mean pinball loss of a point mass is half its absolute error.
    assert crps_from_quantiles(actual, np.repeat(point[:, None], 19, axis=1)) == pytest.approx(
        float(np.mean(np.abs(actual - point)))
    )


def test_the_crps_is_twice_the_mean_of_scikit_learns_pinball_losses() -> None:
    random = np.random.default_rng(2)
    actual, quantiles = random.normal(size=30), np.sort(random.normal(size=(30, 19)), axis=1)
    expected = 2 * np.mean([mean_pinball_loss(actual, quantiles[:, k], alpha=LEVELS[k]) for k in range(19)])
    assert crps_from_quantiles(actual, quantiles) == pytest.approx(expected)


def test_the_crps_of_a_uniform_forecast_is_near_its_integral() -> None:
    # Uniform on 0..1, actual 0.5: the integral of (F - 1{x >= 0.5})^2 is 1 / 12.
    assert crps_from_quantiles(np.array([0.5]), np.array([LEVELS])) == pytest.approx(1 / 12, abs=0.005)


def test_a_sure_low_forecast_of_a_high_price_costs_more_at_high_levels() -> None:
    low, high = np.zeros((1, 19)), np.zeros((1, 19))
    low[0, 0], high[0, -1] = -1.0, 1.0
    actual = np.zeros(1)
    assert crps_from_quantiles(actual, low) == pytest.approx(crps_from_quantiles(actual, high))
    assert crps_from_quantiles(actual, low) == pytest.approx(2 * 0.05 / 19)


def test_distribution_scores_come_from_the_quantiles(prices: Prices) -> None:
    actual = prices["open"].to_numpy()[11:31]
    # Every quantile is 1 % too high on the first half, and the range is far below the price on the other.
    quantiles = np.where(np.arange(20) < 10, 1.01 * actual, 0.5 * actual)[:, None, None] * np.ones((1, 1, 19))
    quantiles[:10, :, 0] *= 0.9
    forecast = Forecast("network", actual[:, None], quantiles)
    (score,) = score_forecasts(table_of(prices, forecast, origins=ORIGINS), prices["close"], NOTHING)
    assert score.coverage90 == 0.5
    assert score.crps == pytest.approx(crps_from_quantiles(actual, quantiles[:, 0]))
    assert score.crps_pct == pytest.approx(crps_from_quantiles(100 * np.log(actual), 100 * np.log(quantiles[:, 0])))


@pytest.mark.parametrize(
    ("forecast", "actual", "share"),
    [
        ([11, 9, 11, 9], [12, 8, 9, 11], 0.5),
        ([11, 11, 11, 11], [12, 12, 12, 9], 0.75),
        ([11, 9, 10, 10], [12, 8, 10, 11], 0.75),  # no move forecast: right only where there was none
        ([10, 10, 10, 10], [12, 8, 9, 11], None),  # the last close itself has no direction
    ],
)
def test_direction_is_the_share_on_the_actual_side_of_the_last_close(
    forecast: list[float], actual: list[float], share: float | None
) -> None:
    last_close = np.full(4, 10.0)
    assert direction_share(np.array(forecast, float), np.array(actual, float), last_close) == share


def test_direction_leaves_out_rows_without_a_last_close() -> None:
    last_close = np.array([10, np.nan, np.nan])
    assert direction_share(np.array([11.0, 9, 9]), np.array([12.0, 12, 12]), last_close) == 1
    assert direction_share(np.array([11.0, 9, 9]), np.array([12.0, 12, 12]), np.full(3, np.nan)) is None


def test_direction_is_measured_from_the_close_of_the_origin(make_ramp) -> None:
    prices = make_ramp(10)
    # The next open is 0.5 above the close of the origin; the forecast lies between the origin's open and its close.
    forecast = Forecast("network", prices["open"].to_numpy()[[4, 5], None] + 0.25)
    (score,) = score_forecasts(table_of(prices, forecast, origins=np.array([4, 5])), prices["close"], NOTHING)
    assert score.direction == 0


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


def test_horizons_are_scored_apart_each_against_its_own_opponent(make_ramp) -> None:
    prices = make_ramp(10)
    origins = np.array([3, 4])
    opens = prices["open"].to_numpy()[origins, None]
    table = table_of(
        prices,
        Forecast("network", opens + np.array([1, 3])),
        Forecast("last_value", opens + np.array([0, 0])),
        Forecast("drift", opens + np.array([3, 1])),
        origins=origins,
    )
    scores = score_forecasts(table, None, Yardstick({1: "drift", 2: "last_value"}, {}))
    assert [(s.horizon, s.forecaster, s.rmse) for s in scores] == [
        (1, "network", 0), (1, "last_value", 1), (1, "drift", 2),
        (2, "network", 1), (2, "last_value", 2), (2, "drift", 1),
    ]  # fmt: skip
    assert [s.skill for s in scores] == [1, 0.5, 0, 0.5, 0, 0.5]
