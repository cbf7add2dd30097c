"""The weekday of the next session, as a feature: it must be known the day before."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from stockrnn.prices.table import Prices, prices_table
from stockrnn.samples.features import feature_table


def weekdays_of(prices: Prices) -> list[int | None]:
    table = feature_table(prices, [f"weekday_{day}" for day in ("mon", "tue", "wed", "thu", "fri")])
    assert set(np.unique(table)) <= {0.0, 1.0}
    return [int(np.argmax(row)) if row.any() else None for row in table]


def dated(days: pd.DatetimeIndex) -> Prices:
    frame = pd.DataFrame({"ticker": "AAA", "session": days, "close": np.arange(1.0, len(days) + 1)})
    return prices_table(frame, "dates")


def test_the_weekday_is_that_of_the_next_session() -> None:
    days = pd.bdate_range("2024-01-01", periods=60)
    assert weekdays_of(dated(days))[:-1] == [following.weekday() for _, following in pairwise(days)]


def test_where_prices_are_made_every_day_the_next_weekday_is_tomorrows() -> None:
    days = pd.date_range("2024-01-01", periods=60, freq="D")
    expected = [day.weekday() if day.weekday() < 5 else None for day in days[1:]]
    # The first week does not know yet that there will be a Saturday and a Sunday.
    assert weekdays_of(dated(days))[6:-1] == expected[6:]


def test_where_the_week_begins_on_sunday_thursday_is_followed_by_sunday() -> None:
    days = pd.bdate_range("2024-01-07", periods=60, freq="C", weekmask="Sun Mon Tue Wed Thu")
    thursdays = [number for number, day in enumerate(days) if day.weekday() == 3][8:]
    assert {weekdays_of(dated(days))[number] for number in thursdays} == {None}


def test_one_wrong_date_on_a_weekend_does_not_make_it_a_trading_day() -> None:
    days = pd.bdate_range("2024-01-01", periods=100).append(pd.DatetimeIndex(["2024-03-02"])).sort_values()
    friday = days.get_loc("2024-04-05")
    assert weekdays_of(dated(days))[friday] == 0


def test_weekly_prices_are_always_followed_by_the_same_weekday() -> None:
    days = pd.date_range("2024-01-05", periods=60, freq="W-FRI")
    assert set(weekdays_of(dated(days))[25:]) == {4}
