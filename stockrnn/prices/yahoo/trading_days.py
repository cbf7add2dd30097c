"""Which days an exchange trades, and through which day its prices are final."""

from __future__ import annotations

import warnings
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from stockrnn.prices.sessions import ALWAYS_OPEN
from stockrnn.prices.yahoo.exchanges import WEEKDAYS

# A closing auction, and the delay with which an exchange lets its prices be shown, come after the close.
SETTLING = timedelta(minutes=30)
DAY = timedelta(days=1)
_AROUND_THE_CLOCK = (ALWAYS_OPEN, WEEKDAYS, "CMES")


def trading_days(calendar: str | None, first: date, last: date) -> list[date]:
    """Return the days from `first` to `last`, both included, on which an exchange trades.

    Where the calendar is not known, or does not reach so far, the weekdays.
    """
    if first > last:
        return []
    if calendar == ALWAYS_OPEN:
        return _all_days(first, last)
    known = _calendar_for(calendar, first, last)
    if known is None:
        return [day for day in _all_days(first, last) if day.weekday() < 5]
    return [session.date() for session in known.sessions_in_range(first.isoformat(), last.isoformat())]


def exchange_date(now: datetime, time_zone: str | None) -> date:
    """Return the date that it is at the exchange; in UTC where its time zone is not known."""
    return now.astimezone(ZoneInfo(time_zone or "UTC")).date()


def final_through(
    now: datetime,
    time_zone: str | None,
    calendar: str | None,
    hours: tuple[datetime, datetime] | None = None,
    last_trade: datetime | None = None,
) -> date:
    """Return the last day of which the prices can no longer change: today only when its session is over.

    Args:
        now: The time it is, with its zone.
        time_zone: The exchange's time zone.
        calendar: The exchange calendar, None where it is not known.
        hours: Start and end of the current session, as the source says; without it the calendar decides.
        last_trade: When the source saw the last trade; one at the close or later says that the session is over.
    """
    today = exchange_date(now, time_zone)
    yesterday = today - DAY
    if calendar in _AROUND_THE_CLOCK:
        return yesterday
    close = _close(today, time_zone, calendar, hours)
    if close is None:
        closed_today = calendar is not None and not trading_days(calendar, today, today)
        return today if closed_today else yesterday
    traded_to_the_close = last_trade is not None and last_trade >= close
    over = now >= close + SETTLING or (now >= close and traded_to_the_close)
    return today if over else yesterday


def _close(
    today: date, time_zone: str | None, calendar: str | None, hours: tuple[datetime, datetime] | None
) -> datetime | None:
    if hours is not None and exchange_date(hours[0], time_zone) == today:
        return hours[1]
    known = _calendar_for(calendar, today, today)
    if known is None or not known.is_session(today.isoformat()):
        return None
    close: datetime = known.session_close(today.isoformat()).to_pydatetime()
    return close


def _all_days(first: date, last: date) -> list[date]:
    return [first + count * DAY for count in range((last - first).days + 1)]


def _calendar_for(name: str | None, first: date, last: date) -> Any:
    """Return a calendar that reaches from `first` to `last`, None where there is none."""
    # Making a calendar takes longer than any use of it, so a few wide ones are made rather than many narrow ones.
    known = _calendar(name, (first.year - 1) // 40 * 40) if name else None
    covers = known is not None and known.first_session.date() <= first and last <= known.last_session.date()
    return known if covers else None


@lru_cache(maxsize=32)
def _calendar(name: str, first_year: int) -> Any:
    import exchange_calendars

    for span in ({"start": f"{first_year}-01-01"}, {}):
        try:
            with warnings.catch_warnings():
                # Its use of pandas is its maintainers' business; whoever fetches prices can do nothing about it.
                warnings.simplefilter("ignore", DeprecationWarning)
                return exchange_calendars.get_calendar(name, **span)
        except (ValueError, exchange_calendars.errors.CalendarError):
            continue
    return None
