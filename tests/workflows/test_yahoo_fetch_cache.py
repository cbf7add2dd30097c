"""Adjustments and the cache behind `stockrnn fetch`."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from stockrnn.prices.yahoo.cache import stored_path
from tests.prices.yahoo.yahoo_fetching import (
    FIRST,
    LAST,
    RANGE,
    cache_bytes,
    error_line,
    fetch,
    one,
    prices,
)
from tests.prices.yahoo.yahoo_server import Stock, ramp


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
