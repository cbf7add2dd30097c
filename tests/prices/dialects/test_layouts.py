"""Tables of one ticker, of several side by side, and of several one below the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stockrnn.errors import PriceDataError
from stockrnn.prices.read_options import ReadOptions
from stockrnn.prices.reader import read_prices, read_prices_with_notes, read_rows
from tests.prices.dialect_writer import prices

TABLES = {"MSFT": prices(30, 1), "AAPL": prices(30, 2), "BRK-B": prices(30, 3)}
NAMES = {"open": "Open", "high": "High", "low": "Low", "close": "Close", "volume": "Volume"}
EXPECTED = pd.concat(TABLES, names=["ticker", "session"]).sort_index()


def check(path: Path, expected: pd.DataFrame = EXPECTED) -> None:
    found = read_prices(path)
    assert found.index.names == ["ticker", "session"]
    pd.testing.assert_frame_equal(found, expected, check_index_type=False, rtol=1e-12, check_freq=False)


def wide(levels: tuple[str, str]) -> pd.DataFrame:
    """Return the frame that yfinance gives for several tickers: two levels of columns."""
    table = pd.concat(
        {name: one.rename(columns=NAMES) for name, one in TABLES.items()}, axis=1, names=["Ticker", "Price"]
    )
    return table.swaplevel(axis=1).sort_index(axis=1) if levels == ("Price", "Ticker") else table


@pytest.mark.parametrize("levels", [("Price", "Ticker"), ("Ticker", "Price")], ids=["price first", "ticker first"])
@pytest.mark.parametrize(
    "names",
    [("with", "with"), ("without", "with"), ("without", "without")],
    ids=["both named", "index named", "nameless"],
)
def test_the_two_header_rows_of_several_tickers_are_read_in_both_orders(
    tmp_path: Path, levels: tuple[str, str], names: tuple[str, str]
) -> None:
    table = wide(levels).rename_axis(index="Date" if names[1] == "with" else None)
    if names[0] == "without":
        table = table.rename_axis(columns=[None, None])
    table.to_csv(tmp_path / "many.csv")
    check(tmp_path / "many.csv")
    table.to_csv(tmp_path / "many.csv", sep=";", decimal=",")
    check(tmp_path / "many.csv")
    table.to_parquet(tmp_path / "many.parquet")
    check(tmp_path / "many.parquet")


def test_two_header_rows_saved_a_second_time_are_read(tmp_path: Path) -> None:
    wide(("Price", "Ticker")).rename_axis(index="Date").to_csv(tmp_path / "once.csv")
    pd.read_csv(tmp_path / "once.csv").to_csv(tmp_path / "twice.csv")
    check(tmp_path / "twice.csv")
    pd.read_csv(tmp_path / "once.csv").to_csv(tmp_path / "thrice.csv", index=False)
    check(tmp_path / "thrice.csv")


def test_two_header_rows_of_one_ticker_are_read(tmp_path: Path) -> None:
    table = pd.concat({"AAPL": TABLES["AAPL"].rename(columns=NAMES)}, axis=1, names=["Ticker", "Price"])
    for one in (table, table.swaplevel(axis=1)):
        one.rename_axis(index="Date").to_csv(tmp_path / "one.csv")
        check(tmp_path / "one.csv", EXPECTED.loc[["AAPL"]])


def test_merged_ticker_cells_stand_for_the_columns_to_their_right(tmp_path: Path) -> None:
    text = wide(("Ticker", "Price")).rename_axis(index="Date", columns=[None, None]).to_csv()
    first, *rest = text.splitlines()
    cells, last = [], ""
    for cell in first.split(","):
        cells.append("" if cell == last else cell)
        last = cell
    (tmp_path / "merged.csv").write_text("\n".join([",".join(cells), *rest]))
    check(tmp_path / "merged.csv")


@pytest.mark.parametrize("name", ["{ticker}.{role}", "{ticker} {role}", "{ticker}_{role}", "{role}_{ticker}", "{role} {ticker}", "{role}.{ticker}",
                                  "('{role}', '{ticker}')", "('{ticker}', '{role}')", "{role} ({ticker})", "{ticker}|{role}"])  # fmt: skip
def test_tickers_before_or_after_the_names_of_columns_are_found(tmp_path: Path, name: str) -> None:
    parts = [
        one.rename(columns=lambda role, t=ticker: name.format(ticker=t, role=NAMES[role]))
        for ticker, one in TABLES.items()
    ]
    pd.concat(parts, axis=1).rename_axis("Date").to_csv(tmp_path / "many.csv")
    check(tmp_path / "many.csv")


@pytest.mark.parametrize(
    "column", ["ticker", "Symbol", "Company", "Name", "股票代码", "<TICKER>", "Тикер", "ts_code", "Stock Code"]
)
@pytest.mark.parametrize("place", [0, 1, 6])
def test_a_column_of_tickers_is_found_wherever_it_stands(tmp_path: Path, column: str, place: int) -> None:
    for by_date, newest_first, delimiter in ((False, False, ","), (True, True, ";"), (True, False, ",")):
        table = EXPECTED.sort_index(level="session" if by_date else "ticker").reset_index()
        table = table.rename(columns={"session": "Date", "ticker": column})[["Date", *EXPECTED.columns, column]]
        cells = table.pop(column)
        table.insert(place, column, cells)
        table.iloc[:: -1 if newest_first else 1].to_csv(tmp_path / "long.csv", index=False, sep=delimiter)
        check(tmp_path / "long.csv")


def test_day_and_month_of_a_long_table_are_decided_by_the_rows_of_each_ticker(tmp_path: Path) -> None:
    # The first twelve days of three months: each date reads both ways, the order of each ticker's rows reads one way.
    days = pd.DatetimeIndex([f"2020-{month:02d}-{day:02d}" for month in (1, 2, 3) for day in (2, 3, 6, 7, 8, 9, 10)])
    rows = [(f"{day:%d/%m/%Y}", ticker, 10.5) for day in days for ticker in ("B", "A")]
    pd.DataFrame(rows, columns=["date", "ticker", "close"]).to_csv(tmp_path / "long.csv", index=False)
    assert list(read_prices(tmp_path / "long.csv").loc["A"].index) == list(days)


def test_one_column_a_ticker_is_a_close_each_wherever_the_date_stands(tmp_path: Path) -> None:
    closes = pd.DataFrame({name: one["close"] for name, one in TABLES.items()}).rename_axis("Date").reset_index()
    closes.loc[3, "AAPL"] = np.nan
    for columns in (["Date", *TABLES], [*TABLES, "Date"]):
        closes[columns].to_csv(tmp_path / "wide.csv", index=False)
        check(tmp_path / "wide.csv", EXPECTED[["close"]].drop(("AAPL", closes.loc[3, "Date"])))
    assert list(read_rows(tmp_path / "wide.csv").rows["ticker"].cat.categories) == list(TABLES)


def test_tickers_that_are_words_for_prices_stay_tickers_among_others(tmp_path: Path) -> None:
    closes = pd.DataFrame(dict.fromkeys(("AAPL", "LOW", "MSFT"), TABLES["MSFT"]["close"])).rename_axis("Date")
    closes.to_csv(tmp_path / "wide.csv")
    assert list(read_prices(tmp_path / "wide.csv").index.unique("ticker")) == ["AAPL", "LOW", "MSFT"]


def test_the_axes_of_a_plot_are_dates_and_closes(tmp_path: Path) -> None:
    lines = [f"{day:%Y-%m-%d},{close}" for day, close in TABLES["AAPL"]["close"].items()]
    (tmp_path / "plot.csv").write_text("\n".join(["AAPL_x,AAPL_y", *lines]))
    check(tmp_path / "plot.csv", EXPECTED.loc[["AAPL"], ["close"]])


def test_a_price_in_several_currencies_is_one_ticker_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text("Date,USD,GBP,EUR\n2013-09-15,1318.5,831.5,986.7\n2013-09-22,1349.2,842.7,997.6\n")
    read = read_prices_with_notes(path)
    assert list(read.prices.loc["gold", "close"]) == [1318.5, 1349.2]
    assert [note.code for note in read.notes] == ["currency_chosen"]
    assert list(read_prices(path, ReadOptions(columns={"close": "GBP"})).loc["gold", "close"]) == [831.5, 842.7]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Year,Month,Day,Close", "{0.year},{0.month},{0.day},{1}"),
        ("Day,Month,Year,Close", "{0.day},{0.month},{0.year},{1}"),
        ("Date,Price,Open", "{0:%b %d}, {0.year},{1},{1}"),
        ("Day,Year,Close", "{0:%b %d},{0.year},{1}"),
        ("Date,Time,Close", "{0:%Y.%m.%d},00:00,{1}"),
        ("<DATE>,<TIME>,<CLOSE>", "{0:%Y%m%d},000000,{1}"),
        ("Date,Hour,Close", "{0:%d/%m/%Y},16:00:00,{1}"),
    ],
)
def test_a_date_torn_over_several_columns_is_put_together(tmp_path: Path, header: str, row: str) -> None:
    close = TABLES["AAPL"]["close"]
    lines = [row.format(day, value) for day, value in close.items()]
    (tmp_path / "AAPL.csv").write_text("\n".join([header, *lines]))
    assert list(read_prices(tmp_path / "AAPL.csv").loc["AAPL", "close"].items()) == list(close.items())


def test_a_code_keeps_its_zeros_and_loses_what_spreadsheets_put_around_it(tmp_path: Path) -> None:
    for cell in ("'000001", '"=""000001"""', "000001"):
        (tmp_path / "a.csv").write_text(
            f"日期,股票代码,名称,收盘价\n2020-01-02,{cell},x,10.5\n2020-01-03,{cell},x,10.75\n", encoding="gbk"
        )
        assert list(read_prices(tmp_path / "a.csv").index.unique("ticker")) == ["000001"]


def test_a_standard_close_stands_before_the_last_price(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Date,Last,Close\n2020-01-02,1.5,2.5\n2020-01-03,1.25,2.25\n")
    assert list(read_prices(tmp_path / "a.csv")["close"]) == [2.5, 2.25]
    assert list(read_prices(tmp_path / "a.csv", ReadOptions(columns={"close": "Last"}))["close"]) == [1.5, 1.25]


def test_two_columns_of_one_rank_are_asked_about(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Date,Last,Settle\n2020-01-02,1.5,2.5\n2020-01-03,1.25,2.25\n")
    with pytest.raises(
        PriceDataError, match=r"'Last' and 'Settle' could each be the close; say which with --columns close="
    ):
        read_prices(tmp_path / "a.csv")
    assert list(read_prices(tmp_path / "a.csv", ReadOptions(columns={"close": "settle"}))["close"]) == [2.5, 2.25]


def test_a_column_that_the_user_names_must_exist(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Date,Last,Settle\n2020-01-02,1.5,2.5\n2020-01-03,1.25,2.25\n")
    with pytest.raises(PriceDataError, match="no column 'Lats'; found Date, Last, Settle"):
        read_prices(tmp_path / "a.csv", ReadOptions(columns={"close": "Lats"}))


@pytest.mark.parametrize(
    "header",
    [
        "Prev Close",
        "Change",
        "Chg%",
        "Adj. Open",
        "Open Interest",
        "VWAP",
        "Turnover",
        "Dividends",
        "52W High",
        "Unnamed: 0",
        "Close Time",
    ],
)
def test_columns_that_only_sound_like_prices_are_not_used(tmp_path: Path, header: str) -> None:
    (tmp_path / "a.csv").write_text(f"Date,{header},Close\n2020-01-02,1.5,2.5\n2020-01-03,1.25,2.25\n")
    read = read_prices(tmp_path / "a.csv")
    assert list(read.columns) == ["close"]
    assert list(read["close"]) == [2.5, 2.25]


@pytest.mark.parametrize("column", ["open", "High", "LOW", "Close"])
def test_a_file_with_a_single_price_column_has_that_column(tmp_path: Path, column: str) -> None:
    (tmp_path / "one.csv").write_text(f"Date,{column}\n2016-01-04,1\n2016-01-05,2\n2016-01-06,3\n")
    table = read_prices(tmp_path / "one.csv")
    assert list(table.columns) == [column.lower()]
    assert table[column.lower()].tolist() == [1.0, 2.0, 3.0]


def test_a_table_of_thousands_of_columns_is_read(tmp_path: Path) -> None:
    # Its first three lines are longer than the sample on which the dialect of other files is decided.
    days = pd.bdate_range("2020-01-01", periods=8, name="Date")
    columns = pd.MultiIndex.from_product([["Close", "Open", "Volume"], [f"TICKER{number}" for number in range(1_500)]])
    table = pd.DataFrame(np.arange(8 * 4_500.0).reshape(8, 4_500) / 8 + 1, index=days, columns=columns)
    table.to_csv(tmp_path / "wide.csv")
    found = read_prices(tmp_path / "wide.csv")
    assert len(found) == 8 * 1_500
    assert list(found.loc["TICKER1499", "open"]) == list(table["Open", "TICKER1499"])
