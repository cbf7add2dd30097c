"""`stockrnn fetch` from the command line to the files, through the real client, against a Yahoo-shaped server."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from stockrnn.prices.yahoo.price_file import calendar_recorded_for
from tests.prices.yahoo.yahoo_fetching import (
    FIRST,
    LAST,
    RANGE,
    error_line,
    fetch,
    one,
    prices,
)
from tests.prices.yahoo.yahoo_server import Stock, ramp


def test_the_csv_holds_each_session_of_the_range_with_its_end(server):
    row = one("GOOG", *RANGE)
    table = prices()
    expected = {day.isoformat(): row for day, row in server.stocks["GOOG"].prices.items() if day.month == 11}
    assert list(table.columns) == ["open", "high", "low", "close", "volume"]
    assert table.index.tolist() == list(expected)
    assert table.to_numpy().tolist() == [list(values) for values in expected.values()]
    assert (row["first"], row["last"], row["sessions"]) == ("2017-11-01", "2017-11-30", 22)
    assert (row["ticker"], row["source"], row["adjustment"]) == ("GOOG", "yahoo", "splits")
    assert row["path"] == str(Path("prices/GOOG.csv"))


def test_the_metadata_beside_the_csv_say_where_it_comes_from(server):
    row = one("GOOG", *RANGE, "--adjust", "all")
    metadata = json.loads(Path("prices/GOOG.csv.meta.json").read_text())
    assert metadata["sha256"] == row["sha256"]
    named = {key: metadata[key] for key in ("adjustment", "currency", "exchange", "calendar", "interval", "time_zone")}
    assert named == {
        "adjustment": "all", "currency": "USD", "exchange": "NMS", "calendar": "XNAS", "interval": "1d",
        "time_zone": "America/New_York",
    }  # fmt: skip
    assert metadata["fetched_at"] == "2018-01-10T12:00:00+00:00"
    assert calendar_recorded_for("prices/GOOG.csv") == "XNAS"


def test_the_table_on_stdout_says_ticker_sessions_range_source_and_path(server):
    result = fetch("goog,msft", "GOOG", *RANGE, code=7)
    assert result.stdout.splitlines()[0].split() == ["ticker", "sessions", "first", "last", "source", "path"]
    assert result.stdout.splitlines()[1].split()[:5] == ["GOOG", "22", "2017-11-01", "2017-11-30", "yahoo"]
    assert len(result.stdout.splitlines()) == 2


def test_all_there_is_comes_without_a_range(server):
    row = one("GOOG")
    assert (row["first"], row["last"]) == ("2017-10-02", "2018-01-09")


@pytest.mark.parametrize(
    ("now", "last"),
    [("2018-01-10T14:00", "2018-01-09"), ("2018-01-10T18:00", "2018-01-09"), ("2018-01-10T21:31", "2018-01-10")],
)
def test_todays_session_is_left_out_until_it_is_over(server, now, last):
    server.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert one("GOOG", "--start", "2018-01-02", "--end", "2018-01-10")["last"] == last
    assert prices().index[-1] == last


@pytest.mark.parametrize(
    ("zone", "opens", "closes", "exchange", "calendar"),
    [
        ("Asia/Tokyo", time(9), time(15), "JPX", "XTKS"),
        ("Australia/Sydney", time(10), time(16), "ASX", "XASX"),
        ("Europe/London", time(8), time(16, 30), "LSE", "XLON"),
        ("Europe/London", time(0), time(16, 30), "LSE", "XLON"),
        ("America/New_York", time(9, 30), time(16), "NYQ", "XNYS"),
        ("Pacific/Auckland", time(10), time(16, 45), "NZE", "XNZE"),
    ],
)
def test_sessions_are_exchange_dates_on_both_sides_of_daylight_saving(server, zone, opens, closes, exchange, calendar):
    days = ramp(date(2017, 3, 1), date(2017, 11, 30))
    server.stocks["X"] = Stock(days, zone=zone, opens=opens, closes=closes, exchange=exchange)
    one("X", "--start", "2017-03-20", "--end", "2017-11-10")
    expected = [day.isoformat() for day in days if date(2017, 3, 20) <= day <= date(2017, 11, 10)]
    assert prices("X").index.tolist() == expected
    assert calendar_recorded_for("prices/X.csv") == calendar


def test_rows_without_prices_are_left_out(server):
    rows = server.stocks["GOOG"].prices
    rows[date(2017, 11, 8)] = None
    rows[date(2017, 11, 9)] = (1.0, None, 1.0, 1.0, 5.0)
    result = fetch("GOOG", *RANGE)
    assert "2017-11-08" not in prices().index
    assert "2017-11-09" not in prices().index
    assert len(prices()) == 20
    assert "2017-11-09" in result.stderr


def test_coins_trade_on_weekends_and_currencies_have_no_exchange(server):
    coin = {"zone": "UTC", "opens": time(0), "closes": time(23, 59)}
    server.stocks["BTC-USD"] = Stock(
        ramp(FIRST, LAST, weekends=True), exchange="CCC", instrument="CRYPTOCURRENCY", **coin
    )
    server.stocks["EURUSD=X"] = Stock(
        ramp(FIRST, LAST),
        zone="Europe/London",
        opens=time(0),
        closes=time(23, 59),
        exchange="CCY",
        instrument="CURRENCY",
    )
    assert one("BTC-USD", *RANGE)["sessions"] == 30
    assert one("EURUSD=X", *RANGE)["sessions"] == 22
    assert calendar_recorded_for("prices/BTC-USD.csv") == "24/7"
    assert calendar_recorded_for("prices/EURUSD=X.csv") == "24/5"
    assert one("BTC-USD", "--start", "2018-01-01")["last"] == "2018-01-09"


def test_weeks_and_months_are_made_of_the_days_in_the_range(server):
    assert one("GOOG", "--start", "2017-10-02", "--end", "2017-12-31", "--interval", "1mo")["sessions"] == 3
    months = prices()
    november = [row for day, row in server.stocks["GOOG"].prices.items() if day.month == 11]
    assert months.index.tolist() == ["2017-10-01", "2017-11-01", "2017-12-01"]
    assert months.loc["2017-11-01"].tolist() == [
        november[0][0], max(row[1] for row in november), min(row[2] for row in november), november[-1][3],
        sum(row[4] for row in november),
    ]  # fmt: skip
    server.forget()
    assert one("GOOG", *RANGE, "--interval", "1wk")["source"] == "cache"
    assert prices().index.tolist() == ["2017-11-06", "2017-11-13", "2017-11-20"]


def test_tickers_come_from_a_file_too(server):
    Path("list.txt").write_text("# mine\ngoog # Google\n\nNOSUCH, GOOG\n", encoding="utf-8-sig")
    document = json.loads(fetch("--tickers-file", "list.txt", *RANGE, "--json", code=7).stdout)
    assert [row["ticker"] for row in document["tickers"] + document["failed"]] == ["GOOG", "NOSUCH"]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["GOOG", "--start", "2012-13-01"],
        ["GOOG", "--start", "01/02/2012"],
        ["GOOG", "--start", "2017-01-02", "--end", "2017-01-01"],
        ["GOOG", "--interval", "7m"],
        ["GOOG", "--interval", "5d"],
        ["GOOG", "--adjust", "some"],
        ["GOOG", "--offline", "--refresh"],
        ["GOOG", "--tickers-file", "missing.txt"],
        ["GOOG", "--patience", "-1"],
    ],
)
def test_wrong_usage_is_one_line_and_sends_nothing(server, words):
    error_line(fetch(*words, code=2))
    assert server.paths == []


def test_the_client_says_nothing_of_its_own(server, capfd, recwarn):
    server.fail("429", times=2)
    fetch("GOOG", *RANGE)
    fetch("NOSUCH", *RANGE, code=7)
    captured = capfd.readouterr()
    assert captured.err == ""
    assert captured.out == ""
    assert len(recwarn) == 0


def test_the_client_keeps_its_files_in_our_cache(server, tmp_path):
    fetch("GOOG", *RANGE)
    assert {path.suffix for path in (tmp_path / "cache" / "yfinance").iterdir()} >= {".db"}


def test_intraday_bars_keep_the_exchanges_clock_and_their_finished_bars(server, monkeypatch):
    day = date(2018, 1, 9)
    stock = server.stocks["GOOG"]
    bars = {time(9, 30 + 5 * step): (10.0, 12.0, 9.0, 11.0 + step, 100.0) for step in range(4)}
    server.intraday["GOOG"] = {(day, at): row for at, row in bars.items()}
    server.intraday["GOOG"] |= {(date(2018, 1, 10), at): row for at, row in bars.items()}
    server.now = datetime(2018, 1, 10, 14, 42, tzinfo=UTC)  # 09:42 in New York
    row = one("GOOG", "--interval", "5m")
    assert stock.zone == "America/New_York"
    assert (row["first"], row["last"]) == ("2018-01-09 09:30:00", "2018-01-10 09:35:00")
    assert prices()["close"].tolist() == [11, 12, 13, 14, 11, 12]
