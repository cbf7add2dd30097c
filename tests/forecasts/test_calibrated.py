from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.forecasts.bands import Bands
from stockrnn.forecasts.calibrated import issued_forecasts, learnt_intervals, with_intervals
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecast, Forecasts, tabulate, tabulate_future
from stockrnn.prices.table import Prices
from stockrnn.samples.volatility import ewma_volatility
from tests.forecasts.walks import part_of, random_walk

COLUMNS = list(QUANTILE_COLUMNS)
both_methods = pytest.mark.parametrize("method", ["split", "adaptive"])


def points(prices: Prices, rows: range, horizon: int, factor: float = 1.0) -> Forecasts:
    """Return a network's forecasts that repeat the last close times a factor."""
    origins = np.array(rows)
    values = np.repeat(factor * prices["close"].to_numpy()[origins, None], horizon, axis=1)
    return tabulate(Forecast("network", values), prices, origins, "close")


def banded(prices: Prices, rows: range, horizon: int) -> Forecasts:
    bands = Bands.fit(prices, "close", "ewma_bands", part_of(prices, 0, 600), horizon)
    origins = np.array(rows)
    return tabulate(bands.forecast(prices, "close", origins, horizon), prices, origins, "close")


def coverage(table: Forecasts) -> pd.Series:
    inside = table["actual"].between(table["q0.05"], table["q0.95"])
    return inside.groupby(table["horizon"]).mean()


@both_methods
@pytest.mark.parametrize("factor", [1.0, 0.9])
def test_intervals_of_point_forecasts_cover_what_they_promise_though_the_points_are_off(method, factor: float) -> None:
    prices = random_walk(4000, seed=1)
    calibration, test = points(prices, range(500, 1900), 3, factor), points(prices, range(2000, 3990), 3, factor)
    table = with_intervals(test, calibration, prices, method)
    np.testing.assert_allclose(coverage(table), 0.9, atol=0.03)
    pd.testing.assert_frame_equal(table.drop(columns=COLUMNS), test.drop(columns=COLUMNS))


@both_methods
def test_intervals_of_a_distribution_correct_its_own_quantiles_or_take_its_points(method) -> None:
    prices = random_walk(4000, seed=2)
    calibration, test = (banded(prices, rows, 2) for rows in (range(700, 1900), range(2000, 3990)))
    for own_quantiles in (True, False):
        table = with_intervals(test, calibration, prices, method, own_quantiles)
        np.testing.assert_allclose(coverage(table), 0.9, atol=0.03)
    taken = with_intervals(test.assign(**dict.fromkeys(COLUMNS, np.nan)), calibration, prices, method, False)
    pd.testing.assert_frame_equal(taken, table)


def test_a_table_becomes_arrays_a_row_a_ticker_and_origin(make_prices) -> None:
    prices = make_prices(60, ("AAA", "BBB"))
    table = tabulate(Forecast("network", np.arange(8.0).reshape(4, 2)), prices, np.array([5, 6, 65, 70]), "open")
    issued = issued_forecasts(table.sample(frac=1, random_state=0), prices)
    order = np.lexsort((issued.origins, issued.forecast[:, 0]))
    np.testing.assert_array_equal(issued.forecast[order], np.maximum(np.arange(8.0).reshape(4, 2), 1e-8))
    np.testing.assert_allclose(issued.volatility[order], ewma_volatility(prices)[[5, 6, 65, 70]])
    np.testing.assert_array_equal(issued.actual[order], prices["open"].to_numpy()[[[6, 7], [7, 8], [66, 67], [71, 72]]])
    assert (issued.sessions > issued.origins[:, None]).all()


def test_forecasts_of_zero_still_get_finite_intervals(make_prices) -> None:
    prices = make_prices(200)
    table = with_intervals(points(prices, range(100, 190), 1, 0.0), points(prices, range(10, 90), 1), prices)
    assert np.isfinite(table[COLUMNS]).all(axis=None)


def future_of(prices: Prices, values: np.ndarray) -> Forecasts:
    sessions = pd.bdate_range(prices.index[-1][1], periods=values.shape[1] + 1)[1:].to_numpy()[None]
    return tabulate_future(Forecast("network", values), prices, np.array([len(prices) - 1]), "close", sessions)


def test_intervals_of_the_days_to_come_widen_with_the_root_of_the_sessions() -> None:
    prices = random_walk(3000, seed=3)
    newest = prices["close"].iloc[-1]
    table, _ = learnt_intervals(
        points(prices, range(1000, 2999), 1), prices, future_of(prices, np.full((1, 9), newest)), prices
    )
    widths = np.log(table["q0.95"] / table["q0.05"]).to_numpy()
    np.testing.assert_allclose(widths / widths[0], np.sqrt(np.arange(1, 10)), rtol=0.05)
    assert widths[0] == pytest.approx(2 * 1.645 * ewma_volatility(prices)[-1], rel=0.15)
    np.testing.assert_array_equal(table["forecast"], newest)


def test_the_days_to_come_may_be_fewer_than_those_of_the_past_and_of_newer_prices() -> None:
    prices = random_walk(1200, seed=4)
    past = points(prices.iloc[:1000], range(300, 990), 5)
    newer = prices.iloc[900:]
    table, _ = learnt_intervals(past, prices.iloc[:1000], future_of(newer, newer[["close"]].to_numpy()[-1:]), newer)
    assert len(table) == 1
    assert table["q0.05"].iloc[0] < table["forecast"].iloc[0] < table["q0.95"].iloc[0]


def test_a_past_without_quantiles_gives_intervals_of_the_points_to_come() -> None:
    prices = random_walk(1200, seed=5)
    future = future_of(prices, prices[["close"]].to_numpy()[-1:])
    with_bands = future.assign(**dict.fromkeys(COLUMNS, 1.0))
    past = points(prices, range(300, 1190), 1)
    expected, _ = learnt_intervals(past, prices, future, prices)
    pd.testing.assert_frame_equal(learnt_intervals(past, prices, with_bands, prices)[0], expected)


def test_the_past_keeps_the_rows_that_had_enough_forecasts_before_them_to_learn_from() -> None:
    prices = random_walk(400, seed=6)
    rows = points(prices, range(100, 390), 3)
    _, past = learnt_intervals(rows, prices, future_of(prices, prices[["close"]].to_numpy()[-1:]), prices)
    # Of horizon h, 19 forecasts are over 18 + h sessions after the first origin.
    for horizon, own in past.groupby("horizon"):
        first = prices.index.get_loc(("AAA", own["origin"].min()))
        assert first == 100 + 18 + horizon
        assert len(own) == 290 - 18 - horizon
    inside = ((past["actual"] >= past["q0.05"]) & (past["actual"] <= past["q0.95"])).mean()
    assert inside == pytest.approx(0.9, abs=0.06)


def test_no_price_after_an_origin_changes_its_interval(make_prices) -> None:
    prices = make_prices(400, ("AAA", "BBB"))
    day = prices.index.get_level_values("session")[300]
    changed = prices.copy()
    changed[prices.index.get_level_values("session") > day] *= 3

    def intervals(given: Prices) -> Forecasts:
        calibration = pd.concat([points(given, range(20, 200), 2), points(given, range(420, 600), 2)])
        test = pd.concat([points(given, range(220, 398), 2), points(given, range(620, 798), 2)])
        return with_intervals(test, calibration, given)

    before, after = intervals(prices), intervals(changed)
    early = (before["origin"] <= day).to_numpy()
    pd.testing.assert_frame_equal(before.loc[early, COLUMNS], after.loc[early, COLUMNS])
    assert not before.loc[~early, COLUMNS].equals(after.loc[~early, COLUMNS])


def test_rows_of_two_forecasters_or_of_unknown_origins_are_refused(make_prices) -> None:
    prices = make_prices(60)
    table = points(prices, range(10, 20), 1)
    with pytest.raises(ValueError, match="one forecaster, found network, drift"):
        issued_forecasts(pd.concat([table, table.assign(forecaster="drift")]), prices)
    with pytest.raises(ValueError, match="not in the prices"):
        issued_forecasts(table, prices.iloc[15:])
