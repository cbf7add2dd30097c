"""The sessions of an exchange: which days there were and which will come."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.errors import ConfigError
from stockrnn.prices.suffixes import calendar_of_suffix
from stockrnn.prices.table import Prices, sessions_of, tickers_of

ALWAYS_OPEN = "24/7"
DEFAULT_CALENDAR = "XNYS"

# A share of sessions on Saturdays and on Sundays that no exchange with weekends has.
_WEEKEND_SHARE = 0.05
_STRANGE_SHARE = 0.01
# A share of the weekdays that only markets without an exchange stay below.
_FEW_HOLIDAYS = 0.02
# Years.
_SPAN = 20


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


def coming_sessions(interval: str, calendar: str, last: pd.Timestamp, count: int) -> pd.DatetimeIndex:
    """Return the next bars' sessions: those of the exchange for daily prices, whole weeks or months on for slower ones.

    Args:
        interval: `1d`, `1wk`, `2wk`, `1mo`, `3mo`, `6mo` or `1y`.
        calendar: The exchange calendar; only daily prices need it.
        last: The last session whose prices are known.
        count: How many.
    """
    if interval == "1d":
        return next_sessions(calendar, last, count)
    number, unit = int(interval.rstrip("wkmoy")), interval.lstrip("0123456789")
    step = {"wk": pd.DateOffset(weeks=number), "mo": pd.DateOffset(months=number), "y": pd.DateOffset(years=number)}[
        unit
    ]
    return pd.DatetimeIndex([last + step * ahead for ahead in range(1, count + 1)])


def sessions_between(calendar: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Return the sessions of an exchange from `first` to `last`, both ends included.

    Raises:
        ConfigError: No such calendar.
    """
    # A margin keeps both ends inside the calendar's first and last session. A calendar of many years costs what one of a
    # year does, so that whole spans of years are built, once for many tickers.
    margin = pd.Timedelta(days=15)
    start, end = (first - margin).year // _SPAN * _SPAN, (last + margin).year // _SPAN * _SPAN + _SPAN - 1
    sessions: pd.DatetimeIndex = _calendar(calendar, start, end).sessions
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
def _calendar(name: str, first_year: int, last_year: int) -> Any:
    import exchange_calendars

    check_calendar(name)
    try:
        return _built(name, pd.Timestamp(first_year, 1, 1), pd.Timestamp(last_year, 12, 31))
    except (ValueError, NotImplementedError) as error:
        # What the library says may be thousands of dates long.
        raise ConfigError(
            f"calendar {name} cannot be built by exchange-calendars {exchange_calendars.__version__}, a fault of its "
            "own; name another with --calendar, such as 24/5"
        ) from error


def _built(name: str, start: pd.Timestamp, end: pd.Timestamp) -> Any:
    from exchange_calendars import get_calendar

    # Without a start the library knows the last 20 years only.
    try:
        return get_calendar(name, start=start, end=end)
    except ValueError:
        # The holidays of some exchanges are recorded for some years only.
        recorded = get_calendar(name)
        start, end = max(start, recorded.bound_min() or start), min(end, recorded.bound_max() or end)
        return get_calendar(name, start=start, end=end) if start < end else recorded


def calendar_for(prices: Prices, named: str | None = None, usual: str | None = None) -> tuple[str, str | None]:
    """Choose the exchange calendar of daily prices.

    Args:
        prices: The prices table.
        named: What the user or the source says; `auto` and None leave it to the prices.
        usual: The calendar of prices that say nothing of themselves; None is New York's.

    Returns:
        The calendar's name, and a warning when more than 1 % of the prices' days are no session of it.
    """
    if named and named != "auto":
        check_calendar(named)
        name = named
    else:
        name = _supposed_calendar(prices) or usual or DEFAULT_CALENDAR
    return name, _strangeness(sessions_of(prices), name)


def _supposed_calendar(prices: Prices) -> str | None:
    if trades_on_weekends(sessions_of(prices)):
        return ALWAYS_OPEN
    by_suffix = {calendar_of_suffix(ticker) for ticker in tickers_of(prices)}
    return by_suffix.pop() if len(by_suffix) == 1 else None


def trades_on_weekends(sessions: pd.DatetimeIndex) -> bool:
    """Tell whether so many sessions are on Saturdays and on Sundays that the market never closes."""
    weekday = sessions.day_of_week.to_numpy()
    return bool(np.mean(weekday == 5) > _WEEKEND_SHARE and np.mean(weekday == 6) > _WEEKEND_SHARE)


def _strangeness(sessions: pd.DatetimeIndex, calendar: str) -> str | None:
    days = sessions.normalize().unique()
    known = sessions_between(calendar, days[0], days[-1])
    # Nothing is strange about days that the calendar has no records of.
    days = days[(days >= known[0]) & (days <= known[-1])] if len(known) else days[:0]
    strange = days.difference(known)
    if len(strange) <= _STRANGE_SHARE * len(days):
        return None
    return (
        f"{len(strange)} of {len(days)} days in the prices are no session of {calendar}, first {strange[0]:%Y-%m-%d}; "
        f"{calendar_advice(days.to_numpy())}"
    )


def calendar_advice(days: npt.NDArray[np.datetime64]) -> str:
    """Return how to name the exchange of days of trading, sorted; currencies are known by their few holidays.

    Exchanges have eight holidays a year or more, a few per cent of the weekdays; currencies are quoted on nearly all.
    """
    dates = days.astype("datetime64[D]")
    weekdays = int(np.busday_count(dates[0], dates[-1] + np.timedelta64(1, "D")))
    traded = int(np.is_busday(dates).sum())
    if traded >= (1 - _STRANGE_SHARE) * len(dates) and traded >= (1 - _FEW_HOLIDAYS) * weekdays:
        return "they are nearly all weekdays, as of currencies: say --calendar 24/5; or name the exchange, such as XLON"
    return _displaced_advice(dates) or "name the exchange with --calendar, such as XLON, XTKS, XBOM or 24/7"


def _displaced_advice(dates: npt.NDArray[np.datetime64]) -> str | None:
    """Return what to do where the days are five of a week that are not Monday to Friday; None where they are others."""
    # 1970-01-01 was a Thursday; 0 is a Monday.
    counts = np.bincount((dates.astype(np.int64) + 3) % 7, minlength=7)
    traded = counts > _STRANGE_SHARE * len(dates)
    if traded.tolist() == [False, True, True, True, True, True, False]:
        return (
            "they are Tuesdays to Saturdays, when no exchange trades: the dates are another day's, as those of Excel's 1904 "
            "system are (1,462 days too early), or stamps in UTC; correct them in the file"
        )
    if traded.tolist() == [True, True, True, True, False, False, True]:
        return (
            "they are Sundays to Thursdays: say --calendar XTAE for Tel Aviv, XSAU for Riyadh; of an exchange that trades from Monday to "
            "Friday they are the day before, as midnights of Asia written in UTC are; correct them in the file"
        )
    return None
