"""Weeks and months made of days."""

from __future__ import annotations

from datetime import date

import pandas as pd

from stockrnn.prices.yahoo.periods import whole_periods


def daily(first: str, last: str) -> pd.DataFrame:
    days = pd.bdate_range(first, last, name="session")
    close = pd.Series(range(len(days)), index=days, dtype="float64") + 100
    return pd.DataFrame({"open": close - 1, "high": close + 2, "low": close - 3, "close": close, "volume": 10.0})


def test_a_week_opens_with_its_first_session_and_closes_with_its_last():
    prices = daily("2018-02-05", "2018-02-16")
    weeks = whole_periods(prices, "1wk", date(2018, 2, 5), date(2018, 2, 16), "XNYS")
    assert [f"{day:%Y-%m-%d}" for day in weeks.index] == ["2018-02-05", "2018-02-12"]
    assert weeks.iloc[0].tolist() == [99, 106, 97, 104, 50]


def test_a_week_or_month_that_the_range_cuts_is_left_out():
    prices = daily("2018-02-06", "2018-03-14")
    weeks = whole_periods(prices, "1wk", date(2018, 2, 6), date(2018, 3, 14), "XNYS")
    assert [f"{day:%m-%d}" for day in weeks.index] == ["02-12", "02-19", "02-26", "03-05"]
    assert whole_periods(prices, "1mo", date(2018, 2, 6), date(2018, 3, 14), "XNYS").empty


def test_a_month_is_whole_when_only_holidays_and_weekends_are_cut_off():
    # The range begins on 2018-01-02: the 1st is a holiday. It ends on Friday 2018-03-29: the 30th is Good Friday.
    prices = daily("2018-01-02", "2018-03-29")
    months = whole_periods(prices, "1mo", date(2018, 1, 2), date(2018, 3, 29), "XNYS")
    assert [f"{day:%Y-%m-%d}" for day in months.index] == ["2018-01-01", "2018-02-01", "2018-03-01"]
    quarters = whole_periods(prices, "3mo", date(2018, 1, 2), date(2018, 3, 29), "XNYS")
    assert [f"{day:%Y-%m-%d}" for day in quarters.index] == ["2018-01-01"]


def test_the_month_of_a_first_listing_is_kept():
    prices = daily("2018-01-17", "2018-01-31")
    assert len(whole_periods(prices, "1mo", date(2017, 1, 1), date(2018, 1, 31), "XNYS")) == 1
