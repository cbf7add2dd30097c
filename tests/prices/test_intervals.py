"""The interval of bars is told from the bars."""

from __future__ import annotations

import pandas as pd
import pytest

from stockrnn.prices.intervals import counted, intervals_of, is_intraday, session_unit
from stockrnn.prices.table import prices_table


def table(**sessions: pd.DatetimeIndex) -> pd.DataFrame:
    parts = [pd.DataFrame({"ticker": ticker, "session": index, "close": 1.5}) for ticker, index in sessions.items()]
    return prices_table(pd.concat(parts), "test")


@pytest.mark.parametrize(
    ("frequency", "interval"),
    [("B", "1d"), ("D", "1d"), ("W", "1wk"), ("W-FRI", "1wk"), ("MS", "1mo"), ("BME", "1mo"), ("QS", "3mo"), ("YS", "1y"),
     ("1min", "1m"), ("5min", "5m"), ("30min", "30m"), ("60min", "1h"), ("90min", "90m"), ("4h", "4h")],
)  # fmt: skip
def test_the_interval_is_the_usual_gap(frequency: str, interval: str) -> None:
    prices = table(A=pd.date_range("2020-01-01", periods=40, freq=frequency))
    assert intervals_of(prices) == {"A": interval}


def test_holidays_and_nights_do_not_change_the_interval() -> None:
    days = pd.bdate_range("2020-01-01", periods=60).delete([5, 6, 7, 20, 30, 31])
    hours = pd.DatetimeIndex([day + pd.Timedelta(minutes=30 * step) for day in days for step in range(13)])
    assert intervals_of(table(A=days, B=hours)) == {"A": "1d", "B": "30m"}


def test_a_lone_session_has_the_interval_of_the_others() -> None:
    weekly = pd.date_range("2020-01-03", periods=9, freq="W")
    assert intervals_of(table(A=weekly, B=weekly[:1])) == {"A": "1wk", "B": "1wk"}
    assert intervals_of(table(A=weekly[:1])) == {"A": "1d"}


def test_only_steps_within_a_day_are_intraday() -> None:
    assert [name for name in ("1m", "30m", "1h", "15s", "1d", "1wk", "1mo", "3mo", "1y") if is_intraday(name)] == [
        "1m",
        "30m",
        "1h",
        "15s",
    ]


@pytest.mark.parametrize(
    ("frequency", "unit"), [("B", "session"), ("W-FRI", "week"), ("MS", "month"), ("QS", "quarter")]
)
def test_a_session_is_called_what_it_is(frequency: str, unit: str) -> None:
    prices = table(A=pd.date_range("2020-01-01", periods=40, freq=frequency))
    assert session_unit(prices) == unit
    assert (counted(1, unit), counted(2, unit)) == (f"1 {unit}", f"2 {unit}s")
