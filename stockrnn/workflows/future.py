"""The sessions to come after the newest prices of each ticker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stockrnn.arrays import Positions
from stockrnn.config import Config
from stockrnn.errors import PriceDataError
from stockrnn.forecasts.table import Forecast, Forecasts, tabulate_future
from stockrnn.messages import Notify, first_few
from stockrnn.prices.intervals import DAILY, counted, intervals_of
from stockrnn.prices.sessions import calendar_for, coming_sessions
from stockrnn.prices.table import Prices, row_spans, sessions_of

# Of calendars, which tend to be the same for all tickers.
_MOST_WARNINGS = 3
_STALE = 10


@dataclass(frozen=True)
class Future:
    """What is to be forecast.

    Attributes:
        prices: The newest prices.
        origins: The newest row of each ticker that is forecast.
        sessions: The sessions to come, of shape (origins, days).
        interval: That of the prices, such as `1d`; several are joined by `and`.
        calendar: The exchange calendar that dated the sessions; several are joined by `and`.
    """

    prices: Prices
    origins: Positions
    sessions: npt.NDArray[np.datetime64]
    interval: str
    calendar: str

    @property
    def days(self) -> int:
        """How many sessions are to be forecast."""
        return int(self.sessions.shape[1])

    def tabulated(self, forecast: Forecast, target: str) -> Forecasts:
        """Return forecasts as forecasts-table rows."""
        return tabulate_future(forecast, self.prices, self.origins, target, self.sessions)


def future_of(
    prices: Prices, config: Config, days: int, calendars: tuple[str | None, str | None], notify: Notify
) -> Future:
    """Date the sessions after the newest prices.

    Args:
        prices: The newest prices.
        config: The config of the network that is to forecast them.
        days: How many sessions.
        calendars: The exchange calendar that is named, and that of prices that say nothing of themselves.
        notify: Hears warnings and notes.

    Raises:
        PriceDataError: No ticker has as many sessions as the network reads.
        ConfigError: An unknown calendar.
    """
    intervals = intervals_of(prices)
    origins = _last_origins(prices, config, notify)
    by_ticker = calendars_of(prices, *calendars, notify)
    last = prices.index[origins]
    sessions = np.stack([coming_sessions(intervals[name], by_ticker[name], day, days).to_numpy() for name, day in last])
    interval, calendar = (
        " and ".join(dict.fromkeys(each[name] for name, _ in last)) for each in (intervals, by_ticker)
    )
    return Future(prices, origins, sessions, interval, calendar)


def calendars_of(prices: Prices, named: str | None, usual: str | None, notify: Notify | None) -> dict[str, str]:
    """Return the exchange calendar of each ticker: the one named, or that of its own prices.

    Args:
        prices: The prices table.
        named: What the user or the source says; None and `auto` leave it to each ticker's prices.
        usual: The calendar of prices that say nothing of themselves.
        notify: Hears a warning of days of daily prices that are no sessions; None where nobody wants to know.
    """
    calendars: dict[str, str] = {}
    warnings: dict[str, list[tuple[str, str]]] = {}
    spans, intervals = row_spans(prices), intervals_of(prices)
    for ticker, rows in spans.items():
        calendars[ticker], warning = calendar_for(prices.iloc[rows], named, usual)
        if warning and intervals[ticker] == DAILY:
            warnings.setdefault(calendars[ticker], []).append((ticker, warning))
    if notify is not None:
        for told in list(warnings.values())[:_MOST_WARNINGS]:
            # An exchange is asked for once, however many tickers do not follow it.
            (ticker, text), others = told[0], len(told) - 1
            who = f"{ticker} and {counted(others, 'more ticker')}" if others else ticker
            notify(f"Warning: {f'{who}: ' if len(spans) > 1 else ''}{text}.")
    return calendars


def _last_origins(prices: Prices, config: Config, notify: Notify) -> Positions:
    """Return the newest row of each ticker that a network can forecast from."""
    lookback, spans = config.window.lookback, row_spans(prices)
    short = [ticker for ticker, rows in spans.items() if rows.stop - rows.start < lookback]
    if len(short) == len(spans):
        raise PriceDataError(f"no ticker has the {lookback} sessions that the network reads (window.lookback)")
    if short:
        notify(f"Note: not forecast for want of {lookback} sessions (window.lookback): {first_few(short)}.")
    origins = np.array([rows.stop - 1 for ticker, rows in spans.items() if ticker not in short])
    stale = stale_tickers(prices, origins)
    if stale:
        notify(
            f"Note: the prices of {first_few(stale)} end more than {_STALE} sessions before the newest; "
            "these forecasts are of days that are past."
        )
    return origins


def stale_tickers(prices: Prices, origins: Positions) -> list[str]:
    """Return the tickers whose last session is more than ten sessions of the others older than the newest."""
    days = sessions_of(prices)
    return [name for name, day in prices.index[origins] if (days > day).sum() > _STALE]
