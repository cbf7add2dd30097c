from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
import utilsforecast.losses
from sklearn.metrics import mean_absolute_error, mean_absolute_percentage_error, root_mean_squared_error

from stockrnn.evaluation.metrics import Score, Yardstick, rmse, score_forecasts
from stockrnn.evaluation.quantile_metrics import crps_from_quantiles
from stockrnn.forecasts.baselines import naive_forecasters
from stockrnn.forecasts.table import Forecast
from stockrnn.prices.table import Prices
from stockrnn.samples.samples import origins_for
from tests.evaluation.scored_forecasts import NOTHING, table_of


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


def test_direction_is_measured_from_the_close_of_the_origin(make_ramp) -> None:
    prices = make_ramp(10)
    # The next open is 0.5 above the close of the origin; the forecast lies between the origin's open and its close.
    forecast = Forecast("network", prices["open"].to_numpy()[[4, 5], None] + 0.25)
    (score,) = score_forecasts(table_of(prices, forecast, origins=np.array([4, 5])), prices["close"], NOTHING)
    assert score.direction == 0


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


def test_the_point_scores_are_utilsforecasts_too(prices: Prices, forecast: Forecast) -> None:
    opens = prices["open"].to_numpy()
    training = pd.DataFrame({"unique_id": "AAA", "ds": range(10), "y": opens[:10]})
    frame = pd.DataFrame({"unique_id": "AAA", "ds": range(20), "y": opens[11:31], "network": forecast.values[:, 0]})
    yardstick = Yardstick({}, {"AAA": float(np.mean(np.abs(np.diff(opens[:10]))))})
    (score,) = score_forecasts(table_of(prices, forecast, origins=ORIGINS), prices["close"], yardstick)
    nixtla = utilsforecast.losses
    assert score.rmse == pytest.approx(nixtla.rmse(frame, ["network"])["network"].iloc[0])
    assert score.mae == pytest.approx(nixtla.mae(frame, ["network"])["network"].iloc[0])
    assert score.mape == pytest.approx(100 * nixtla.mape(frame, ["network"])["network"].iloc[0])
    assert score.mase == pytest.approx(nixtla.mase(frame, ["network"], 1, training)["network"].iloc[0])


def test_r2_is_the_part_of_the_last_closes_squared_error_that_is_saved(prices: Prices) -> None:
    actual, closes = prices["open"].to_numpy()[ORIGINS + 1], prices["close"].to_numpy()[ORIGINS]
    half_way = Forecast("network", ((actual + closes) / 2)[:, None])
    naive = Forecast("last_close", closes[:, None])
    scores = by_name(
        score_forecasts(table_of(prices, half_way, naive, origins=ORIGINS), prices["close"], NOTHING),
    )
    assert scores["network"].r2 == pytest.approx(0.75)
    assert scores["last_close"].r2 == 0


def test_without_a_close_r2_is_against_the_last_value(make_ramp) -> None:
    prices = make_ramp(10)
    opens = prices["open"].to_numpy()[[3, 4, 5], None]
    table = table_of(
        prices, Forecast("network", opens + 0.5), Forecast("last_value", opens), origins=np.array([3, 4, 5])
    )
    scores = by_name(score_forecasts(table, None, NOTHING))
    assert (scores["network"].r2, scores["last_value"].r2) == (pytest.approx(0.75), 0)
    alone = score_forecasts(table[table["forecaster"] == "network"], None, NOTHING)
    assert alone[0].r2 is None


def test_a_price_that_came_true_as_the_last_close_gives_no_r2(make_ramp) -> None:
    prices = make_ramp(10).assign(close=5.0, open=5.0)
    table = table_of(prices, Forecast("network", np.full((3, 1), 4.0)), origins=np.array([3, 4, 5]))
    (score,) = score_forecasts(table, prices["close"], NOTHING)
    assert score.r2 is None
    assert (score.majority, score.direction, score.lag) == (1, 0, None)


def test_the_distribution_scores_of_a_forecast_are_those_of_its_quantiles(prices: Prices) -> None:
    actual = prices["open"].to_numpy()[ORIGINS + 1]
    quantiles = actual[:, None, None] + np.linspace(-9, 9, 19)
    (score,) = score_forecasts(
        table_of(prices, Forecast("network", actual[:, None], quantiles), origins=ORIGINS), prices["close"], NOTHING
    )
    assert score.pinball == pytest.approx(score.crps / 2)
    assert score.width90 == pytest.approx(18)
    # A price that is the median is in the tenth of the 20 ranges, which ends there.
    assert score.pit == (*[0] * 9, 20, *[0] * 10)


def test_a_point_forecast_has_no_distribution_scores(prices: Prices, forecast: Forecast) -> None:
    (score,) = score_forecasts(table_of(prices, forecast, origins=ORIGINS), prices["close"], NOTHING)
    assert score.pinball is score.width90 is score.pit is None


def test_a_last_value_that_is_called_network_scores_as_the_last_value_to_the_digit(bundled: Prices) -> None:
    origins = origins_for(bundled, (pd.Timestamp("2017-01-01"), pd.Timestamp("2017-12-31")), 60, 5, read_from=None)
    naive = [each(bundled, "open", origins, 5) for each in naive_forecasters(bundled, "open", 5)]
    table = table_of(bundled, Forecast("network", naive[0].values), *naive, origins=origins)
    yardstick = Yardstick(dict.fromkeys(range(1, 6), "last_close"), {"GOOGL": 3.0})
    scores = score_forecasts(table, bundled["close"], yardstick)
    by_forecaster = {
        name: [{**asdict(score), "forecaster": ""} for score in scores if score.forecaster == name]
        for name in ("network", "last_value")
    }
    assert len(by_forecaster["network"]) == 5
    assert by_forecaster["network"] == by_forecaster["last_value"]
