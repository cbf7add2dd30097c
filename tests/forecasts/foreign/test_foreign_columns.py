"""What the columns of foreign forecasts are: models, quantiles, sample paths, the price and what came true."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from stockrnn.errors import PriceDataError
from stockrnn.forecasts.foreign.layouts import ForeignOptions
from stockrnn.forecasts.foreign.reader import read_foreign_forecasts
from stockrnn.forecasts.table import LEVELS, QUANTILE_COLUMNS
from tests.forecasts.foreign.foreign_files import as_nixtla, known_forecasts
from tests.forecasts.foreign.foreign_reading import codes, read


def test_several_models_are_judged_side_by_side(prices, tmp_path) -> None:
    table = known_forecasts(prices)
    frame = as_nixtla(table).assign(LSTM=table["forecast"] + 1, **{"LSTM-lo-90": 1.0, "LSTM-hi-90": 200.0})
    found = read(frame, prices, tmp_path)
    by_name = dict(iter(found.forecasts.groupby("forecaster", sort=False)))
    assert list(by_name) == ["mine", "LSTM"]
    np.testing.assert_array_equal(by_name["LSTM"]["forecast"], table["forecast"] + 1)
    assert (by_name["LSTM"][["q0.05", "q0.95"]] == [1.0, 200.0]).all(axis=None)
    assert by_name["LSTM"]["q0.50"].isna().all()
    assert by_name["mine"]["q0.50"].notna().all()


@pytest.mark.parametrize(
    ("headers", "levels"),
    [
        (("q0.05", "q0.5", "q0.95"), (0.05, 0.5, 0.95)),
        (("q_0.05", "q_0.50", "q_0.95"), (0.05, 0.5, 0.95)),
        (("0.05", "0.5", "0.95"), (0.05, 0.5, 0.95)),
        (("5%", "50%", "95%"), (0.05, 0.5, 0.95)),
        (("q5", "q50", "q95"), (0.05, 0.5, 0.95)),
        (("p05", "median", "p95"), (0.05, 0.5, 0.95)),
        (("quantile_0.05", "quantile_0.5", "quantile_0.95"), (0.05, 0.5, 0.95)),
        (("forecast_q0.05", "forecast-median", "forecast 95%"), (0.05, 0.5, 0.95)),
        (("lower_90", "q0.5", "upper_90"), (0.05, 0.5, 0.95)),
        (("lo-80.0", "median", "hi-80.0"), (0.1, 0.5, 0.9)),
        (("lower_0.8", "median", "upper_0.8"), (0.1, 0.5, 0.9)),
        (("forecast_0.9_lower", "q0.5", "forecast_0.9_upper"), (0.05, 0.5, 0.95)),
        (("CI_lower_90", "q0.5", "CI_upper_90"), (0.05, 0.5, 0.95)),
        (("lower_ci_90", "q0.5", "upper_ci_90"), (0.05, 0.5, 0.95)),
        (("forecast-ql0.025", "forecast-ql0.5", "forecast-ql0.975"), (0.025, 0.5, 0.975)),
    ],
)  # fmt: skip
def test_quantiles_are_told_by_their_headers(prices, days, tmp_path, headers, levels) -> None:
    values = dict(zip(headers, (90.0, 100.0, 110.0), strict=True))
    found = read(pd.DataFrame({"date": days[5:], "forecast": 100.0, **values}), prices, tmp_path)
    assert list(found.quantiles.columns) == list(levels)
    assert (found.quantiles == [90.0, 100.0, 110.0]).all(axis=None)
    assert set(found.forecasts["forecaster"]) == {"f"}


def test_an_interval_of_prophet_is_of_80_per_cent_unless_its_user_says_otherwise(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"ds": days[5:], "yhat": 100.0, "yhat_lower": 90.0, "yhat_upper": 110.0})
    found = read(frame, prices, tmp_path)
    assert list(found.quantiles.columns) == [0.1, 0.9]
    assert "prophet_level" in codes(found)
    assert list(read(frame, prices, tmp_path, level=0.95).quantiles.columns) == [0.025, 0.975]


def test_an_interval_without_a_level_is_left_out_until_it_is_said(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"date": days[5:], "forecast": 100.0, "lower": 90.0, "upper": 110.0})
    found = read(frame, prices, tmp_path)
    assert found.quantiles.shape[1] == 0
    assert "--level" in next(note.text for note in found.notes if note.code == "unknown_level")
    assert (read(frame, prices, tmp_path, level=0.9).forecasts[["q0.05", "q0.95"]] == [90, 110]).all(axis=None)


def test_intervals_below_each_other_are_brought_together(prices, days, tmp_path) -> None:
    rows = [
        {
            "session": day,
            "origin": origin,
            "forecast": 100.0,
            "lower": 100 - level,
            "upper": 100 + level,
            "level": level / 100,
        }
        for origin, day in itertools.pairwise(days[4:10])
        for level in (50.0, 90.0)
    ]
    found = read(pd.DataFrame(rows), prices, tmp_path)
    assert len(found.forecasts) == 5
    assert list(found.quantiles.columns) == [0.05, 0.25, 0.75, 0.95]
    assert (found.quantiles == [10, 50, 150, 190]).all(axis=None)


def test_sample_paths_become_their_quantiles_and_median(prices, days, tmp_path) -> None:
    # 101 samples 0, 1, ... 100 in any order: the quantile at level p is 100 p.
    samples = np.random.default_rng(0).permuted(np.tile(np.arange(101.0), (20, 1)), axis=1)
    frame = pd.DataFrame(samples, columns=[f"close_s{number}" for number in range(101)])
    found = read(frame.assign(time=days[5:25]), prices, tmp_path)
    np.testing.assert_allclose(found.forecasts[list(QUANTILE_COLUMNS)], np.tile(100 * np.array(LEVELS), (20, 1)))
    assert (found.forecasts["forecast"] == 50).all()
    assert set(found.forecasts["target"]) == {"close"}


def test_the_index_of_a_frame_is_its_dates(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"LSTM": 1.0}, index=days[5:10])
    frame.to_csv(tmp_path / "index.csv")
    frame.to_parquet(tmp_path / "index.parquet")
    for name in ("index.csv", "index.parquet"):
        found = read_foreign_forecasts(tmp_path / name, prices, ForeignOptions())
        assert list(found.forecasts["session"]) == list(days[5:10])
        assert set(found.forecasts["forecaster"]) == {"LSTM"}


def test_prices_beside_a_forecast_are_what_came_true(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"Date": days[5:10], "Close": 7.0, "Open": 3.0, "Predictions": 1.0})
    found = read(frame, prices, tmp_path)
    assert set(found.forecasts["forecaster"]) == {"f"}
    assert list(found.said_actual) == [7.0] * 5
    assert list(read(frame, prices, tmp_path, target="open").said_actual) == [3.0] * 5


@pytest.mark.parametrize(
    ("actual", "forecast", "target"),
    [
        ("Open", "Predictions", "open"),
        ("Close", "Predicted", "close"),
        ("High", "yhat", "high"),
        ("Adj Close", "Predictions", "close"),
        ("Actual", "Predicted", None),
        ("Actual Open", "Predicted Open", "open"),
        ("Actual Price", "Predicted Price", None),
        ("Real Stock Price", "Predicted Stock Price", None),
        ("actual_close", "pred_close", "close"),
        ("ActualOpen", "PredictedOpen", "open"),
        ("Open", "Open_Pred", "open"),
        ("y_test", "y_pred", None),
        ("y_true", "y_hat", None),
        ("True Low", "Forecast", "low"),
        ("Open", "LSTM", "open"),
    ],
)
def test_the_price_is_told_by_the_names_of_the_columns(prices, days, tmp_path, actual, forecast, target) -> None:
    frame = pd.DataFrame({"Date": days[5:10], actual: 7.0, forecast: 1.0})
    found = read(frame, prices, tmp_path)
    assert set(found.forecasts["target"]) == {target or "close"}
    assert list(found.said_actual) == [7.0] * 5
    assert list(found.forecasts["forecast"]) == [1.0] * 5
    assert set(found.forecasts["forecaster"]) == {"LSTM" if forecast == "LSTM" else "f"}
    assert [note.code for note in found.notes if note.code == "left_out_columns"] == []


def test_the_user_knows_better_than_the_column_beside(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"Date": days[5:10], "Open": 7.0, "Predictions": 1.0})
    assert set(read(frame, prices, tmp_path, target="close").forecasts["target"]) == {"close"}


def test_forecasts_of_two_prices_beside_each_other_are_chosen_by_the_user(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"Date": days[5:10], "Open": 7.0, "Close": 8.0, "Open Pred": 1.0, "Close Pred": 2.0})
    with pytest.raises(PriceDataError, match="open, close; choose one with --target"):
        read(frame, prices, tmp_path)
    found = read(frame, prices, tmp_path, target="close")
    assert list(found.forecasts["forecast"]) == [2.0] * 5
    assert list(found.said_actual) == [8.0] * 5


def test_a_price_alone_is_the_forecast_of_it(prices, days, tmp_path) -> None:
    found = read(pd.DataFrame({"Date": days[5:10], "Open": 3.0}), prices, tmp_path)
    assert set(found.forecasts["target"]) == {"open"}
    assert list(found.forecasts["forecast"]) == [3.0] * 5
    np.testing.assert_array_equal(found.forecasts["actual"], prices["open"].to_numpy()[5:10])


def test_the_files_target_counts_and_the_users_more(prices, days, tmp_path) -> None:
    table = known_forecasts(prices)
    assert "assumed_target" not in codes(read(table, prices, tmp_path))
    both = pd.concat([table, table.assign(target="open")])
    with pytest.raises(PriceDataError, match="close, open; choose one with --target"):
        read(both, prices, tmp_path)
    assert set(read(both, prices, tmp_path, target="open").forecasts["target"]) == {"open"}
    with pytest.raises(PriceDataError, match="none of high"):
        read(both, prices, tmp_path, target="high")


def test_our_own_naive_forecasters_are_computed_anew(prices, tmp_path) -> None:
    table = known_forecasts(prices)
    naive = table.assign(forecaster="last_close", forecast=0.0)
    found = read(pd.concat([table, naive]), prices, tmp_path)
    assert set(found.forecasts["forecaster"]) == {"mine"}
    with pytest.raises(PriceDataError, match="nothing to judge"):
        read(naive, prices, tmp_path)


def test_somebody_elses_model_may_have_the_name_of_ours(prices, tmp_path) -> None:
    frame = as_nixtla(known_forecasts(prices)).rename(columns=lambda name: name.replace("mine", "drift"))
    assert set(read(frame, prices, tmp_path).forecasts["forecaster"]) == {"drift of the file"}


def test_the_numbers_of_the_rows_are_no_forecaster(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"Unnamed: 0": range(5), "Date": days[5:10], "LSTM": 1.0})
    frame.to_csv(tmp_path / "f.csv")
    found = read_foreign_forecasts(tmp_path / "f.csv", prices, ForeignOptions())
    assert set(found.forecasts["forecaster"]) == {"LSTM"}


def test_the_components_of_a_forecast_are_no_forecasters(prices, days, tmp_path) -> None:
    columns = {"trend": 2.0, "yhat_lower": 0.9, "yhat_upper": 1.1, "trend_lower": 1.9, "trend_upper": 2.1, "yhat": 1.0}
    frame = pd.DataFrame({"ds": days[5:10], **columns})
    for options in ({}, {"level": 0.9}):
        found = read(frame, prices, tmp_path, **options)
        assert set(found.forecasts["forecaster"]) == {"f"}
        assert "unknown_level" not in codes(found)


@pytest.mark.parametrize("name", ["my.model.v2.csv", "my.model.v2.csv.gz", "my.model.v2.parquet"])
def test_a_forecaster_is_called_by_its_file_but_for_the_ending(prices, days, tmp_path, name) -> None:
    found = read(pd.DataFrame({"date": days[5:8], "forecast": 1.0}), prices, tmp_path, name)
    assert set(found.forecasts["forecaster"]) == {"my.model.v2"}


@pytest.mark.parametrize("called", ["{}", "{}_pred", "pred_{}", "{} Forecast", "Predicted {}", "yhat/{}", "Close {}"])
def test_a_column_a_ticker_is_told_by_the_ticker_in_its_name(make_prices, tmp_path, called: str) -> None:
    prices = make_prices(40, ("AAA", "BBB"))
    days = prices.index.get_level_values("session").unique()[5:10]
    frame = pd.DataFrame({"Date": days, called.format("AAA"): 1.0, called.format("bbb"): 2.0})
    found = read(frame, prices, tmp_path)
    assert found.forecasts.groupby("ticker")["forecast"].agg(["min", "max", "size"]).to_numpy().tolist() == [
        [1, 1, 5],
        [2, 2, 5],
    ]
    assert set(found.forecasts["forecaster"]) == {"f"}


@pytest.mark.parametrize("actual", ["{}", "{}_actual", "real {}"])
def test_beside_forecasts_of_tickers_what_came_true_is_no_forecast(make_prices, tmp_path, actual: str) -> None:
    prices = make_prices(40, ("AAA", "BBB"))
    days = prices.index.get_level_values("session").unique()[5:10]
    columns = {f"{name}_forecast": 1.0 for name in ("AAA", "BBB")} | {
        actual.format(name): 3.0 for name in ("AAA", "BBB")
    }
    found = read(pd.DataFrame({"Date": days, **columns}), prices, tmp_path)
    assert set(found.forecasts["forecast"]) == {1.0}
