from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
import utilsforecast.losses
from sklearn.metrics import mean_absolute_error, mean_absolute_percentage_error, root_mean_squared_error

from stockrnn.evaluation.metrics import Score, Yardstick, rmse, score_by_year, score_forecasts
from stockrnn.evaluation.quantile_metrics import crps_from_quantiles
from stockrnn.forecasts.baselines import naive_forecasters
from stockrnn.forecasts.table import Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices
from stockrnn.samples.samples import origins_for

NOTHING = Yardstick({}, {})


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


def test_the_pooled_direction_is_tested_by_day(make_prices) -> None:
    prices = make_prices(60, ("AAA", "BBB"))
    origins = np.concatenate([np.arange(10, 59), 60 + np.arange(10, 59)])
    forecast = Forecast("network", prices["open"].to_numpy()[origins + 1, None] * 1.0001)
    pooled, *own = score_forecasts(table_of(prices, forecast, origins=origins), prices["close"], NOTHING)
    assert all(score.direction_p is not None and score.direction_p < 0.01 for score in (pooled, *own))
    assert pooled.direction_p != own[0].direction_p


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
