from __future__ import annotations

import decimal
import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockrnn.errors import PriceDataError
from stockrnn.forecasts.foreign.layouts import ForeignOptions
from stockrnn.forecasts.foreign.reader import read_foreign_forecasts
from stockrnn.forecasts.table import QUANTILE_COLUMNS
from tests.forecasts.foreign.foreign_files import LAYOUTS, known_forecasts
from tests.forecasts.foreign.foreign_reading import read


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


def test_rows_without_a_forecast_are_left_out(prices, days, tmp_path) -> None:
    found = read(pd.DataFrame({"date": days[5:8], "forecast": ["1.5", "", "n/a"]}), prices, tmp_path)
    assert list(found.forecasts["forecast"]) == [1.5]
    assert next(note.rows for note in found.notes if note.code == "no_forecast") == 2


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
