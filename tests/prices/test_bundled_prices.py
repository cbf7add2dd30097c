from __future__ import annotations

import pandas as pd

from stockrnn.prices.sessions import sessions_between
from stockrnn.prices.table import Prices, check_columns, sessions_of, tickers_of


def test_the_bundled_prices_are_every_session_of_new_york(bundled: Prices) -> None:
    expected = sessions_between("XNYS", pd.Timestamp("2009-05-22"), pd.Timestamp("2018-08-29"))
    assert len(expected) == 2335
    assert sessions_of(bundled).to_list() == expected.to_list()
    assert tickers_of(bundled) == ["GOOGL"]


def test_the_bundled_prices_are_positive_numbers_in_all_columns(bundled: Prices) -> None:
    assert list(bundled.columns) == ["open", "high", "low", "close", "volume"]
    check_columns(bundled, bundled.columns, "data/googl.csv")


def test_no_bundled_price_lies_outside_its_days_range(bundled: Prices) -> None:
    assert (bundled["high"] >= bundled[["open", "close", "low"]].max(axis=1)).all()
    assert (bundled["low"] <= bundled[["open", "close", "high"]].min(axis=1)).all()


def test_the_bundled_prices_are_split_adjusted_throughout(bundled: Prices) -> None:
    # Google's split of April 2014 halved the price overnight.
    assert bundled["close"].pct_change().abs().max() < 0.2


def test_the_tutorials_years_have_1258_and_251_sessions(bundled: Prices) -> None:
    years = sessions_of(bundled).year
    assert ((years >= 2012) & (years <= 2016)).sum() == 1258
    assert (years == 2017).sum() == 251
