"""`stockrnn fetch` from the command line to the files, through the real client, against a Yahoo-shaped server."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from stockrnn.cli.main import cli
from stockrnn.prices import yahoo_client, yahoo_errors
from stockrnn.prices.cache import stored_path
from stockrnn.prices.price_file import calendar_recorded_for
from tests.prices.yahoo_server import Stock, YahooServer, ramp, yahoo_server  # noqa: F401

FIRST, LAST = date(2017, 10, 2), date(2018, 1, 10)
RANGE = ["--start", "2017-11-01", "--end", "2017-11-30"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server(yahoo_server: YahooServer) -> YahooServer:  # noqa: F811
    yahoo_server.stocks["GOOG"] = Stock(ramp(FIRST, LAST))
    return yahoo_server


def fetch(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(cli, ["fetch", *words])
    assert result.exit_code == code, (result.stdout, result.stderr, result.exception)
    assert "Traceback" not in result.stderr
    return result


def one(*words: str) -> dict[str, Any]:
    document = json.loads(fetch(*words, "--json").stdout)
    assert document["failed"] == []
    return document["tickers"][0]


def prices(name: str = "GOOG") -> pd.DataFrame:
    return pd.read_csv(Path("prices") / f"{name}.csv", index_col="date")


def error_line(result: Result) -> str:
    lines = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1
    assert result.stdout == ""
    return lines[0]


def cache_bytes(ticker: str = "GOOG", interval: str = "1d") -> bytes:
    return stored_path(ticker, interval).read_bytes()


# --- what comes out -------------------------------------------------------------------------------------------------


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


# --- adjustment -----------------------------------------------------------------------------------------------------


def test_one_adjustment_holds_for_all_columns(server):
    stock = server.stocks["GOOG"]
    stock.splits = {date(2017, 11, 15): (2, 1), date(2017, 12, 20): (5, 1)}
    stock.dividends = {date(2017, 11, 20): 3.0, date(2017, 12, 5): 4.0}
    traded = {day.isoformat(): row for day, row in stock.prices.items() if day.month == 11}

    one("GOOG", *RANGE)
    quoted = prices()
    for day, row in traded.items():
        ratio = 10.0 if day < "2017-11-15" else 5.0
        assert quoted.loc[day].tolist() == pytest.approx([value / ratio for value in row[:4]] + [row[4] * ratio])

    one("GOOG", *RANGE, "--adjust", "all")
    factor = 1 - 3.0 / traded["2017-11-17"][3]
    for day, row in quoted.iterrows():
        expected = row * factor if day < "2017-11-20" else row
        assert prices().loc[day].tolist()[:4] == pytest.approx(expected.tolist()[:4])

    server.forget()
    one("GOOG", *RANGE, "--adjust", "none")
    assert prices().index.tolist() == list(traded)
    for day, row in traded.items():
        assert prices().loc[day].tolist() == pytest.approx(list(row))
    assert len(server.asked) == 1


def test_undoing_splits_asks_for_the_splits_after_the_range_once(server):
    server.stocks["GOOG"].splits = {date(2018, 1, 10): (3, 1)}
    server.now = datetime(2018, 1, 10, 18, tzinfo=UTC)
    one("GOOG", *RANGE, "--adjust", "none")
    assert prices()["close"].tolist() == [
        row[3] for day, row in server.stocks["GOOG"].prices.items() if day.month == 11
    ]
    server.forget()
    assert one("GOOG", *RANGE, "--adjust", "none")["source"] == "cache"
    assert server.paths == []


def test_offline_does_not_undo_splits_that_it_cannot_know(server):
    fetch("GOOG", *RANGE)
    result = fetch("GOOG", *RANGE, "--adjust", "none", "--offline", code=8)
    assert "run once without --offline" in error_line(result)


def test_a_new_dividend_rewrites_no_stored_bar(server):
    server.now = datetime(2018, 1, 3, 22, tzinfo=UTC)
    fetch("GOOG", "--start", "2017-12-01")
    before = pd.read_parquet(stored_path("GOOG", "1d"))
    server.now = datetime(2018, 1, 9, 22, tzinfo=UTC)
    server.stocks["GOOG"].dividends = {date(2018, 1, 8): 2.0}
    result = fetch("GOOG", "--start", "2017-12-01")
    assert "fetched again" not in result.stderr
    after = pd.read_parquet(stored_path("GOOG", "1d"))
    pd.testing.assert_frame_equal(after.iloc[: len(before)], before)
    assert after["dividend"].sum() == 2.0


# --- the cache ------------------------------------------------------------------------------------------------------


def test_the_same_range_again_sends_nothing(server):
    fetch("GOOG", *RANGE)
    server.forget()
    server.now += timedelta(hours=2)
    row = one("GOOG", *RANGE)
    assert (row["source"], row["age_s"], row["sessions"]) == ("cache", 7200.0, 22)
    assert server.paths == []


def test_a_later_fetch_asks_only_for_the_missing_sessions_and_a_few_beside_them(server):
    fetch("GOOG", *RANGE)
    server.forget()
    assert one("GOOG", "--start", "2017-10-09", "--end", "2017-12-15")["source"] == "yahoo"
    assert [(first >= low, last <= high) for (_, first, last), low, high in zip(
        server.asked, (date(2017, 10, 9), date(2017, 11, 23)), (date(2017, 11, 8), date(2017, 12, 16)), strict=True
    )] == [(True, True)] * 2  # fmt: skip
    assert prices().index.tolist() == [
        day.isoformat() for day in server.stocks["GOOG"].prices if date(2017, 10, 9) <= day <= date(2017, 12, 15)
    ]


def test_an_open_end_asks_again_only_when_a_session_has_closed(server):
    server.now = datetime(2018, 1, 5, 22, tzinfo=UTC)
    fetch("GOOG", "--start", "2017-11-01")
    server.forget()
    for later in (datetime(2018, 1, 7, 12, tzinfo=UTC), datetime(2018, 1, 8, 18, tzinfo=UTC)):
        server.now = later
        assert one("GOOG", "--start", "2017-11-01")["source"] == "cache"
    assert server.paths == []
    server.now = datetime(2018, 1, 8, 22, tzinfo=UTC)
    assert one("GOOG", "--start", "2017-11-01")["last"] == "2018-01-08"
    assert len(server.asked) == 1


def test_a_session_that_yahoo_is_late_with_is_asked_again(server):
    late = server.stocks["GOOG"].prices.pop(date(2018, 1, 9))
    fetch("GOOG", "--start", "2018-01-02", "--end", "2018-01-09")
    server.stocks["GOOG"].prices[date(2018, 1, 9)] = late
    assert one("GOOG", "--start", "2018-01-02", "--end", "2018-01-09")["last"] == "2018-01-09"


@pytest.mark.parametrize("as_error", [False, True])
def test_a_range_before_the_first_trade_is_asked_once(server, as_error):
    server.missing_range_is_an_error = as_error
    requests = []
    for _ in range(2):
        result = fetch("GOOG", "--start", "1990-01-01", "--end", "1990-12-31", code=8)
        assert "Yahoo has it from 2017-10-02 to 2018-01-" in error_line(result)
        requests.append(len(server.asked))
        server.forget()
    # The client asks once more whatever is answered with an error.
    assert requests == [2 if as_error else 1, 0]
    assert one("GOOG", "--start", "1990-01-01", "--end", "2017-11-30")["first"] == "2017-10-02"
    server.forget()
    assert one("GOOG", "--start", "1980-01-01", "--end", "2017-11-30")["source"] == "cache"
    assert server.paths == []


def test_a_split_since_makes_the_whole_range_come_again(server):
    server.now = datetime(2017, 12, 5, 22, tzinfo=UTC)
    server.stocks["GOOG"].splits = {date(2017, 12, 20): (4, 1)}
    fetch("GOOG", *RANGE)
    assert prices()["close"].iloc[0] == server.stocks["GOOG"].prices[date(2017, 11, 1)][3]
    server.now = datetime(2018, 1, 9, 22, tzinfo=UTC)
    result = fetch("GOOG", "--start", "2017-11-01", "--end", "2017-12-29")
    assert "a split of 4 since" in result.stderr
    assert "fetched again" in result.stderr
    expected = [row[3] / (4 if day < date(2017, 12, 20) else 1) for day, row in server.stocks["GOOG"].prices.items()
                if date(2017, 11, 1) <= day <= date(2017, 12, 29)]  # fmt: skip
    assert prices()["close"].tolist() == expected


def test_a_corrected_price_makes_the_whole_range_come_again(server):
    fetch("GOOG", *RANGE)
    rows = server.stocks["GOOG"].prices
    rows[date(2017, 11, 29)] = (1.0, 900.0, 1.0, 500.0, 1.0)
    rows[date(2017, 11, 2)] = (1.0, 900.0, 1.0, 400.0, 1.0)
    assert "has corrected prices" in fetch("GOOG", "--start", "2017-11-01", "--end", "2017-12-29").stderr
    assert prices().loc["2017-11-02", "close"] == 400.0


def test_prices_that_are_gone_at_yahoo_do_not_empty_the_cache(server):
    fetch("GOOG", *RANGE)
    before = cache_bytes()
    rows = server.stocks["GOOG"].prices
    server.stocks["GOOG"].prices = {LAST: rows[LAST]}
    result = fetch("GOOG", "--start", "2017-11-01", "--end", "2017-12-29", code=5)
    assert "what is stored is kept" in error_line(result)
    assert cache_bytes() == before


def test_refresh_ignores_what_is_stored(server):
    fetch("GOOG", *RANGE)
    server.stocks["GOOG"].prices = ramp(FIRST, LAST, start=500.0)
    assert one("GOOG", *RANGE)["source"] == "cache"
    assert one("GOOG", *RANGE, "--refresh")["source"] == "yahoo"
    assert prices()["close"].min() >= 500.0


def test_offline_answers_from_the_cache_and_says_how_old_it_is(server):
    fetch("GOOG", *RANGE)
    server.forget()
    server.now += timedelta(days=3, hours=5)
    result = fetch("GOOG", "--start", "2017-11-20", "--end", "2017-12-05", "--offline", "--json")
    row = json.loads(result.stdout)["tickers"][0]
    assert (row["first"], row["last"], row["source"]) == ("2017-11-20", "2017-11-30", "cache")
    assert row["age_s"] == (3 * 24 + 5) * 3600
    assert "fetched 3 days ago (2018-01-10 12:00 UTC)" in result.stderr
    assert "only 2017-11-01 to 2017-11-30 is stored" in result.stderr
    assert server.paths == []


def test_offline_without_anything_stored_says_what_to_do(server):
    assert "run once without --offline" in error_line(fetch("GOOG", *RANGE, "--offline", code=8))
    assert server.paths == []


def test_a_damaged_cache_is_said_and_replaced(server):
    fetch("GOOG", *RANGE)
    whole = cache_bytes()
    stored_path("GOOG", "1d").write_bytes(b"PAR1 not any more")
    assert "cannot be read" in fetch("GOOG", *RANGE).stderr
    assert len(cache_bytes()) == len(whole)


def test_a_cache_that_cannot_be_written_is_said_once_and_gone_without(server, monkeypatch, tmp_path):
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("STOCKRNN_CACHE", str(tmp_path / "a-file" / "cache"))
    server.stocks["MSFT"] = Stock(ramp(FIRST, LAST))
    result = fetch("GOOG", "MSFT", *RANGE)
    assert result.stderr.count("cannot be written") == 1
    assert "STOCKRNN_CACHE" in result.stderr
    assert len(prices("MSFT")) == 22


# --- failures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("500", "status 500"),
        ("503", "status 503"),
        ("403", "status 403"),
        ("<!doctype html><html>Sad panda</html>", "a web page instead of prices"),
        ("cut", "JSON that breaks off after"),
        ("drop", "broke off"),
        ('{"finance": {"error": {"code": "Unauthorized"}}}', "JSON without a chart"),
        (
            '{"chart": {"result": [{"meta": {}, "timestamp": [1], "indicators": {}}], "error": null}}',
            "cannot be understood",
        ),
        ('{"chart": {"result": 5, "error": null}}', "cannot be understood"),
        ("[]", "JSON without a chart"),
    ],
)
def test_an_unusable_answer_is_a_network_error_that_damages_nothing(server, failure, words):
    fetch("GOOG", *RANGE)
    before = (cache_bytes(), Path("prices/GOOG.csv").read_bytes(), Path("prices/GOOG.csv.meta.json").read_bytes())
    server.fail(failure)
    line = error_line(fetch("GOOG", "--start", "2017-11-01", "--end", "2017-12-15", code=5))
    assert line.startswith("Error: GOOG: ")
    assert words in line
    assert "delisted" not in line
    assert before == (
        cache_bytes(), Path("prices/GOOG.csv").read_bytes(), Path("prices/GOOG.csv.meta.json").read_bytes()
    )  # fmt: skip
    server.failures.clear()
    assert one("GOOG", "--start", "2017-11-01", "--end", "2017-12-15")["last"] == "2017-12-15"


def test_a_server_that_stays_silent_is_a_timeout(server, monkeypatch):
    monkeypatch.setattr(yahoo_errors, "TIMEOUT", 0.3)
    server.fail("hang")
    assert "within 0.3 s (timeout)" in error_line(fetch("GOOG", *RANGE, code=5))
    assert not stored_path("GOOG", "1d").exists()


def test_a_server_that_refuses_the_connection_is_a_network_error(server, monkeypatch):
    from tests.prices.yahoo_server import redirected_session

    session = redirected_session("http://127.0.0.1:1")
    monkeypatch.setattr(yahoo_client, "client_session", lambda: session)
    assert "no connection to Yahoo" in error_line(fetch("GOOG", *RANGE, code=5))


def test_a_name_that_cannot_be_found_is_said_to_be_dns(server, monkeypatch):
    from tests.prices.yahoo_server import redirected_session

    session = redirected_session("http://yahoo.invalid")
    monkeypatch.setattr(yahoo_client, "client_session", lambda: session)
    result = fetch("GOOG", "MSFT", "IBM", *RANGE, code=5)
    lines = result.stderr.splitlines()
    assert "(DNS); are you offline?" in lines[0]
    assert "IBM: not asked" in lines[2]


def test_too_many_requests_are_waited_out_with_growing_pauses(server):
    # The client itself asks twice before it gives up, so four refusals are two failures.
    server.fail("429", times=4)
    result = fetch("GOOG", *RANGE)
    assert len(server.pauses) == 2
    assert 5 <= server.pauses[0] < server.pauses[1]
    waits = [line for line in result.stderr.splitlines() if "waiting" in line]
    assert f"waiting {server.pauses[0]:.0f} s" in waits[0]
    assert len(prices()) == 22


def test_patience_ends_and_the_rest_is_not_asked(server):
    server.stocks["MSFT"] = Stock(ramp(FIRST, LAST))
    server.fail("429")
    result = fetch("GOOG", "MSFT", *RANGE, "--patience", "60", code=6)
    assert sum(server.pauses) == pytest.approx(60)
    assert server.pauses[0] < server.pauses[1] < server.pauses[2]
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error")]
    assert "GOOG: Yahoo still asks for fewer requests after 60 s of waiting (status 429)" in errors[0]
    assert "--patience" in errors[0]
    assert "MSFT: not asked" in errors[1]
    assert not any("MSFT" in path for path in server.paths)


def test_without_patience_nothing_is_waited_for(server):
    server.fail("429")
    fetch("GOOG", *RANGE, "--patience", "0", code=6)
    assert server.pauses == []


def test_an_unknown_ticker_is_told_with_near_misses(server):
    server.near_misses = [{"symbol": "GOOG", "shortname": "Alphabet Inc."}, {"symbol": "GOGL"}, {"symbol": "GOGO1"}]
    line = error_line(fetch("GOGO1", *RANGE, code=7))
    assert "near it: GOOG (Alphabet Inc.), GOGL" in line
    assert not any("quoteSummary" in path or "/quote" in path for path in server.paths)


def test_a_word_that_can_be_no_ticker_is_not_sent(server):
    assert "not a Yahoo ticker" in error_line(fetch("../../etc", *RANGE, code=7))
    assert server.paths == []


def test_an_error_in_yahoos_words_is_not_taken_for_a_range_without_prices(server):
    server.fail(
        '{"chart": {"result": null, "error": {"code": "Bad", "description": "1d data is being moved"}}}', times=1
    )
    assert "Yahoo says: 1d data is being moved" in error_line(fetch("GOOG", *RANGE, code=8))
    assert one("GOOG", *RANGE)["sessions"] == 22


def test_a_range_in_the_future_holds_nothing(server):
    fetch("GOOG", "--start", "2031-01-01", code=8)
    assert server.paths == []


def test_what_came_is_kept_and_what_failed_is_listed_with_the_highest_code(server):
    server.stocks["MSFT"] = Stock(ramp(FIRST, LAST))
    server.fail("500", ticker="IBM")
    result = fetch("GOOG", "IBM", "NOSUCH", "MSFT", *RANGE, "--json", code=7)
    document = json.loads(result.stdout)
    assert [row["ticker"] for row in document["tickers"]] == ["GOOG", "MSFT"]
    assert [(row["ticker"], row["exit_code"]) for row in document["failed"]] == [("IBM", 5), ("NOSUCH", 7)]
    assert [line.split(":")[1] for line in result.stderr.splitlines()] == [" IBM", " NOSUCH"]
    assert len(prices("MSFT")) == 22


def test_a_file_that_is_not_ours_is_refused_before_anything_is_asked(server):
    Path("prices").mkdir()
    Path("prices/GOOG.csv").write_text("date,close\n2017-01-03,1\n")
    assert "--force" in error_line(fetch("GOOG", *RANGE, code=2))
    assert server.paths == []
    assert Path("prices/GOOG.csv").read_text() == "date,close\n2017-01-03,1\n"
    fetch("GOOG", *RANGE, "--force")
    fetch("GOOG", "--start", "2017-11-01", "--end", "2017-12-15")
    assert prices().index[-1] == "2017-12-15"


def test_an_interruption_keeps_what_came(server, monkeypatch):
    server.stocks["MSFT"] = Stock(ramp(FIRST, LAST))

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("stockrnn.prices.yahoo.pause", interrupted)
    server.fail("429", ticker="MSFT")
    result = fetch("GOOG", "MSFT", *RANGE, code=130)
    assert "Stopped after 1 of 2 tickers" in result.stderr
    assert len(prices()) == 22
    server.failures.clear()
    server.forget()
    fetch("GOOG", "MSFT", *RANGE)
    assert [ticker for ticker, *_ in server.asked] == ["MSFT"]


# --- usage and noise ------------------------------------------------------------------------------------------------


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
