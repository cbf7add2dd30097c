"""Which rows of the prices foreign forecasts are laid on: horizons, origins, days, periods, tickers."""

from __future__ import annotations

import pandas as pd
import pytest

from stockrnn.errors import PriceDataError
from stockrnn.prices.table import Prices
from tests.forecasts.foreign.foreign_files import known_forecasts
from tests.forecasts.foreign.foreign_reading import codes, read


def test_without_an_origin_it_is_so_many_sessions_before(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"date": days[10:20], "prediction": 50.0})
    for horizon in (1, 4):
        found = read(frame, prices, tmp_path, horizon=horizon)
        assert list(found.forecasts["origin"]) == list(days[10 - horizon : 20 - horizon])
        assert set(found.forecasts["horizon"]) == {horizon}
        assert "assumed_horizon" in codes(found)


def test_a_horizon_of_the_file_places_its_origins(prices, days, tmp_path) -> None:
    found = read(pd.DataFrame({"ds": days[[20, 20]], "h": [2, 5], "yhat": [1.0, 2.0]}), prices, tmp_path)
    assert list(found.forecasts["origin"]) == [days[15], days[18]]
    assert list(found.forecasts["forecast"]) == [2.0, 1.0]


def test_a_horizon_that_origin_and_session_contradict_is_told(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"ds": days[[20, 21]], "cutoff": days[[18, 20]], "h": [3, 1], "yhat": 1.0})
    found = read(frame, prices, tmp_path)
    assert [(note.code, note.rows) for note in found.notes if note.code == "other_horizon"] == [("other_horizon", 1)]
    assert list(found.forecasts["horizon"]) == [2, 1]


def test_one_origin_can_be_named_for_the_whole_file(prices, days, tmp_path) -> None:
    found = read(pd.DataFrame({"ds": days[20:25], "yhat": 1.0}), prices, tmp_path, origin=days[19])
    assert list(found.forecasts["horizon"]) == [1, 2, 3, 4, 5]
    assert "assumed_horizon" not in codes(found)


def test_an_origin_on_a_day_without_trading_is_the_session_before(prices, days, tmp_path) -> None:
    friday = next(day for day in days[5:] if day.dayofweek == 4)
    frame = pd.DataFrame(
        {"ds": [friday + pd.Timedelta(days=3)], "cutoff": [friday + pd.Timedelta(days=1)], "yhat": 1.0}
    )
    found = read(frame, prices, tmp_path)
    assert list(found.forecasts["origin"]) == [friday]
    assert list(found.forecasts["horizon"]) == [1]


def test_a_forecast_made_on_its_own_session_is_left_out(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"ds": days[20:22], "cutoff": [days[20], days[20]], "yhat": 1.0})
    found = read(frame, prices, tmp_path)
    assert list(found.forecasts["session"]) == [days[21]]
    assert "made_afterwards" in codes(found)


@pytest.mark.parametrize(
    "written", ["%Y-%m-%d 16:00:00", "%Y-%m-%dT00:00:00-05:00", "%Y-%m-%dT23:30:00Z", "%m/%d/%Y", "%d %b %Y"]
)
def test_a_day_is_a_day_however_it_is_written(prices, days, tmp_path, written) -> None:
    frame = pd.DataFrame({"date": days[5:30].strftime(written), "forecast": 1.0})
    assert list(read(frame, prices, tmp_path).forecasts["session"]) == list(days[5:30])


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_a_zoned_time_in_parquet_is_its_own_date(prices, days, tmp_path, zone) -> None:
    frame = pd.DataFrame({"date": (days[5:30] + pd.Timedelta(hours=23)).tz_localize(zone), "forecast": 1.0})
    assert list(read(frame, prices, tmp_path, "f.parquet").forecasts["session"]) == list(days[5:30])


def test_days_without_a_price_are_left_out_and_counted(prices, days, tmp_path) -> None:
    calendar = pd.date_range(days[20], days[-1] + pd.Timedelta(days=3))
    found = read(pd.DataFrame({"date": calendar, "forecast": 1.0}), prices, tmp_path)
    assert list(found.forecasts["session"]) == list(days[20:])
    (note,) = [note for note in found.notes if note.code == "sessions_without_prices"]
    assert note.rows == len(calendar) - 20
    assert "3 of them after the last price" in note.text


def test_with_no_day_left_it_is_an_error(prices, days, tmp_path) -> None:
    with pytest.raises(PriceDataError, match=r"nothing left to judge.*after the last price"):
        read(pd.DataFrame({"date": days + pd.Timedelta(days=365), "forecast": 1.0}), prices, tmp_path)


def test_tickers_match_in_any_case_and_others_are_left_out(make_prices, tmp_path) -> None:
    prices = make_prices(40, ("AAA", "BBB"))
    table = known_forecasts(prices).assign(ticker=lambda frame: frame["ticker"].map({"AAA": "aaa", "BBB": "other"}))
    found = read(table, prices, tmp_path)
    assert set(found.forecasts["ticker"]) == {"AAA"}
    assert "other" in next(note.text for note in found.notes if note.code == "unknown_tickers")


def test_the_one_ticker_of_both_is_the_same_whatever_it_is_called(prices, tmp_path) -> None:
    found = read(known_forecasts(prices).assign(ticker="Alphabet"), prices, tmp_path)
    assert set(found.forecasts["ticker"]) == {"AAA"}


def test_a_file_without_tickers_needs_one_where_the_prices_have_several(make_prices, tmp_path) -> None:
    prices = make_prices(40, ("AAA", "BBB"))
    frame = known_forecasts(prices).query("ticker == 'BBB'")[["session", "forecast"]]
    with pytest.raises(PriceDataError, match="--ticker"):
        read(frame, prices, tmp_path)
    assert set(read(frame, prices, tmp_path, ticker="bbb").forecasts["ticker"]) == {"BBB"}


def test_rows_that_repeat_are_one_and_rows_that_differ_are_refused(prices, days, tmp_path) -> None:
    frame = pd.DataFrame({"date": days[[5, 6, 6]], "forecast": [1.0, 2.0, 2.0]})
    found = read(frame, prices, tmp_path)
    assert list(found.forecasts["forecast"]) == [1.0, 2.0]
    assert "repeated_rows" in codes(found)
    with pytest.raises(PriceDataError, match=r"2 rows give different forecasts.*origin or horizon"):
        read(frame.assign(forecast=[1.0, 2.0, 3.0]), prices, tmp_path)


def of_periods(prices: Prices, days: pd.DatetimeIndex) -> Prices:
    """Return the prices with one bar a day of `days`."""
    count = len(days)
    return prices.iloc[:count].set_index(pd.MultiIndex.from_product([["AAA"], days], names=["ticker", "session"]))


@pytest.mark.parametrize(
    ("ours", "theirs"), [("W-FRI", "W-MON"), ("MS", "ME"), ("ME", "MS"), ("MS", "BME"), ("QS", "QE"), ("QE", "QS")]
)
def test_weeks_and_months_are_the_same_whatever_their_days(prices, tmp_path, ours: str, theirs: str) -> None:
    days = pd.date_range("2010-01-05", periods=41, freq=ours)
    frequency = {"W": "W-SUN", "M": "M", "Q": "Q", "B": "M"}[theirs[0]]
    others = pd.date_range("2010-01-01", periods=60, freq=theirs)
    by_period = pd.Series(others, others.to_period(frequency))
    bars = of_periods(prices, days[:40])
    session, origin = (
        by_period[days[places].to_period(frequency)].to_numpy() for places in (slice(10, 20), slice(8, 18))
    )
    found = read(pd.DataFrame({"date": session, "origin": origin, "forecast": 1.0}), bars, tmp_path)
    assert list(found.forecasts["session"]) == list(days[10:20])
    assert list(found.forecasts["origin"]) == list(days[8:18])
    assert "other_dates" in codes(found)


def test_days_are_not_taken_for_the_weeks_that_they_lie_in(prices, tmp_path) -> None:
    weeks = pd.date_range("2010-01-01", periods=40, freq="W-FRI")
    frame = pd.DataFrame({"date": pd.bdate_range(weeks[10], weeks[20]), "forecast": 1.0})
    found = read(frame, of_periods(prices, weeks), tmp_path)
    assert list(found.forecasts["session"]) == list(weeks[10:21])
    assert "other_dates" not in codes(found)
