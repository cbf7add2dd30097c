from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.bundled import bundled_prices
from stockrnn.errors import ConfigError
from stockrnn.prices.doctor.bars import Bars
from stockrnn.prices.doctor.diagnosis import diagnose
from stockrnn.prices.doctor.findings import warnings_touching
from stockrnn.prices.table import PriceNote


def rows_of(*all_bars: Bars) -> pd.DataFrame:
    return pd.concat(
        [pd.DataFrame({"ticker": bars.ticker, "session": bars.sessions, **bars.columns}) for bars in all_bars],
        ignore_index=True,
    )


def codes(rows: pd.DataFrame, calendar: str | None = None) -> list[list[str]]:
    return [[finding.code for finding in diagnosis.findings] for diagnosis in diagnose(rows, calendar)]


def test_clean_prices_get_no_warning(make_bars):
    assert codes(rows_of(make_bars(300, ticker="A"), make_bars(500, seed=2, ticker="B"))) == [[], []]


def test_the_bundled_prices_get_no_warning():
    rows = pd.read_csv(bundled_prices("googl")).rename(columns={"date": "session"})
    assert codes(rows.assign(ticker="GOOGL")) == [[]]


def test_rows_in_any_order_are_the_same_rows(make_bars):
    rows = rows_of(make_bars(300, ticker="A"), make_bars(300, seed=2, ticker="B"))
    (first, second) = diagnose(rows.sample(frac=1.0, random_state=0))
    assert (first.bars.ticker, second.bars.ticker) == ("A", "B")
    assert first.bars.columns["close"] == pytest.approx(make_bars(300).columns["close"])


def test_a_close_at_twice_the_high_is_one_finding(make_bars):
    assert codes(rows_of(make_bars(300).rescaled(np.arange(100), {"close": 2.0}))) == [["adjustment_mismatch"]]


def test_a_ticker_with_weekends_keeps_every_day(make_bars):
    clean = make_bars(300, noise=0.03)
    sessions = np.arange("2020-01-01", "2020-10-27", dtype="datetime64[D]").astype("datetime64[ns]")[:300]
    crypto = Bars("COIN", "1d", sessions, clean.columns)
    assert codes(rows_of(crypto)) == [[]]
    assert codes(rows_of(crypto.take(np.delete(np.arange(300), 70)))) == [["missing_sessions"]]


def test_days_of_another_exchange_are_one_warning(make_bars):
    clean = make_bars(300)
    business = pd.bdate_range("2020-01-01", periods=300).to_numpy().astype("datetime64[ns]")
    rows = rows_of(Bars("SOMEWHERE", "1d", business, clean.columns))
    assert codes(rows) == [["calendar_unclear"]]
    assert codes(rows, "24/5") == [[]]
    assert codes(rows, "XNYS") == [["not_sessions"]]


def test_the_suffix_of_a_ticker_names_its_exchange(make_bars):
    clean = make_bars(100)
    from stockrnn.prices.sessions import sessions_between

    london = sessions_between("XLON", pd.Timestamp("2020-01-02"), pd.Timestamp("2020-12-31"))[:100]
    assert codes(rows_of(Bars("VOD.L", "1d", london.to_numpy().astype("datetime64[ns]"), clean.columns))) == [[]]


def test_weekly_and_intraday_bars_are_not_held_against_a_calendar(make_bars):
    clean = make_bars(100)
    for step, interval in (("7D", "1wk"), ("30min", "30m")):
        sessions = pd.date_range("2020-01-05", periods=100, freq=step).to_numpy().astype("datetime64[ns]")
        (diagnosis,) = diagnose(rows_of(Bars("A", interval, sessions, clean.columns)))
        assert (diagnosis.bars.interval, diagnosis.findings) == (interval, ())


def test_an_unknown_calendar_names_the_near_ones(make_bars):
    with pytest.raises(ConfigError, match="XNYS"):
        diagnose(rows_of(make_bars(30)), "XNYC")


def test_a_file_with_a_single_row_is_inspected(make_bars):
    assert codes(rows_of(make_bars(1))) == [[]]


def test_a_file_without_any_usable_price_says_so(make_bars):
    bars = make_bars(10)
    columns = {name: np.where(np.arange(10) < 9, 0.0, -1.0) for name in bars.prices}
    assert codes(rows_of(Bars("A", "1d", bars.sessions, columns)))[0][0] == "non_positive_prices"


def test_a_ticker_without_any_price_is_reported_beside_the_others(make_bars):
    bars = make_bars(300, ticker="NONE")
    empty = Bars("NONE", "1d", bars.sessions, {name: np.full(300, np.nan) for name in bars.prices})
    assert codes(rows_of(make_bars(300, ticker="A"), empty)) == [[], ["missing_prices", "missing_volume"]]


def test_open_and_close_that_are_both_unadjusted_are_both_brought_back(make_bars):
    clean = make_bars(300)
    bars = clean.rescaled(np.arange(120), {"open": 3.0, "close": 3.0})
    (diagnosis,) = diagnose(rows_of(bars))
    assert {finding.columns for finding in diagnosis.findings} == {("open",), ("close",)}
    assert {len(finding.sessions) for finding in diagnosis.findings} == {120}


def test_only_the_warnings_that_touch_the_columns_in_use_are_kept():
    notes = [PriceNote("a", 1, "", "", ("close",)), PriceNote("b", 1, "", "", ("volume",)), PriceNote("c", 1, "")]
    assert [note.code for note in warnings_touching(notes, ["open", "close"])] == ["a", "c"]
