from __future__ import annotations

import gzip

import pandas as pd
import pytest

from stockrnn.prices.csv_writer import write_prices_csv


def rows(tickers: list[str], sessions: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "volume": 7e9,
            "close": 1.1,
            "open": 100.0,
            "ticker": tickers,
            "session": pd.to_datetime(sessions, format="ISO8601"),
        }
    )


def test_one_ticker_is_written_without_its_name_and_whole_volumes_without_a_point(tmp_path):
    write_prices_csv(rows(["A"], ["2020-01-02"]), tmp_path / "new" / "a.csv")
    assert (tmp_path / "new" / "a.csv").read_bytes() == b"date,open,close,volume\n2020-01-02,100.0,1.1,7000000000\n"


def test_several_tickers_are_named_in_the_first_column_and_times_of_day_are_kept(tmp_path):
    write_prices_csv(rows(["A", "B"], ["2020-01-02", "2020-01-02 09:30"]), tmp_path / "a.csv.gz")
    lines = gzip.decompress((tmp_path / "a.csv.gz").read_bytes()).decode().splitlines()
    assert lines[0] == "ticker,date,open,close,volume"
    assert lines[2].startswith("B,2020-01-02 09:30:00,")


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(OSError, match=r"a\.csv"):
        write_prices_csv(rows(["A"], ["2020-01-02"]), tmp_path / "a.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
