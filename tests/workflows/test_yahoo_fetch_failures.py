"""Every way in which `stockrnn fetch` can fail, told apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stockrnn.prices.yahoo import errors as yahoo_errors
from stockrnn.prices.yahoo.cache import stored_path
from tests.prices.yahoo.redirected_client import redirect_client
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
    redirect_client(monkeypatch, "http://127.0.0.1:1")
    assert "no connection to Yahoo" in error_line(fetch("GOOG", *RANGE, code=5))


def test_a_name_that_cannot_be_found_is_said_to_be_dns(server, monkeypatch):
    redirect_client(monkeypatch, "http://yahoo.invalid")
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

    monkeypatch.setattr("stockrnn.prices.yahoo.source.pause", interrupted)
    server.fail("429", ticker="MSFT")
    result = fetch("GOOG", "MSFT", *RANGE, code=130)
    assert "Stopped after 1 of 2 tickers" in result.stderr
    assert len(prices()) == 22
    server.failures.clear()
    server.forget()
    fetch("GOOG", "MSFT", *RANGE)
    assert [ticker for ticker, *_ in server.asked] == ["MSFT"]
