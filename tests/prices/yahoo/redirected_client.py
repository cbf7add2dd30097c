"""The real client of Yahoo, sent to a server of the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from stockrnn.prices.yahoo.setup import quiet_client
from tests.prices.yahoo.yahoo_server import YahooServer


def redirected_session(address: str) -> Any:
    """Return the client's own kind of session, for which every Yahoo host is `address`."""
    from yfinance import _http

    class RedirectedSession(type(_http.new_session())):  # type: ignore[misc]
        def request(self, method: str, url: str, *args: Any, **extra: Any) -> Any:
            return super().request(method, re.sub(r"https://[a-z0-9.]*yahoo\.com", address, url), *args, **extra)

    return RedirectedSession()


def redirect_client(monkeypatch: pytest.MonkeyPatch, address: str) -> Any:
    """Let the client go to `address`, and return its session."""
    with quiet_client() as yfinance:
        session = redirected_session(address)
        monkeypatch.setattr(yfinance, "Ticker", partial(yfinance.Ticker, session=session))
    return session


def forget_client() -> None:
    """Make the client forget cookie, crumb and databases, as a new process would."""
    from yfinance import cache
    from yfinance.data import SingletonMeta, YfData

    SingletonMeta._instances.clear()
    YfData.cache_get.cache_clear()
    for manager in (cache._TzDBManager, cache._CookieDBManager, cache._ISINDBManager):
        manager.close_db()
        manager._db = None
    cache._TzCacheManager._tz_cache = None
    cache._CookieCacheManager._Cookie_cache = None
    cache._ISINCacheManager._isin_cache = None


@pytest.fixture
def yahoo_server(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[YahooServer]:
    """A running server to which the real client goes, an empty cache, and a clock that stands still."""
    from stockrnn.prices.yahoo import source as yahoo

    with quiet_client():
        forget_client()
    server = YahooServer()
    monkeypatch.setenv("STOCKRNN_CACHE", str(tmp_path / "cache"))
    session = redirect_client(monkeypatch, server.address)
    monkeypatch.setattr(yahoo, "current_time", lambda: server.now)
    monkeypatch.setattr(yahoo, "pause", server.wait)
    yield server
    server.close()
    session.close()
    forget_client()
