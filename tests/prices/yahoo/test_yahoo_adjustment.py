"""Adjustment checked by arithmetic."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.errors import PriceDataError
from stockrnn.prices.yahoo.adjustment import adjusted


def bars(
    closes: list[float], dividends: dict[int, float] | None = None, splits: dict[int, float] | None = None
) -> pd.DataFrame:
    close = np.array(closes)
    frame = pd.DataFrame(
        {"open": close - 1, "high": close + 2, "low": close - 2, "close": close, "volume": 1000.0},
        index=pd.date_range("2017-01-02", periods=len(closes), freq="D", name="session"),
    )
    frame["dividend"], frame["split"] = 0.0, 1.0
    for row, amount in (dividends or {}).items():
        frame.iloc[row, 5] = amount
    for row, ratio in (splits or {}).items():
        frame.iloc[row, 6] = ratio
    return frame


def test_splits_are_left_as_yahoo_quotes_them():
    quoted = bars([10.0, 11.0], dividends={1: 1.0}, splits={1: 2.0})
    pd.testing.assert_frame_equal(adjusted(quoted, "splits"), quoted[["open", "high", "low", "close", "volume"]])


def test_a_dividend_multiplies_earlier_prices_by_one_minus_it_over_the_close_before():
    result = adjusted(bars([100.0, 80.0, 78.0], dividends={2: 2.0}), "all")
    assert result["close"].tolist() == pytest.approx([100 * (1 - 2 / 80), 80 * (1 - 2 / 80), 78])
    assert result["open"].tolist() == pytest.approx([99 * 0.975, 79 * 0.975, 77])
    assert result["volume"].tolist() == [1000.0] * 3


def test_the_return_across_a_dividend_is_what_a_holder_who_got_it_earned():
    # Holders of 80 have 78 and 2 in cash, reinvested at the ex-date's close: their return is 78 / (80 - 2) - 1 = 0.
    result = adjusted(bars([100.0, 80.0, 78.0], dividends={2: 2.0}), "all")["close"]
    assert result.iloc[2] / result.iloc[1] == pytest.approx(1.0)


def test_two_dividends_multiply():
    result = adjusted(bars([50.0, 40.0, 40.0, 20.0, 20.0], dividends={2: 4.0, 4: 5.0}), "all")["close"]
    assert result.tolist() == pytest.approx([50 * 0.9 * 0.75, 40 * 0.9 * 0.75, 40 * 0.75, 20 * 0.75, 20])


def test_two_dividends_on_one_day_without_prices_count_against_the_last_close():
    frame = bars([50.0, 40.0, 40.0], dividends={1: 5.0})
    frame.iloc[1, :5] = np.nan
    result = adjusted(frame, "all")
    assert list(result.index.day) == [2, 4]
    assert result["close"].tolist() == pytest.approx([50 * 0.9, 40])


def test_a_dividend_after_the_last_price_changes_nothing():
    frame = bars([50.0, 40.0, 39.0], dividends={2: 1.0})
    frame.iloc[2, :5] = np.nan
    assert adjusted(frame, "all")["close"].tolist() == [50, 40]


def test_a_dividend_on_the_first_session_changes_nothing():
    assert adjusted(bars([50.0, 40.0], dividends={0: 1.0}), "all")["close"].tolist() == [50, 40]


def test_a_dividend_as_large_as_the_price_is_refused():
    with pytest.raises(PriceDataError, match=r"GOOG: the dividend of 200 on 2017-01-03 .*--adjust splits"):
        adjusted(bars([50.0, 40.0], dividends={1: 200.0}), "all", "GOOG")


def test_undoing_splits_gives_what_was_traded():
    # Traded 80, then 2:1, then 1:4 (a reverse split); quoted on today's basis.
    quoted = bars([80 / 2 * 4, 40 * 4, 160.0], splits={1: 2.0, 2: 0.25})
    result = adjusted(quoted, "none")
    assert result["close"].tolist() == pytest.approx([80, 40, 160])
    assert result["volume"].tolist() == pytest.approx([1000 / 0.5, 1000 / 0.25, 1000])


def test_intraday_bars_of_the_split_day_are_already_new_shares():
    frame = bars([10.0, 10.0, 10.0, 10.0], splits={2: 2.0})
    frame.index = pd.DatetimeIndex(
        ["2017-01-02 15:00", "2017-01-02 15:30", "2017-01-03 09:30", "2017-01-03 10:00"], name="session"
    )
    assert adjusted(frame, "none")["close"].tolist() == [20, 20, 10, 10]
    frame = frame.assign(split=1.0, dividend=[0.0, 0.0, 1.0, 0.0])
    assert adjusted(frame, "all")["close"].tolist() == pytest.approx([9, 9, 10, 10])


@pytest.mark.parametrize("adjustment", ["splits", "all", "none"])
def test_high_stays_above_low_and_every_price_of_a_session_has_one_factor(adjustment):
    quoted = bars([30.0, 40.0, 50.0, 45.0], dividends={1: 1.0, 3: 2.0}, splits={2: 3.0})
    result = adjusted(quoted, adjustment)
    factors = result[["open", "high", "low", "close"]] / quoted[["open", "high", "low", "close"]]
    assert np.allclose(factors.to_numpy(), factors[["close"]].to_numpy())
