from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.forecasts.table import FORECAST_COLUMNS, LEVELS, QUANTILE_COLUMNS, Forecast, tabulate, tabulate_future


def test_the_quantiles_are_19_in_steps_of_a_twentieth() -> None:
    assert len(LEVELS) == len(QUANTILE_COLUMNS) == 19
    np.testing.assert_allclose(LEVELS, np.linspace(0.05, 0.95, 19))
    assert (QUANTILE_COLUMNS[0], QUANTILE_COLUMNS[9], QUANTILE_COLUMNS[-1]) == ("q0.05", "q0.50", "q0.95")


def test_each_row_has_the_origin_the_session_ahead_and_what_came_true(make_ramp) -> None:
    prices = make_ramp(6, ("AAA", "BBB"))
    days = prices.loc["AAA"].index
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    table = tabulate(Forecast("network", values), prices, np.array([2, 9]), "open")
    assert tuple(table.columns) == FORECAST_COLUMNS
    assert table["ticker"].to_list() == ["AAA", "AAA", "BBB", "BBB"]
    assert table["origin"].to_list() == [days[2], days[2], days[3], days[3]]
    assert table["session"].to_list() == [days[3], days[4], days[4], days[5]]
    assert table["horizon"].to_list() == [1, 2, 1, 2]
    assert table["forecast"].to_list() == [1, 2, 3, 4]
    assert table["actual"].to_list() == [1003, 1004, 2004, 2005]
    assert set(table["forecaster"]) == {"network"}
    assert set(table["target"]) == {"open"}
    assert table[list(QUANTILE_COLUMNS)].isna().all(axis=None)


def test_quantiles_stand_in_their_columns(make_ramp) -> None:
    quantiles = np.arange(2 * 1 * 19, dtype=float).reshape(2, 1, 19)
    forecast = Forecast("network", np.ones((2, 1)), quantiles)
    table = tabulate(forecast, make_ramp(6), np.array([2, 3]), "open")
    assert table["q0.05"].to_list() == [0, 19]
    assert table["q0.95"].to_list() == [18, 37]


def test_no_forecast_and_no_quantile_is_below_zero(make_ramp) -> None:
    forecast = Forecast("drift", np.array([[-3.0]]), np.full((1, 1, 19), -1.0))
    table = tabulate(forecast, make_ramp(6), np.array([2]), "open")
    assert table["forecast"].to_list() == [0]
    assert (table[list(QUANTILE_COLUMNS)] == 0).all(axis=None)


def test_what_comes_true_in_the_future_is_not_known(make_ramp) -> None:
    sessions = np.array([["2020-02-03", "2020-02-04"]], dtype="datetime64[s]")
    table = tabulate_future(Forecast("network", np.ones((1, 2))), make_ramp(6), np.array([5]), "open", sessions)
    assert table["session"].to_list() == [pd.Timestamp("2020-02-03"), pd.Timestamp("2020-02-04")]
    assert table["actual"].isna().all()


@pytest.mark.parametrize("horizon", [1, 2])
def test_no_origin_gives_no_row(make_ramp, horizon: int) -> None:
    none = np.array([], dtype=np.int64)
    table = tabulate(Forecast("network", np.empty((0, horizon))), make_ramp(6), none, "open")
    assert len(table) == 0
    assert tuple(table.columns) == FORECAST_COLUMNS
