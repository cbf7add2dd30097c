"""What can go wrong with an answer of Yahoo, told apart and in words."""

from __future__ import annotations

import json
from typing import Any

from stockrnn.errors import NetworkError, RateLimitedError, StockrnnError, UnknownTickerError

TIMEOUT = 10.0
_SOURCE = "Yahoo"


class TooManyRequestsError(RateLimitedError):
    """One answer that asks for fewer requests."""


class NoAnswerError(NetworkError):
    """A server that cannot be reached at all, or stays silent."""


class NoPricesError(StockrnnError):
    """An answer without prices and without saying what the ticker is; the text is Yahoo's reason."""


def checked_chart(answer: Any) -> dict[str, Any]:
    """Return the chart of an answer.

    Raises:
        NetworkError: The answer is no chart.
        UnknownTickerError: There is no such ticker.
    """
    status = answer.status_code
    if status == 429:
        raise TooManyRequestsError("too many requests")
    if status >= 500 or status in (401, 403):
        raise NetworkError(f"{_SOURCE} answered with status {status}; try again later")
    try:
        document = json.loads(answer.text)
    except ValueError:
        if status == 404:
            raise UnknownTickerError(f"{_SOURCE} has no such ticker") from None
        raise NetworkError(f"{_SOURCE} sent {_what_it_is(answer.text)} instead of prices; try again later") from None
    chart = document.get("chart") if isinstance(document, dict) else None
    if not isinstance(chart, dict):
        raise NetworkError(f"{_SOURCE} sent JSON without a chart ({answer.text[:80]!r}); try again later")
    if status == 404:
        reason = (chart.get("error") or {}).get("description") or "no data found"
        raise UnknownTickerError(f"{_SOURCE} does not know this ticker ({reason})")
    return chart


def _what_it_is(text: str) -> str:
    if not text.strip():
        return "an empty answer"
    if text.lstrip()[:1] == "<":
        return "a web page"
    return f"JSON that breaks off after {len(text)} characters" if text.lstrip()[:1] in "{[" else "something unreadable"


def client_error(ticker: str, error: Exception, yfinance_errors: Any) -> StockrnnError:
    """Return the error to raise for what the client raised.

    Args:
        ticker: The ticker that was asked for.
        error: The client's exception.
        yfinance_errors: The module of the client's own exceptions.
    """
    if isinstance(error, StockrnnError):
        return type(error)(f"{ticker}: {error}")
    if isinstance(error, yfinance_errors.YFRateLimitError):
        return TooManyRequestsError(f"{ticker}: {_SOURCE} asks for fewer requests")
    if isinstance(error, yfinance_errors.YFTickerMissingError):
        return NoPricesError(str(getattr(error, "yahoo_reason", None) or error.rationale))
    if isinstance(error, yfinance_errors.YFException):
        return NetworkError(f"{ticker}: {_SOURCE}'s answer cannot be used ({_brief(error)}); try again later")
    if isinstance(error, OSError):
        return _network_error(ticker, error)
    what = f"{type(error).__name__}: {_brief(error)}"
    return NetworkError(f"{ticker}: {_SOURCE}'s answer cannot be understood ({what}); try again later")


def _network_error(ticker: str, error: OSError) -> NetworkError:
    # The client has two transports, whose exceptions have the same names and no common base but OSError.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if kinds & {"DNSError", "gaierror"} or "resolve" in str(error).lower():
        return NoAnswerError(f"{ticker}: the name of {_SOURCE}'s server cannot be found (DNS); are you offline?")
    if kinds & {"Timeout", "TimeoutError"}:
        return NoAnswerError(f"{ticker}: no answer from {_SOURCE} within {TIMEOUT:g} s (timeout); try again later")
    if kinds & {"SSLError", "ProxyError"}:
        return NoAnswerError(f"{ticker}: no secure connection to {_SOURCE} ({_brief(error)})")
    if "ConnectionError" in kinds:
        return NoAnswerError(f"{ticker}: no connection to {_SOURCE} ({_brief(error)}); are you offline?")
    return NetworkError(f"{ticker}: the connection to {_SOURCE} broke off ({_brief(error)}); try again later")


def _brief(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text.split(" See https://", maxsplit=1)[0][:160]
