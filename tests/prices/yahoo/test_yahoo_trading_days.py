"""Which sessions are over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from stockrnn.prices.yahoo.trading_days import exchange_date, final_through, trading_days

NEW_YORK = "America/New_York"


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2018, 1, day, hour, minute, tzinfo=UTC)


def test_trading_days_leave_out_weekends_and_holidays():
    # 2018-01-15 is Martin Luther King Day.
    assert trading_days("XNYS", date(2018, 1, 12), date(2018, 1, 16)) == [date(2018, 1, 12), date(2018, 1, 16)]


def test_coins_trade_every_day_and_an_unknown_exchange_on_weekdays():
    assert len(trading_days("24/7", date(2018, 1, 12), date(2018, 1, 16))) == 5
    assert len(trading_days(None, date(2018, 1, 12), date(2018, 1, 16))) == 3
    assert trading_days("XNYS", date(2018, 1, 16), date(2018, 1, 12)) == []


def test_before_the_first_session_of_a_calendar_the_weekdays_count():
    assert len(trading_days("XHKG", date(1950, 1, 2), date(1950, 1, 8))) == 5


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (utc(10, 14, 0), date(2018, 1, 9)),  # 09:00 in New York: not begun
        (utc(10, 20, 59), date(2018, 1, 9)),  # 15:59
        (utc(10, 21, 10), date(2018, 1, 9)),  # 16:10: closed, perhaps not settled
        (utc(10, 21, 30), date(2018, 1, 10)),  # 16:30
        (utc(11, 2, 0), date(2018, 1, 10)),  # 21:00 on the 10th in New York, the 11th in UTC
        (utc(13, 20, 0), date(2018, 1, 13)),  # a Saturday: nothing can change
    ],
)
def test_todays_session_counts_when_it_is_over(now, last):
    assert final_through(now, NEW_YORK, "XNYS") == last


def test_a_trade_at_the_close_says_that_the_session_is_over():
    close = utc(10, 21, 0)
    assert final_through(close + timedelta(minutes=1), NEW_YORK, "XNYS", None, close) == date(2018, 1, 10)


def test_the_hours_that_the_source_gives_win_over_the_calendar():
    hours = (utc(10, 14, 30), utc(10, 18, 0))
    assert final_through(utc(10, 18, 31), NEW_YORK, "XNYS", hours) == date(2018, 1, 10)
    assert final_through(utc(10, 18, 31), NEW_YORK, None, hours) == date(2018, 1, 10)
    assert final_through(utc(10, 18, 31), NEW_YORK, None) == date(2018, 1, 9)


def test_a_day_that_never_closes_is_final_when_it_is_gone():
    assert final_through(utc(10, 23, 59), "UTC", "24/7") == date(2018, 1, 9)
    assert final_through(utc(11, 0, 1), "UTC", "24/7") == date(2018, 1, 10)


def test_the_date_is_the_exchanges():
    assert exchange_date(utc(10, 23), "Asia/Tokyo") == date(2018, 1, 11)
    assert exchange_date(utc(10, 3), NEW_YORK) == date(2018, 1, 9)
