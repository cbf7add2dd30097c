"""Price CSVs and what lies beside them."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest

from stockrnn.errors import ConfigError
from stockrnn.prices.yahoo.file_names import file_stem
from stockrnn.prices.yahoo.price_file import (
    calendar_recorded_for,
    check_replaceable,
    metadata_path,
    read_metadata,
    write_price_file,
)


def prices(sessions: list[str]) -> pd.DataFrame:
    rows = {"open": 0.1 + 0.2, "high": 1234.5678901, "low": 1e-7, "close": 100.0, "volume": 123456789012.0}
    return pd.DataFrame(rows, index=pd.DatetimeIndex(sessions, name="session"))


def test_the_csv_has_the_header_of_the_contract_and_readable_numbers(tmp_path):
    digest = write_price_file(tmp_path / "a.csv", prices(["2017-01-03"]), {"calendar": "XNYS"})
    content = (tmp_path / "a.csv").read_bytes()
    assert content == b"date,open,high,low,close,volume\n2017-01-03,0.3,1234.56789,1e-07,100,123456789012\n"
    assert digest == hashlib.sha256(content).hexdigest()


def test_intraday_sessions_keep_their_time(tmp_path):
    write_price_file(tmp_path / "a.csv", prices(["2017-01-03 00:00", "2017-01-03 09:30"]), {})
    assert "2017-01-03 09:30:00," in (tmp_path / "a.csv").read_text()


def test_a_missing_number_is_an_empty_cell(tmp_path):
    write_price_file(tmp_path / "a.csv", prices(["2017-01-03"]).assign(volume=np.nan), {})
    assert (tmp_path / "a.csv").read_text().endswith(",100,\n")


def test_the_calendar_is_found_until_the_csv_changes(tmp_path):
    path = tmp_path / "a.csv"
    write_price_file(path, prices(["2017-01-03"]), {"calendar": "XTKS"})
    assert calendar_recorded_for(path) == calendar_recorded_for(str(path)) == "XTKS"
    path.write_text(path.read_text() + "2017-01-04,1,1,1,1,1\n")
    assert calendar_recorded_for(path) is None


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b'{"sha256": 3}', b"\xff\xfe"])
def test_a_damaged_record_is_no_record(tmp_path, content):
    (tmp_path / "a.csv").write_text("x")
    metadata_path(tmp_path / "a.csv").write_bytes(content)
    assert read_metadata(tmp_path / "a.csv") is None
    assert calendar_recorded_for(tmp_path / "missing.csv") is None


def test_only_a_file_that_is_ours_may_be_replaced(tmp_path):
    path = tmp_path / "a.csv"
    check_replaceable(path)
    write_price_file(path, prices(["2017-01-03"]), {})
    check_replaceable(path)
    path.write_text("date,close\n2017-01-03,1\n")
    with pytest.raises(ConfigError, match="--force"):
        check_replaceable(path)


def test_nothing_but_the_two_files_is_left_behind(tmp_path):
    write_price_file(tmp_path / "a.csv", prices(["2017-01-03"]), {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.csv.meta.json"]


@pytest.mark.parametrize(
    ("ticker", "stem"),
    [
        ("^GSPC", "^GSPC"), ("BRK-B", "BRK-B"), ("EURUSD=X", "EURUSD=X"), ("7203.T", "7203.T"), ("M&M.NS", "M&M.NS"),
        ("CON", "CON_"), ("CON.DE", "CON_.DE"), ("AUX", "AUX_"), ("COM1", "COM1_"), ("LPT9.L", "LPT9_.L"),
        ("CONN", "CONN"), ("BRK/B", "BRK%2fB"), ("A:B", "A%3aB"), ("ABC.", "ABC%2e"), ("../X", "..%2fX"),
    ],
)  # fmt: skip
def test_a_ticker_becomes_a_name_that_every_system_accepts(ticker, stem):
    assert file_stem(ticker) == stem
