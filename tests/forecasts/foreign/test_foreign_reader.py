from __future__ import annotations

import decimal
import gzip
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockrnn.errors import PriceDataError
from stockrnn.forecasts.baselines import BASELINES
from stockrnn.forecasts.foreign.layouts import ForeignOptions
from stockrnn.forecasts.foreign.placing import ForeignForecasts
from stockrnn.forecasts.foreign.reader import read_foreign_forecasts
from stockrnn.forecasts.table import LEVELS, QUANTILE_COLUMNS
from stockrnn.prices.table import Prices
from tests.forecasts.foreign.foreign_files import LAYOUTS, as_nixtla, known_forecasts, write


def read(frame: pd.DataFrame, prices: Prices, folder: Path, name: str = "f.csv", **options) -> ForeignForecasts:
    return read_foreign_forecasts(write(frame, folder / name), prices, ForeignOptions(**options), BASELINES)


def codes(found: ForeignForecasts) -> set[str]:
    return {note.code for note in found.notes}


@pytest.fixture
def prices(make_prices) -> Prices:
    return make_prices(40)


@pytest.fixture
def days(prices: Prices) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(prices.index.get_level_values("session"))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("tickers", [("AAA",), ("AAA", "BBB", "CCC")])
def test_forecasts_come_back_from_every_layout_as_they_were(make_prices, tmp_path, layout, tickers, ending) -> None:
    prices = make_prices(40, tickers)
    table = known_forecasts(prices)
    found = read(LAYOUTS[layout](table), prices, tmp_path, f"f.{ending}")
    same = found.forecasts.assign(forecaster="mine")
    pd.testing.assert_frame_equal(same, table, check_exact=True, check_dtype=False)
    np.testing.assert_array_equal(found.quantiles.to_numpy(), table[list(QUANTILE_COLUMNS)].to_numpy())


@settings(max_examples=25, deadline=None)
@given(
    layout=st.sampled_from(["ours", "plain", "nixtla"]),
    horizon=st.integers(1, 6),
    rows=st.integers(1, 12),
    count=st.integers(1, 3),
    seed=st.integers(0, 2**16),
    ending=st.sampled_from(["csv", "parquet", "csv.gz"]),
)
def test_forecasts_of_any_horizon_come_back_in_any_order(
    make_prices, tmp_path_factory, layout, horizon, rows, count, seed, ending
) -> None:
    prices = make_prices(40, ("AAA", "BBB", "CCC")[:count], seed=seed)
    table = known_forecasts(prices, horizon, rows, seed)
    shuffled = LAYOUTS[layout](table).sample(frac=1, random_state=seed)
    found = read(shuffled, prices, tmp_path_factory.mktemp("any"), f"f.{ending}")
    same = found.forecasts.assign(forecaster="mine")
    pd.testing.assert_frame_equal(same, table, check_exact=True, check_dtype=False)


def test_without_an_origin_it_is_so_many_sessions_before(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"date": days[10:20], "prediction": 50.0})
    for horizon in (1, 4):
        found = read(frame, prices, tmp_path, horizon=horizon)
        assert list(found.forecasts["origin"]) == list(days[10 - horizon : 20 - horizon])
        assert set(found.forecasts["horizon"]) == {horizon}
        assert "assumed_horizon" in codes(found)


def test_a_horizon_of_the_file_places_its_origins(prices, days, tmp_path) -> None:
    found = read(pd.DataFrame({"ds": days[[20, 20]], "h": [2, 5], "yhat": [1.0, 2.0]}), prices, tmp_path)
    assert list(found.forecasts["origin"]) == [days[15], days[18]]
    assert list(found.forecasts["forecast"]) == [2.0, 1.0]


def test_a_horizon_that_origin_and_session_contradict_is_told(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"ds": days[[20, 21]], "cutoff": days[[18, 20]], "h": [3, 1], "yhat": 1.0})
    found = read(frame, prices, tmp_path)
    assert [(note.code, note.rows) for note in found.notes if note.code == "other_horizon"] == [("other_horizon", 1)]
    assert list(found.forecasts["horizon"]) == [2, 1]


def test_negative_prices_are_set_to_nothing_and_counted(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"ds": days[20:23], "cutoff": days[19:22], "yhat": [-1.0, 1.0, 2.0], "q0.5": [1.0, -3.0, 2.0]})
    found = read(frame, prices, tmp_path)
    assert [note.rows for note in found.notes if note.code == "negative_forecasts"] == [2]
    assert list(found.forecasts["forecast"]) == [0.0, 1.0, 2.0]


def test_one_origin_can_be_named_for_the_whole_file(prices, days, tmp_path) -> None:
    found = read(pd.DataFrame({"ds": days[20:25], "yhat": 1.0}), prices, tmp_path, origin=days[19])
    assert list(found.forecasts["horizon"]) == [1, 2, 3, 4, 5]
    assert "assumed_horizon" not in codes(found)


def test_an_origin_on_a_day_without_trading_is_the_session_before(prices, days, tmp_path) -> None:
    friday = next(day for day in days[5:] if day.dayofweek == 4)
    frame = pd.DataFrame(
        {"ds": [friday + pd.Timedelta(days=3)], "cutoff": [friday + pd.Timedelta(days=1)], "yhat": 1.0}
    )
    found = read(frame, prices, tmp_path)
    assert list(found.forecasts["origin"]) == [friday]
    assert list(found.forecasts["horizon"]) == [1]


def test_a_forecast_made_on_its_own_session_is_left_out(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"ds": days[20:22], "cutoff": [days[20], days[20]], "yhat": 1.0})
    found = read(frame, prices, tmp_path)
    assert list(found.forecasts["session"]) == [days[21]]
    assert "made_afterwards" in codes(found)


@pytest.mark.parametrize(
    "written", ["%Y-%m-%d 16:00:00", "%Y-%m-%dT00:00:00-05:00", "%Y-%m-%dT23:30:00Z", "%m/%d/%Y", "%d %b %Y"]
)
def test_a_day_is_a_day_however_it_is_written(prices, days, tmp_path, written) -> None:
    frame = pd.DataFrame({"date": days[5:30].strftime(written), "forecast": 1.0})
    assert list(read(frame, prices, tmp_path).forecasts["session"]) == list(days[5:30])


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_a_zoned_time_in_parquet_is_its_own_date(prices, days, tmp_path, zone) -> None:
    frame = pd.DataFrame({"date": (days[5:30] + pd.Timedelta(hours=23)).tz_localize(zone), "forecast": 1.0})
    assert list(read(frame, prices, tmp_path, "f.parquet").forecasts["session"]) == list(days[5:30])


def test_days_without_a_price_are_left_out_and_counted(prices, days, tmp_path) -> None:
    calendar = pd.date_range(days[20], days[-1] + pd.Timedelta(days=3))
    found = read(pd.DataFrame({"date": calendar, "forecast": 1.0}), prices, tmp_path)
    assert list(found.forecasts["session"]) == list(days[20:])
    (note,) = [note for note in found.notes if note.code == "sessions_without_prices"]
    assert note.rows == len(calendar) - 20
    assert "3 of them after the last price" in note.text


def test_with_no_day_left_it_is_an_error(prices, days, tmp_path) -> None:
    with pytest.raises(PriceDataError, match=r"nothing left to judge.*after the last price"):
        read(pd.DataFrame({"date": days + pd.Timedelta(days=365), "forecast": 1.0}), prices, tmp_path)


def test_tickers_match_in_any_case_and_others_are_left_out(make_prices, tmp_path) -> None:
    prices = make_prices(40, ("AAA", "BBB"))
    table = known_forecasts(prices).assign(ticker=lambda frame: frame["ticker"].map({"AAA": "aaa", "BBB": "other"}))
    found = read(table, prices, tmp_path)
    assert set(found.forecasts["ticker"]) == {"AAA"}
    assert "other" in next(note.text for note in found.notes if note.code == "unknown_tickers")


def test_the_one_ticker_of_both_is_the_same_whatever_it_is_called(prices, tmp_path) -> None:
    found = read(known_forecasts(prices).assign(ticker="Alphabet"), prices, tmp_path)
    assert set(found.forecasts["ticker"]) == {"AAA"}


def test_a_file_without_tickers_needs_one_where_the_prices_have_several(make_prices, tmp_path) -> None:
    prices = make_prices(40, ("AAA", "BBB"))
    frame = known_forecasts(prices).query("ticker == 'BBB'")[["session", "forecast"]]
    with pytest.raises(PriceDataError, match="--ticker"):
        read(frame, prices, tmp_path)
    assert set(read(frame, prices, tmp_path, ticker="bbb").forecasts["ticker"]) == {"BBB"}


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


def test_rows_without_a_forecast_are_left_out(prices, days, tmp_path) -> None:
    found = read(pd.DataFrame({"date": days[5:8], "forecast": ["1.5", "", "n/a"]}), prices, tmp_path)
    assert list(found.forecasts["forecast"]) == [1.5]
    assert next(note.rows for note in found.notes if note.code == "no_forecast") == 2


def test_numbers_of_other_countries_are_read(prices, days, tmp_path) -> None:
    lines = [f"{day:%Y-%m-%d};{text}" for day, text in zip(days[5:8], ("1.234,5", "999,25", "7"), strict=True)]
    (tmp_path / "f.csv").write_text("\n".join(["date;forecast", *lines]))
    found = read_foreign_forecasts(tmp_path / "f.csv", prices, ForeignOptions())
    assert list(found.forecasts["forecast"]) == [1234.5, 999.25, 7.0]
    lines = [f'{day:%Y-%m-%d},"{text}"' for day, text in zip(days[5:8], ("1,234.5", "999.25", "7"), strict=True)]
    (tmp_path / "f.csv").write_text("\n".join(["date,forecast", *lines]))
    assert list(read_foreign_forecasts(tmp_path / "f.csv", prices, ForeignOptions()).forecasts["forecast"]) == [1234.5, 999.25, 7.0]  # fmt: skip


def test_a_forecast_below_zero_is_zero(prices, days, tmp_path) -> None:
    assert (
        read(pd.DataFrame({"date": days[5:8], "forecast": -1.0}), prices, tmp_path).forecasts["forecast"] == 0
    ).all()


def test_rows_that_repeat_are_one_and_rows_that_differ_are_refused(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"date": days[[5, 6, 6]], "forecast": [1.0, 2.0, 2.0]})
    found = read(frame, prices, tmp_path)
    assert list(found.forecasts["forecast"]) == [1.0, 2.0]
    assert "repeated_rows" in codes(found)
    with pytest.raises(PriceDataError, match=r"2 rows give different forecasts.*origin or horizon"):
        read(frame.assign(forecast=[1.0, 2.0, 3.0]), prices, tmp_path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"hello\nworld\n", "no table"),
        (b"date,forecast\n", "no rows"),
        (b"a,b\n1,2\n3,4\n", "no column of dates; found a, b; expected"),
        (b"date,note\n2020-01-02,x\n", "no column of forecasts; found date, note; expected"),
        (b"date,forecast\n2020-01-02,x\nsoon,3\n", "column 'date': 1 cell that cannot be read as a date.*'soon'"),
        (b"PAR1 and then nothing", "a Parquet file that cannot be read"),
        (b"\x1f\x8b and then nothing", "compressed file is damaged"),
        (b"\x00\x01\x02\x03\x04", "binary data"),
        (b"date,forecast\n2020-01-02,1\n2020-01-03,1,2,3\n", "no table"),
    ],
)
def test_a_file_that_is_none_is_told_in_one_line(prices, tmp_path, content, expected) -> None:
    (tmp_path / "f.csv").write_bytes(content)
    with pytest.raises(PriceDataError, match=expected) as caught:
        read_foreign_forecasts(tmp_path / "f.csv", prices, ForeignOptions())
    assert "\n" not in str(caught.value)
    assert str(tmp_path / "f.csv") in str(caught.value)


def test_a_missing_file_and_a_folder_are_told(prices, tmp_path) -> None:
    for path, expected in ((tmp_path / "none.csv", "no such file"), (tmp_path, "this is a folder")):
        with pytest.raises(PriceDataError, match=expected):
            read_foreign_forecasts(path, prices, ForeignOptions())


def test_a_compressed_csv_is_read_like_a_csv(prices, days, tmp_path) -> None:
    text = "date,forecast\n" + "".join(f"{day:%Y-%m-%d},1.5\n" for day in days[5:9])
    (tmp_path / "f.csv.gz").write_bytes(gzip.compress(text.encode()))
    assert len(read_foreign_forecasts(tmp_path / "f.csv.gz", prices, ForeignOptions()).forecasts) == 4


def test_columns_of_any_type_in_parquet_are_read(prices, days, tmp_path) -> None:
    frame = pd.DataFrame(
        {
            "symbol": pd.Categorical(["aaa"] * 5),
            "day": [day.date() for day in days[5:10]],
            "cutoff": [int(f"{day:%Y%m%d}") for day in days[4:9]],
            "prediction": [decimal.Decimal("1.25")] * 5,
            "q0.5": np.array([1.25] * 5, dtype="float32"),
            "ok": [True] * 5,
        }
    )
    found = read(frame, prices, tmp_path, "f.parquet")
    assert list(found.forecasts["session"]) == list(days[5:10])
    assert list(found.forecasts["origin"]) == list(days[4:9])
    assert (found.forecasts[["forecast", "q0.50"]] == 1.25).all(axis=None)


def test_a_message_stays_one_line_whatever_the_cells_hold(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"date": days[5:8], "forecast": 1.0, "target": ["open", "close\nand " + "more" * 50, "x"]})
    with pytest.raises(PriceDataError) as caught:
        read(frame, prices, tmp_path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def written(prices: Prices, folder: Path, text: str, encoding: str = "utf-8", **options) -> ForeignForecasts:
    (folder / "f.csv").write_bytes(text.encode(encoding))
    return read_foreign_forecasts(folder / "f.csv", prices, ForeignOptions(**options))


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (("$1,750.20", "$751.00"), (1750.2, 751.0)),
        (("1'750.20", "751.00"), (1750.2, 751.0)),
        (("1 750.20", "751.00 USD"), (1750.2, 751.0)),
        (("1.5e2", "7.51E+02"), (150.0, 751.0)),
    ],
)
def test_numbers_are_read_as_people_write_them(prices, days, tmp_path, cells, numbers) -> None:
    lines = [f"{day:%Y-%m-%d}\t{cell}" for day, cell in zip(days[5:7], cells, strict=True)]
    found = written(prices, tmp_path, "\n".join(["date\tforecast", *lines]))
    assert tuple(found.forecasts["forecast"]) == numbers


@pytest.mark.parametrize(
    ("preface", "header"),
    [
        ("sep=;\r\n", "Date;Prediction"),
        ("# by hand\r\n#\r\n", "Date;Prediction"),
        ("\ufeff", "Date;Prediction"),
        ("", ""),
    ],
)
def test_a_spreadsheet_with_decimal_commas_is_read_whatever_stands_above(
    prices, days, tmp_path, preface, header
) -> None:
    lines = [f"{day:%d.%m.%Y};{100 + place},250" for place, day in enumerate(days[5:30])]
    found = written(prices, tmp_path, preface + "\r\n".join([*([header] if header else []), *lines]) + "\r\n")
    assert list(found.forecasts["forecast"]) == [100.25 + place for place in range(25)]
    assert list(found.forecasts["session"]) == list(days[5:30])
    assert set(found.forecasts["forecaster"]) == {"f"}


def test_the_user_says_what_a_comma_is(prices, days, tmp_path) -> None:
    text = f'date,forecast\n{days[5]:%Y-%m-%d},"101,250"\n'
    assert list(written(prices, tmp_path, text, decimal=",").forecasts["forecast"]) == [101.25]
    assert list(written(prices, tmp_path, text, decimal=".").forecasts["forecast"]) == [101250.0]


def test_numbers_beyond_all_prices_are_no_forecasts(prices, days, tmp_path) -> None:
    found = read(pd.DataFrame({"date": days[5:9], "forecast": [1.5, 2.0, 1e300, np.inf]}), prices, tmp_path)
    assert list(found.forecasts["forecast"]) == [1.5, 2.0]


def test_a_header_of_several_rows_is_read(prices, days, tmp_path) -> None:
    # As pandas writes a frame of sktime's intervals, with and without a name of the index.
    for name in (None, "Date"):
        frame = pd.DataFrame(
            {("Close", 0.9, "lower"): 90.0, ("Close", 0.9, "upper"): 110.0},
            index=pd.DatetimeIndex(days[5:9], name=name),
        )
        frame.to_csv(tmp_path / "sktime.csv")
        frame.to_parquet(tmp_path / "sktime.parquet")
        for file in ("sktime.csv", "sktime.parquet"):
            found = read_foreign_forecasts(tmp_path / file, prices, ForeignOptions())
            assert list(found.forecasts["session"]) == list(days[5:9])
            assert list(found.quantiles.columns) == [0.05, 0.95]
            assert list(found.forecasts["forecast"]) == [100.0] * 4


def test_per_cent_are_no_prices(prices, days, tmp_path) -> None:
    with pytest.raises(PriceDataError, match=r"Prediction is in per cent.*1 \+ return"):
        read(pd.DataFrame({"date": days[5:8], "Prediction": ["1.5%", "-0.2%", "0.1 %"]}), prices, tmp_path)
    found = read(pd.DataFrame({"date": days[5:8], "LSTM": 1.0, "Error": ["1.5%", "-0.2%", "0.1 %"]}), prices, tmp_path)
    assert set(found.forecasts["forecaster"]) == {"LSTM"}


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


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.tile([0.01, -0.02], 10), "returns or differences"),
        (np.tile([1.2, -0.7], 10), "returns or differences"),
        (np.tile([1.0, -1.0], 10), "directions"),
        (np.full(20, -100.0), "is their sign wrong"),
    ],
)
def test_what_has_a_sign_is_no_price(prices, days, tmp_path, values, words: str) -> None:
    with pytest.raises(PriceDataError, match=f"the forecasts of f are no prices: .*{words}"):
        read(pd.DataFrame({"date": days[5:25], "Prediction": values}), prices, tmp_path)


def test_a_bad_forecast_of_a_price_may_be_below_zero(prices, days, tmp_path) -> None:
    # As a straight line is that goes on falling.
    found = read(pd.DataFrame({"date": days[5:25], "Prediction": np.linspace(100, -50, 20)}), prices, tmp_path)
    assert "negative_forecasts" in codes(found)


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


def of_periods(prices: Prices, days: pd.DatetimeIndex) -> Prices:
    """Return the prices with one bar a day of `days`."""
    count = len(days)
    return prices.iloc[:count].set_index(pd.MultiIndex.from_product([["AAA"], days], names=["ticker", "session"]))


@pytest.mark.parametrize(
    ("ours", "theirs"), [("W-FRI", "W-MON"), ("MS", "ME"), ("ME", "MS"), ("MS", "BME"), ("QS", "QE"), ("QE", "QS")]
)
def test_weeks_and_months_are_the_same_whatever_their_days(prices, tmp_path, ours: str, theirs: str) -> None:
    days = pd.date_range("2010-01-05", periods=41, freq=ours)
    frequency = {"W": "W-SUN", "M": "M", "Q": "Q", "B": "M"}[theirs[0]]
    others = pd.date_range("2010-01-01", periods=60, freq=theirs)
    by_period = pd.Series(others, others.to_period(frequency))
    bars = of_periods(prices, days[:40])
    session, origin = (
        by_period[days[places].to_period(frequency)].to_numpy() for places in (slice(10, 20), slice(8, 18))
    )
    found = read(pd.DataFrame({"date": session, "origin": origin, "forecast": 1.0}), bars, tmp_path)
    assert list(found.forecasts["session"]) == list(days[10:20])
    assert list(found.forecasts["origin"]) == list(days[8:18])
    assert "other_dates" in codes(found)


def test_days_are_not_taken_for_the_weeks_that_they_lie_in(prices, tmp_path) -> None:
    weeks = pd.date_range("2010-01-01", periods=40, freq="W-FRI")
    frame = pd.DataFrame({"date": pd.bdate_range(weeks[10], weeks[20]), "forecast": 1.0})
    found = read(frame, of_periods(prices, weeks), tmp_path)
    assert list(found.forecasts["session"]) == list(weeks[10:21])
    assert "other_dates" not in codes(found)
