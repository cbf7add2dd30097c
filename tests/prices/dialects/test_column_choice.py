"""Which columns of a table are used, and which names are no names of prices at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from stockrnn.errors import PriceDataError
from tests.prices.csv_texts import read

DAYS = ("2017-01-02", "2017-01-03")


def table(header: str, *cells: str) -> str:
    return "\n".join([header, *(f"{day},{one}" for day, one in zip(DAYS, cells, strict=True))])


def test_words_for_missing_numbers_are_tickers_in_a_column_of_tickers(tmp_path: Path) -> None:
    names = ["NA", "X", "NAN", "NULL", "TRUE", "A"]
    rows = [f"{day},{name},1.5" for name in names for day in DAYS]
    assert list(read(tmp_path, "\n".join(["Date,Ticker,Close", *rows])).prices.index.unique(0)) == sorted(names)


@pytest.mark.parametrize("cell", ["", "-", "nan", "null", "#N/A"])
def test_a_row_without_a_ticker_among_tickers_is_refused(tmp_path: Path, cell: str) -> None:
    with pytest.raises(PriceDataError, match="row 3: no ticker in column 'Ticker', but prices"):
        read(tmp_path, f"Date,Ticker,Close\n2017-01-02,A,1.5\n2017-01-02,{cell},1.6\n2017-01-03,A,1.5\n")


def test_a_single_letter_is_a_price_only_among_its_sisters(tmp_path: Path) -> None:
    wide = read(tmp_path, table("Date,T,F,C,V", "1.5,2.5,3.5,4.5", "1.5,2.5,3.5,4.5")).prices
    assert wide["close"].groupby("ticker").first().to_dict() == {"T": 1.5, "F": 2.5, "C": 3.5, "V": 4.5}
    bars = read(tmp_path, table("t,o,h,l,c,v", "2,3,1,2.5,700", "2,3,1,2.5,700")).prices
    assert bars.iloc[0].to_dict() == {"open": 2, "high": 3, "low": 1, "close": 2.5, "volume": 700}


@pytest.mark.parametrize("names", ["אבג,דהו", "一二,三四", "اسم,شيء", "ชื่อ,คำ"])
def test_unknown_words_in_scripts_without_capitals_are_no_tickers(tmp_path: Path, names: str) -> None:
    with pytest.raises(PriceDataError, match=r"no price column; found Date, .* --columns close=\*"):
        read(tmp_path, table(f"Date,{names}", "1.5,2.5", "1.25,2.25"))


def test_a_close_that_nobody_knows_is_noted(tmp_path: Path) -> None:
    text = table("Date,Open,High,Low,Foo", "2,3,1,2.5", "2,3,1,2.5")
    notes = read(tmp_path, text).notes
    assert [note.code for note in notes] == ["no_close"]
    assert "there is Foo; name it with --columns close=NAME" in notes[0].text
    adjusted = read(tmp_path, table("Date,Open,High,Low,Adj Close", "2,3,1,2.5", "2,3,1,2.5"))
    assert "there is Adj Close" in adjusted.notes[0].text
    assert list(read(tmp_path, text, columns={"close": "Foo"}).prices["close"]) == [2.5, 2.5]


def test_a_volume_of_nothing_but_zeros_gives_way_to_another_one(tmp_path: Path) -> None:
    found = read(tmp_path, table("<DATE>,<CLOSE>,<TICKVOL>,<VOL>", "1.5,700,0", "1.6,800,0"))
    assert list(found.prices["volume"]) == [700, 800]
    assert list(read(tmp_path, table("Date,Close,Volume", "1.5,0", "1.6,0")).prices["volume"]) == [0, 0]


@pytest.mark.parametrize(("one", "other"), [("Open", "Open"), ("High", "High.1"), ("Close", "Close.1")])
def test_two_columns_of_one_name_that_differ_are_asked_about(tmp_path: Path, one: str, other: str) -> None:
    role = one.lower()
    with pytest.raises(PriceDataError, match=f"could each be the {role}; say which with --columns {role}="):
        read(tmp_path, table(f"Date,{one},{other}", "1.5,2.5", "1.5,2.5"))
    assert read(tmp_path, table(f"Date,{one},{other}", "1.5,1.5", "2.5,2.5")).prices.shape == (2, 1)
    named = read(tmp_path, table(f"Date,{one},{other}", "1.5,2.5", "1.5,2.5"), columns={role: other})
    assert named.prices[role].iloc[0] == (2.5 if other.endswith(".1") else 1.5)


def test_last_prices_below_a_row_of_tickers_are_theirs(tmp_path: Path) -> None:
    text = ",AAPL US Equity,,MSFT US Equity,\n" + table(
        "Dates,PX_LAST,PX_VOLUME,PX_LAST,PX_VOLUME", "1,70,2,80", "1,70,2,80"
    )
    assert read(tmp_path, text).prices["close"].groupby("ticker").first().to_dict() == {
        "AAPL US Equity": 1,
        "MSFT US Equity": 2,
    }


def test_a_unit_in_brackets_is_no_ticker(tmp_path: Path) -> None:
    for unit in ("GBX", "KRW", "USD"):
        assert list(read(tmp_path, table(f"Date,Price ({unit})", "1.5", "1.6")).prices.index.unique(0)) == ["X"]


def test_a_security_number_that_begins_like_a_currency_is_no_price(tmp_path: Path) -> None:
    rows = [f"FR0000120073;{day};1,5;1,7;1,4;1,6;700" for day in ("02/01/17", "13/01/17")]
    prices = read(tmp_path, "\n".join(rows)).prices
    assert list(prices.index.unique(0)) == ["FR0000120073"]
    assert prices.iloc[0].to_dict() == {"open": 1.5, "high": 1.7, "low": 1.4, "close": 1.6, "volume": 700}


@pytest.mark.parametrize("number", ["17168", "737061", "2457756.5"])
def test_other_counts_of_days_are_not_read_as_a_spreadsheet_s(tmp_path: Path, number: str) -> None:
    later = number.replace("6.5", "7.5") if "." in number else str(int(number) + 1)
    with pytest.raises(PriceDataError, match=f"cannot be read, such as '{number}'"):
        read(tmp_path, f"Date,Close\n{number},1.5\n{later},1.6\n")
