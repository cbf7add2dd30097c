from __future__ import annotations

import pandas as pd
import pytest

from stockrnn.errors import ConfigError, PriceDataError
from stockrnn.prices.table import prices_digest
from stockrnn.prices.ticker_files import TickerFile, read_ticker_files, write_ticker_files

TICKERS = ("AAA", "BBB", "CCC")


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_prices_come_back_as_they_were(make_ramp, tmp_path, scheme):
    prices = make_ramp(20, tickers=TICKERS)
    files = write_ticker_files(prices, f"{scheme}{tmp_path}/prices")
    again = read_ticker_files(files, f"{scheme}{tmp_path}/prices")
    pd.testing.assert_frame_equal(again, prices)
    assert prices_digest(again) == prices_digest(prices)
    assert [file.ticker for file in files] == list(TICKERS)
    assert len(list((tmp_path / "prices").iterdir())) == 3


def test_some_tickers_are_read_without_the_others(make_ramp, tmp_path):
    prices = make_ramp(20, tickers=TICKERS)
    files = write_ticker_files(prices, str(tmp_path))
    (tmp_path / files[0].name).unlink()
    pd.testing.assert_frame_equal(read_ticker_files(files[1:2], str(tmp_path)), prices.loc[["BBB"]])


def test_a_file_that_is_missing_or_another_is_named(make_ramp, tmp_path):
    files = write_ticker_files(make_ramp(20, tickers=TICKERS), str(tmp_path))
    (tmp_path / files[1].name).replace(tmp_path / files[0].name)
    for file in files[:2]:
        with pytest.raises(PriceDataError, match=file.ticker):
            read_ticker_files([file], str(tmp_path))


def test_a_place_that_is_no_storage_is_a_usage_error():
    with pytest.raises(ConfigError, match="s3://bucket"):
        read_ticker_files([TickerFile("A", "0")], "nothing://there")
