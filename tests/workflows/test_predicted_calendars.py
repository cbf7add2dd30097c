"""Each ticker of a pool is dated by the exchange that its own prices tell of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.config import parse_config
from stockrnn.prices.table import Prices, prices_table
from stockrnn.workflows.future import calendars_of, future_of, stale_tickers


def _pool() -> Prices:
    days = {"SHARE": pd.bdate_range("2020-01-01", "2020-06-30"), "COIN": pd.date_range("2020-01-01", "2020-06-30")}
    frames = [
        pd.DataFrame({"ticker": name, "session": each, "close": 100.0 + np.arange(len(each))})
        for name, each in days.items()
    ]
    return prices_table(pd.concat(frames), "a pool")


def test_a_share_beside_a_coin_keeps_its_exchange() -> None:
    assert calendars_of(_pool(), None, "XNYS", None) == {"COIN": "24/7", "SHARE": "XNYS"}


def test_a_named_calendar_is_that_of_all() -> None:
    assert set(calendars_of(_pool(), "24/7", None, None).values()) == {"24/7"}


def test_a_weekly_ticker_beside_a_daily_one_is_dated_by_weeks() -> None:
    days = {"DAILY": pd.bdate_range("2020-01-01", "2020-06-26"), "WEEKLY": pd.date_range("2020-01-03", "2020-06-26", freq="7D")}  # fmt: skip
    frames = [pd.DataFrame({"ticker": name, "session": each, "close": 100.0}) for name, each in days.items()]
    notes: list[str] = []
    config = parse_config({"window": {"lookback": 5}}, "test")
    future = future_of(prices_table(pd.concat(frames), "a pool"), config, 2, ("24/5", None), notes.append)
    assert future.interval == "1d and 1wk"
    assert pd.DatetimeIndex(future.sessions.ravel()).strftime("%m-%d").to_list() == ["06-29", "06-30", "07-03", "07-10"]
    assert notes == []


def test_prices_that_end_more_than_ten_sessions_early_are_stale() -> None:
    days = pd.bdate_range("2020-01-01", periods=60)
    ends = {"NEW": 60, "TEN": 50, "OLD": 49}
    frames = [
        pd.DataFrame({"ticker": name, "session": days[:end], "close": 100.0 + np.arange(end)})
        for name, end in ends.items()
    ]
    prices = prices_table(pd.concat(frames), "a pool")
    last = prices.reset_index().groupby("ticker").tail(1).index.to_numpy()
    assert stale_tickers(prices, last) == ["OLD"]


def test_an_exchange_is_asked_for_once_for_all_tickers() -> None:
    days = pd.bdate_range("2015-01-01", "2019-12-31")
    frames = [pd.DataFrame({"ticker": name, "session": days, "close": 1.0 + np.arange(len(days))}) for name in "ABC"]
    told: list[str] = []
    calendars_of(prices_table(pd.concat(frames), "currencies"), None, None, told.append)
    (warning,) = told
    assert warning.startswith("Warning: A and 2 more tickers: ")
    assert "--calendar 24/5" in warning
