"""The sessions of an exchange: which days there were and which will come."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from stockrnn.errors import ConfigError
from stockrnn.prices.table import Prices, sessions_of

ALWAYS_OPEN = "24/7"
DEFAULT_CALENDAR = "XNYS"

# A share of sessions on Saturdays and on Sundays that no exchange with weekends has.
_WEEKEND_SHARE = 0.05
_STRANGE_SHARE = 0.01


def next_sessions(calendar: str, last: pd.Timestamp, count: int) -> pd.DatetimeIndex:
    """Return the first `count` sessions of an exchange after the day `last`.

    Raises:
        ConfigError: No such calendar, or one that does not reach that far.
    """
    # 4 calendar days a session outlast every holiday that the known calendars have; 30 more carry a short count.
    sessions = sessions_between(calendar, last + pd.Timedelta(days=1), last + pd.Timedelta(days=4 * count + 30))
    if len(sessions) < count:
        raise ConfigError(
            f"calendar {calendar} knows only {len(sessions)} sessions after {last:%Y-%m-%d}, {count} were asked for"
        )
    return sessions[:count]


def sessions_between(calendar: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Return the sessions of an exchange from `first` to `last`, both ends included.

    Raises:
        ConfigError: No such calendar.
    """
    sessions: pd.DatetimeIndex = _calendar(calendar, first.normalize(), last.normalize()).sessions
    return sessions[(sessions >= first.normalize()) & (sessions <= last)].rename("session")


def check_calendar(calendar: str) -> None:
    """Check that an exchange calendar of this name exists.

    Raises:
        ConfigError: There is none; says which are near.
    """
    import exchange_calendars

    names = exchange_calendars.get_calendar_names(include_aliases=True)
    if calendar not in names:
        near = difflib.get_close_matches(calendar.upper(), names, n=4, cutoff=0.4)
        raise ConfigError(
            f"unknown calendar {calendar!r}; {'near: ' + ', '.join(near) if near else 'such as XNYS, XLON, 24/7'}"
        )


@lru_cache(maxsize=16)
def _calendar(name: str, first: pd.Timestamp, last: pd.Timestamp) -> Any:
    import exchange_calendars

    check_calendar(name)
    # Without a start the library knows the last 20 years only; a margin keeps both ends inside its first and last session.
    try:
        return exchange_calendars.get_calendar(
            name, start=first - pd.Timedelta(days=15), end=last + pd.Timedelta(days=15)
        )
    except ValueError as error:
        raise ConfigError(f"calendar {name}: {error}") from error


def calendar_for(prices: Prices, named: str | None = None) -> tuple[str, str | None]:
    """Choose the exchange calendar of daily prices.

    Args:
        prices: The prices table.
        named: What the user or the source says; `auto` and None leave it to the prices.

    Returns:
        The calendar's name, and a warning when more than 1 % of the prices' days are no session of it.
    """
    if named and named != "auto":
        check_calendar(named)
        name = named
    else:
        name = ALWAYS_OPEN if _trades_on_weekends(sessions_of(prices)) else DEFAULT_CALENDAR
    return name, _strangeness(sessions_of(prices), name)


def _trades_on_weekends(sessions: pd.DatetimeIndex) -> bool:
    weekday = sessions.dayofweek.to_numpy()
    return bool(np.mean(weekday == 5) > _WEEKEND_SHARE and np.mean(weekday == 6) > _WEEKEND_SHARE)


def _strangeness(sessions: pd.DatetimeIndex, calendar: str) -> str | None:
    days = sessions.normalize().unique()
    strange = days.difference(sessions_between(calendar, days[0], days[-1]))
    if len(strange) <= _STRANGE_SHARE * len(days):
        return None
    return (
        f"{len(strange)} of {len(days)} days in the prices are no session of {calendar}, first {strange[0]:%Y-%m-%d}; "
        f"name the exchange with --calendar, such as XLON, XTKS, XETR or 24/7"
    )
