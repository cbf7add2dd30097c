from __future__ import annotations

import exchange_calendars
import pandas as pd
import pytest

from stockrnn.errors import ConfigError
from stockrnn.prices.sessions import calendar_for, check_calendar, next_sessions, sessions_between
from stockrnn.prices.table import Prices, prices_table


def iso(sessions: pd.DatetimeIndex) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in sessions]


def prices_on(days: pd.DatetimeIndex) -> Prices:
    return prices_table(pd.DataFrame({"ticker": "A", "session": days, "close": 1.0}), "x.csv")


@pytest.mark.parametrize(
    ("calendar", "last", "expected"),
    [
        ("XNYS", "2018-08-29", ["2018-08-30", "2018-08-31", "2018-09-04"]),  # Labor Day
        ("XNYS", "2018-08-29 16:00", ["2018-08-30", "2018-08-31", "2018-09-04"]),
        ("XNYS", "2018-09-01", ["2018-09-04", "2018-09-05", "2018-09-06"]),  # a Saturday
        ("XNYS", "2001-09-10", ["2001-09-17", "2001-09-18", "2001-09-19"]),
        ("XNYS", "1968-06-11", ["1968-06-13", "1968-06-14", "1968-06-17"]),  # closed on Wednesdays to do the paperwork
        ("XLON", "2023-05-05", ["2023-05-09", "2023-05-10", "2023-05-11"]),  # the coronation
        ("24/7", "2018-08-31", ["2018-09-01", "2018-09-02", "2018-09-03"]),
        ("24/7", "1968-12-31", ["1969-01-01", "1969-01-02", "1969-01-03"]),
    ],
)
def test_the_next_sessions_skip_weekends_and_holidays_of_the_exchange(
    calendar: str, last: str, expected: list[str]
) -> None:
    assert iso(next_sessions(calendar, pd.Timestamp(last), 3)) == expected


@pytest.mark.parametrize("calendar", ["XNYS", "XSHG", "XTKS"])
def test_as_many_sessions_come_as_are_asked_for(calendar: str) -> None:
    last = pd.Timestamp("2019-09-27")
    sessions = next_sessions(calendar, last, 250)
    assert len(sessions) == 250
    assert sessions[0] > last
    assert sessions.is_monotonic_increasing
    assert sessions.is_unique


def test_sessions_between_include_both_ends() -> None:
    days = sessions_between("XNYS", pd.Timestamp("2018-08-31"), pd.Timestamp("2018-09-05"))
    assert iso(days) == ["2018-08-31", "2018-09-04", "2018-09-05"]


def test_a_calendar_whose_holidays_are_recorded_for_some_years_serves_up_to_its_end() -> None:
    import exchange_calendars

    end = exchange_calendars.get_calendar("XSHG").bound_max()
    assert len(next_sessions("XSHG", end - pd.Timedelta(days=30), 5)) == 5
    with pytest.raises(ConfigError, match="calendar XSHG knows only 0 sessions after"):
        next_sessions("XSHG", end, 5)


def test_prices_from_before_a_calendar_begins_do_not_stop_it() -> None:
    days = sessions_between("XBOM", pd.Timestamp("1990-01-01"), pd.Timestamp("1997-01-10"))
    assert iso(days)[0] == "1997-01-01"


@pytest.mark.parametrize(("name", "near"), [("NYSE!", "NYSE"), ("xnys", "XNYS"), ("qqqqqqqq", "such as XNYS")])
def test_an_unknown_calendar_is_an_error_that_names_near_ones(name: str, near: str) -> None:
    with pytest.raises(ConfigError, match=rf"unknown calendar .*{near}"):
        check_calendar(name)


def test_prices_without_weekends_are_of_new_york_until_the_user_says_otherwise() -> None:
    prices = prices_on(sessions_between("XNYS", pd.Timestamp("2020-01-01"), pd.Timestamp("2020-12-31")))
    assert calendar_for(prices) == ("XNYS", None)
    assert calendar_for(prices, "auto") == ("XNYS", None)
    assert calendar_for(prices, "24/7") == ("24/7", None)
    with pytest.raises(ConfigError, match="unknown calendar"):
        calendar_for(prices, "Moon")


def test_prices_with_weekends_trade_every_day() -> None:
    assert calendar_for(prices_on(pd.date_range("2020-01-01", periods=100))) == ("24/7", None)


def test_prices_of_another_exchange_give_a_warning_that_names_the_option() -> None:
    prices = prices_on(sessions_between("XTKS", pd.Timestamp("2019-01-01"), pd.Timestamp("2019-12-31")))
    name, warning = calendar_for(prices)
    assert name == "XNYS"
    assert warning is not None
    assert "are no session of XNYS, first 2019-01-21" in warning  # Martin Luther King's day
    assert "--calendar" in warning
    assert calendar_for(prices, "XTKS") == ("XTKS", None)


def test_prices_of_every_weekday_are_told_the_calendar_of_exchange_rates() -> None:
    weekdays = pd.bdate_range("2019-01-02", "2019-12-31")
    for days in (weekdays, weekdays.drop("2019-12-25")):
        warning = calendar_for(prices_on(days))[1]
        assert warning is not None
        assert "--calendar 24/5" in warning
        assert calendar_for(prices_on(days), "24/5")[1] is None


def test_a_calendar_that_cannot_be_built_is_an_error_that_says_so(monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("Special dates " + "2006-11-26 " * 1000)

    monkeypatch.setattr(exchange_calendars, "get_calendar", fail)
    day = pd.Timestamp("1901-01-02")  # of years that no other test has built
    with pytest.raises(ConfigError, match="calendar XLON cannot be built") as raised:
        sessions_between("XLON", day, day)
    assert len(str(raised.value)) < 200


def test_one_odd_day_in_a_hundred_is_no_warning() -> None:
    days = sessions_between("XNYS", pd.Timestamp("2018-08-01"), pd.Timestamp("2019-01-31"))[:99]
    assert calendar_for(prices_on(days.append(pd.DatetimeIndex(["2018-09-03"]))))[1] is None
    assert calendar_for(prices_on(days.append(pd.DatetimeIndex(["2018-09-03", "2018-11-22"]))))[1] is not None


def test_many_tickers_that_end_on_other_days_share_a_calendar() -> None:
    import exchange_calendars

    built = []
    original = exchange_calendars.get_calendar
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchange_calendars, "get_calendar", lambda *a, **k: built.append(a) or original(*a, **k))
        for day in pd.date_range("2013-03-01", periods=30):
            next_sessions("XNYS", day, 1)
    assert len(built) <= 1
