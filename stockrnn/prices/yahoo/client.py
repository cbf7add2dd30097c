"""One request to Yahoo through the yfinance client.

The client logs most failures and returns empty frames, remembers failed answers, asks other addresses when a time
zone is missing, and warns about pandas; what it does wrong is dealt with here, in `setup` and in `errors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from stockrnn.errors import StockrnnError
from stockrnn.prices.yahoo import errors as yahoo_errors
from stockrnn.prices.yahoo.setup import quiet_client

# What a request through the client can raise: our own errors, the client's, its transports' (all of them OSError), and
# what its parsing stumbles over in a malformed answer.
_MALFORMED = (AttributeError, IndexError, KeyError, TypeError, ValueError)


@dataclass(frozen=True)
class History:
    """What the client returned: its frame (None without bars) and the chart's metadata."""

    frame: pd.DataFrame | None
    metadata: Mapping[str, Any]


def ask_history(ticker: str, interval: str, period: tuple[datetime, datetime] | None) -> History:
    """Ask for the raw bars and events of a period.

    Args:
        ticker: A Yahoo ticker.
        interval: The interval of the bars.
        period: Start and end (excluded), with their zones; None asks for the last day only.

    Raises:
        TooManyRequestsError: Yahoo asks for fewer requests.
        NoAnswerError: No connection, or no answer in time.
        NetworkError: An answer that cannot be used.
        UnknownTickerError: Yahoo answers that there is no such ticker.
        NoPricesError: An answer without prices and without metadata.
    """
    with quiet_client() as yfinance:
        try:
            return _history(yfinance, ticker, interval, period)
        except (StockrnnError, yfinance.exceptions.YFException, OSError, *_MALFORMED) as error:
            raise yahoo_errors.client_error(ticker, error, yfinance.exceptions) from error


def ask_near_misses(ticker: str) -> list[str]:
    """Ask which tickers look or sound like an unknown one; an empty list when that fails too."""
    with quiet_client() as yfinance:
        try:
            found = yfinance.Search(
                ticker, max_results=5, news_count=0, lists_count=0, recommended=0, enable_fuzzy_query=True,
                timeout=yahoo_errors.TIMEOUT,
            )  # fmt: skip
            names = [(str(quote["symbol"]), quote.get("shortname") or quote.get("longname")) for quote in found.quotes]
        except (yfinance.exceptions.YFException, OSError, *_MALFORMED):
            return []
    return [f"{symbol} ({name})" if name else symbol for symbol, name in names if symbol.upper() != ticker.upper()]


def _history(yfinance: Any, ticker: str, interval: str, period: tuple[datetime, datetime] | None) -> History:
    client = yfinance.Ticker(ticker)
    answers = _CheckedAnswers(client._data)  # noqa: SLF001
    client._data = answers  # noqa: SLF001
    # The client would ask for the zone first, and when that fails ask other addresses; start and end carry zones.
    client._tz = "UTC"  # noqa: SLF001
    span = {"period": "1d"} if period is None else {"start": period[0], "end": period[1]}
    try:
        frame = client.history(interval=interval, auto_adjust=False, timeout=yahoo_errors.TIMEOUT, **span)
    except (yfinance.exceptions.YFTickerMissingError, *_MALFORMED):
        # A range without bars comes as a chart with metadata alone, which the client takes for an error.
        if not answers.only_metadata and not (answers.metadata and period is None):
            raise
        frame = None
    return History(frame, answers.metadata or client.history_metadata)


class _CheckedAnswers:
    """Stand before the client's transport and check each answer where it arrives."""

    def __init__(self, data: Any) -> None:
        self._data = data
        self.metadata: Mapping[str, Any] = {}
        self.only_metadata = False
        _bound_timeouts(getattr(data, "_session", None))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._data, name)

    def get(self, url: str, params: Any = None, timeout: float = yahoo_errors.TIMEOUT) -> Any:
        answer = self._data.get(url=url, params=params, timeout=timeout)
        chart = yahoo_errors.checked_chart(answer)
        if not self.metadata and chart.get("result"):
            # The first chart is the one asked for; for intraday bars the client asks another for trading hours.
            self.metadata = chart["result"][0].get("meta") or {}
            self.only_metadata = not chart["result"][0].get("timestamp")
        return answer

    # The client's own cache would answer a second try with the failure that it remembers.
    cache_get = get


def _bound_timeouts(session: Any) -> None:
    # The client's cookie and crumb steps wait 30 s each, whatever timeout it is given.
    if session is None or "request" in vars(session):
        return
    request = session.request

    def bounded(*args: Any, **extra: Any) -> Any:
        return request(*args, **{**extra, "timeout": yahoo_errors.TIMEOUT})

    session.request = bounded
