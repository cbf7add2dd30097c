from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.prices.doctor.bars import Bars
from stockrnn.prices.doctor.findings import told_once
from stockrnn.prices.doctor.session_checks import check_calendar_days, check_duplicates, check_stale
from stockrnn.prices.sessions import calendar_advice, sessions_between
from stockrnn.prices.table import PriceNote


def with_rows(bars: Bars, rows: list[int]) -> Bars:
    return bars.take(np.array(rows))


def changed(bars: Bars, row: int, **values: float) -> Bars:
    columns = {name: column.copy() for name, column in bars.columns.items()}
    for name, value in values.items():
        columns[name][row] = value
    return Bars(bars.ticker, bars.interval, bars.sessions, columns)


def test_bars_with_one_row_a_session_are_left_as_they_are(make_bars):
    bars = make_bars(50)
    assert check_duplicates(bars) == ([], bars)


def test_the_same_row_again_is_dropped(make_bars):
    bars = with_rows(make_bars(5), [0, 1, 1, 1, 2, 3, 4])
    findings, single = check_duplicates(bars)
    assert [(finding.code, len(finding.sessions)) for finding in findings] == [("duplicate_rows", 2)]
    assert np.array_equal(single.sessions, make_bars(5).sessions)


@pytest.mark.parametrize("wrong", [2, 3])
def test_of_two_conflicting_rows_the_one_near_its_neighbours_stays(make_bars, wrong):
    bars = changed(with_rows(make_bars(6), [0, 1, 2, 2, 3, 4, 5]), wrong, close=300.0)
    findings, single = check_duplicates(bars)
    assert [(finding.code, len(finding.sessions)) for finding in findings] == [("conflicting_rows", 2)]
    assert np.array_equal(single.columns["close"], make_bars(6).columns["close"])


def test_of_two_conflicting_rows_that_are_equally_likely_the_last_stays(make_bars):
    bars = with_rows(make_bars(6), [0, 1, 2, 2, 3, 4, 5])
    last = bars.columns["close"][3] * 1.0001
    _, single = check_duplicates(changed(bars, 3, close=last))
    assert single.columns["close"][2] == last


def test_of_two_conflicting_rows_the_fuller_stays(make_bars):
    bars = changed(with_rows(make_bars(6), [0, 1, 2, 2, 3, 4, 5]), 3, open=np.nan)
    _, single = check_duplicates(bars)
    assert np.isfinite(single.columns["open"]).all()


def test_missing_sessions_and_days_without_trading_are_named(make_bars):
    full = make_bars(100)
    known = full.sessions
    sessions = full.sessions.copy()
    sessions[40] = np.datetime64("2014-03-02", "ns")  # a Sunday in the place of a Monday
    bars = Bars("A", "1d", sessions, full.columns)
    findings = {finding.code: finding for finding in check_calendar_days(bars, "XNYS", known, named=True)}
    assert findings["not_sessions"].sessions.tolist() == [sessions[40].astype(int)]
    assert findings["missing_sessions"].sessions.tolist() == [full.sessions[40].astype(int)]
    assert "2014-03-02" in findings["not_sessions"].text


def test_days_that_follow_another_calendar_are_one_warning_unless_the_calendar_was_named(make_bars):
    full = make_bars(100)
    known = np.delete(full.sessions, [3, 30, 60])
    assert [finding.code for finding in check_calendar_days(full, "XNYS", known, named=False)] == ["calendar_unclear"]
    assert [finding.code for finding in check_calendar_days(full, "XNYS", known, named=True)] == ["not_sessions"]


def test_five_sessions_with_the_same_prices_are_stale_and_four_are_not(make_bars):
    bars = make_bars(60)
    for length, found in ((4, 0), (5, 5), (9, 9)):
        columns = {name: column.copy() for name, column in bars.columns.items()}
        for name in bars.prices:
            columns[name][20 : 20 + length] = columns[name][20]
        findings = check_stale(Bars("A", "1d", bars.sessions, columns))
        assert sum(len(finding.sessions) for finding in findings) == found


def test_nearly_every_weekday_is_traded_on_by_currencies_and_not_by_exchanges() -> None:
    weekdays = pd.bdate_range("2012-01-02", "2015-12-31")
    currencies = weekdays[~((weekdays.month == 12) & (weekdays.day == 25))]
    london = weekdays[np.arange(len(weekdays)) % 32 != 0]
    assert "--calendar 24/5" in calendar_advice(currencies.to_numpy())
    assert "24/5" not in calendar_advice(london.to_numpy())
    assert "24/5" not in calendar_advice(pd.date_range("2012-01-02", "2015-12-31").to_numpy())


@pytest.mark.parametrize(
    ("moved", "told"),
    [
        (pd.Timedelta(days=-1462), "Tuesdays to Saturdays"),  # Excel's two date systems, whose days 0 lie so far apart
        (pd.Timedelta(hours=-9), "Sundays to Thursdays"),  # midnights of Tokyo in UTC
        (pd.Timedelta(days=2), "name the exchange"),
        (pd.Timedelta(0), "name the exchange"),
    ],
)
def test_days_that_were_read_as_others_are_known_by_their_weekdays(moved: pd.Timedelta, told: str) -> None:
    sessions = sessions_between("XTKS", pd.Timestamp("2019-01-01"), pd.Timestamp("2020-12-31"))
    assert told in calendar_advice((sessions + moved).to_numpy())


def test_what_holds_for_several_tickers_is_told_once() -> None:
    notes = [
        PriceNote("a", 2, "AAA: odd", "AAA"),
        PriceNote("calendar_unclear", 5, "AAA: 5 of 100 days", "AAA"),
        PriceNote("a", 3, "BBB: odd", "BBB"),
        PriceNote("a", 1, "CCC: odder", "CCC"),
        PriceNote("calendar_unclear", 6, "BBB: 6 of 101 days", "BBB"),
        PriceNote("b", 1, "of the file"),
    ]
    assert [(note.rows, note.text) for note in told_once(notes)] == [
        (5, "AAA and 1 more ticker: odd"),
        (11, "AAA and 1 more ticker: 5 of 100 days"),
        (1, "CCC: odder"),
        (1, "of the file"),
    ]
