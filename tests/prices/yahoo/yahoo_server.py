"""A server on 127.0.0.1 that has the shape of Yahoo.

It keeps prices as they were traded and quotes them as Yahoo does: adjusted for every split up to the moment of the
request. What it is asked is written down, and answers can be made to fail.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

NOW = datetime(2018, 1, 10, 12, 0, tzinfo=UTC)


@dataclass
class Stock:
    """A ticker as it traded: session to (open, high, low, close, volume), None for a row of nulls."""

    prices: dict[date, tuple[float | None, ...] | None]
    zone: str = "America/New_York"
    opens: time = time(9, 30)
    closes: time = time(16, 0)
    exchange: str = "NMS"
    instrument: str = "EQUITY"
    currency: str = "USD"
    dividends: dict[date, float] = field(default_factory=dict)
    splits: dict[date, tuple[int, int]] = field(default_factory=dict)
    last_trade: datetime | None = None

    def at(self, day: date, hour: time) -> int:
        return int(datetime.combine(day, hour, ZoneInfo(self.zone)).timestamp())


def ramp(first: date, last: date, start: float = 100.0, weekends: bool = False) -> dict[date, Any]:
    """A price for each weekday that climbs by 0.25: close = start + 0.25 * row."""
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    days = [day for day in days if weekends or day.weekday() < 5]
    closes = [start + 0.25 * row for row in range(len(days))]
    return {
        day: (c - 0.5, c + 1.0, c - 1.0, c, 1000.0 + row) for row, (day, c) in enumerate(zip(days, closes, strict=True))
    }


class YahooServer:
    """The server; `asked` lists the periods of the chart requests as (ticker, first date, last date) in UTC."""

    def __init__(self) -> None:
        self.stocks: dict[str, Stock] = {}
        self.intraday: dict[str, dict[tuple[date, time], tuple[float, ...]]] = {}
        self.failures: dict[str, Iterator[str]] = {}
        self.near_misses: list[dict[str, str]] = []
        self.missing_range_is_an_error = False
        self.asked: list[tuple[str, date, date]] = []
        self.paths: list[str] = []
        self.now = NOW
        self.pauses: list[float] = []
        self.released = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"yahoo": self}))
        self._http.daemon_threads = False
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def fail(self, kind: str, times: int | None = None, ticker: str = "*") -> None:
        """Let the next chart requests fail, all of them when `times` is None."""
        self.failures[ticker] = itertools.repeat(kind) if times is None else iter([kind] * times)

    def next_failure(self, ticker: str) -> str:
        for key in (ticker, "*"):
            if key in self.failures:
                kind = next(self.failures[key], "")
                if kind:
                    return kind
        return ""

    def wait(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += timedelta(seconds=seconds)

    def forget(self) -> None:
        self.asked.clear()
        self.paths.clear()

    def close(self) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def chart(self, ticker: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        stock = self.stocks.get(ticker)
        if stock is None:
            return 404, _error("Not Found", "No data found, symbol may be delisted")
        if "range" in query:
            begin, end = self.now.timestamp() - 86400, self.now.timestamp()
        else:
            begin, end = float(query["period1"]), float(query["period2"])
            self.asked.append((ticker, _utc(begin), _utc(end)))
        rows = [day for day in stock.prices if begin <= stock.at(day, stock.opens) < end]
        if not rows and self.missing_range_is_an_error and "range" not in query:
            return 400, _error("Bad Request", f"Data doesn't exist for startDate = {begin:.0f}, endDate = {end:.0f}")
        result = self._result(stock, ticker, rows, (begin, end))
        if query["interval"].endswith(("m", "h")):
            result = self._intraday(stock, ticker, (begin, end))
        return 200, {"chart": {"result": [result], "error": None}}

    def _intraday(self, stock: Stock, ticker: str, span: tuple[float, float]) -> dict[str, Any]:
        bars = {stock.at(*moment): row for moment, row in self.intraday[ticker].items()}
        bars = {stamp: row for stamp, row in bars.items() if span[0] <= stamp < min(span[1], self.now.timestamp())}
        names = ("open", "high", "low", "close", "volume")
        days = sorted({day for day, _ in self.intraday[ticker]})
        hours = [
            [{"start": stock.at(day, stock.opens), "end": stock.at(day, stock.closes), "gmtoffset": 0, "timezone": "X"}]
            for day in days
        ]
        return {
            "meta": {**self._meta(stock, ticker), "tradingPeriods": hours},
            "timestamp": list(bars),
            "indicators": {"quote": [{name: [row[i] for row in bars.values()] for i, name in enumerate(names)}]},
        }

    def _result(self, stock: Stock, ticker: str, rows: list[date], span: tuple[float, float]) -> dict[str, Any]:
        result: dict[str, Any] = {"meta": self._meta(stock, ticker), "indicators": {"quote": [{}]}}
        if not rows:
            return result
        quoted = [self._quote(stock, day) for day in rows]
        result["timestamp"] = [stock.at(day, stock.opens) for day in rows]
        names = ("open", "high", "low", "close", "volume")
        result["indicators"]["quote"] = [{name: [row[i] for row in quoted] for i, name in enumerate(names)}]
        result["indicators"]["adjclose"] = [{"adjclose": [row[3] for row in quoted]}]
        events: dict[str, Any] = {}
        for day, (numerator, denominator) in stock.splits.items():
            stamp = stock.at(day, stock.opens)
            if span[0] <= stamp < span[1] and stamp <= self.now.timestamp():
                events.setdefault("splits", {})[str(stamp)] = {
                    "date": stamp, "numerator": numerator, "denominator": denominator,
                    "splitRatio": f"{numerator}:{denominator}",
                }  # fmt: skip
        for day, amount in stock.dividends.items():
            stamp = stock.at(day, stock.opens)
            if span[0] <= stamp < span[1] and stamp <= self.now.timestamp():
                events.setdefault("dividends", {})[str(stamp)] = {
                    "amount": amount / self._later(stock, day),
                    "date": stamp,
                }
        return result | ({"events": events} if events else {})

    def _quote(self, stock: Stock, day: date) -> list[float | None]:
        row = stock.prices[day]
        if row is None:
            return [None] * 5
        ratio = self._later(stock, day)
        return [None if value is None else value / ratio for value in row[:4]] + [row[4] and row[4] * ratio]

    def _later(self, stock: Stock, day: date) -> float:
        ratio = 1.0
        for split, (numerator, denominator) in stock.splits.items():
            if day < split and stock.at(split, stock.opens) <= self.now.timestamp():
                ratio *= numerator / denominator
        return ratio

    def _meta(self, stock: Stock, ticker: str) -> dict[str, Any]:
        today = self.now.astimezone(ZoneInfo(stock.zone)).date()
        hours = {
            "start": stock.at(today, stock.opens),
            "end": stock.at(today, stock.closes),
            "gmtoffset": 0,
            "timezone": "X",
        }
        traded = [day for day in stock.prices if stock.at(day, stock.opens) <= self.now.timestamp()]
        last = min(stock.at(max(traded), stock.closes), int(self.now.timestamp())) if traded else None
        return {
            "symbol": ticker, "currency": stock.currency, "instrumentType": stock.instrument,
            "exchangeName": stock.exchange, "exchangeTimezoneName": stock.zone, "priceHint": 2,
            "firstTradeDate": stock.at(min(stock.prices), stock.opens),
            "regularMarketTime": int(stock.last_trade.timestamp()) if stock.last_trade else last,
            "currentTradingPeriod": {"regular": hours, "pre": dict(hours), "post": dict(hours)},
            "dataGranularity": "1d", "range": "", "validRanges": ["1d", "5d", "max"],
        }  # fmt: skip


def _utc(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


def _error(code: str, description: str) -> dict[str, Any]:
    return {"chart": {"result": None, "error": {"code": code, "description": description}}}


class _Handler(BaseHTTPRequestHandler):
    yahoo: YahooServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        self._send(200, b"", "text/html")

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        path, query = unquote(address.path), {key: value[0] for key, value in parse_qs(address.query).items()}
        self.yahoo.paths.append(path)
        if path.startswith("/v8/finance/chart/"):
            self._chart(path.rpartition("/")[2], query)
        elif path == "/v1/test/getcrumb":
            self._send(200, b"a.crumb", "text/plain")
        elif path == "/v1/finance/search":
            self._send_json(200, {"quotes": self.yahoo.near_misses, "news": []})
        elif path == "/":
            self._send(404, b"cookie", "text/html", {"Set-Cookie": "A3=d=a-cookie; Max-Age=31557600; Path=/"})
        else:
            self._send(200, b"<html>consent</html>", "text/html")

    def _chart(self, ticker: str, query: dict[str, str]) -> None:
        failure = self.yahoo.next_failure(ticker)
        status, document = self.yahoo.chart(ticker, query)
        if not failure:
            self._send_json(status, document)
        elif failure.isdigit():
            self._send(int(failure), b"Too Many Requests" if failure == "429" else b"<html>oops</html>", "text/html")
        elif failure == "hang":
            self.yahoo.released.wait(20)
        elif failure in ("cut", "drop"):
            content = json.dumps(document).encode()
            promised = {"Content-Length": str(len(content))} if failure == "drop" else {}
            self._send(200, content[: len(content) // 2], "application/json", promised)
        else:
            self._send(200, failure.encode(), "text/html" if failure.startswith("<") else "application/json")

    def _send_json(self, status: int, document: Any) -> None:
        self._send(status, json.dumps(document).encode(), "application/json")

    def _send(self, status: int, content: bytes, kind: str, extra: dict[str, str] | None = None) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(content)), "Connection": "close", **(extra or {})}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
