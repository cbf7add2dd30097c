from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockrnn.prices.alteration import altered_after, ended_after


def test_prices_up_to_the_cutoff_are_what_they_were_and_every_later_one_is_another(make_prices) -> None:
    prices = make_prices(40, ["AAA", "BBB"])
    cutoff = prices.index.get_level_values("session")[25]
    altered = altered_after(prices, cutoff, 0)
    later = prices.index.get_level_values("session") > cutoff
    pd.testing.assert_frame_equal(altered[~later], prices[~later])
    assert (altered[later] != prices[later]).all(axis=None)
    assert altered.index.equals(prices.index)
    assert list(altered.columns) == list(prices.columns)


@pytest.mark.parametrize("draw", [0, 1, 2])
def test_changed_prices_are_possible_prices(make_prices, draw: int) -> None:
    prices = make_prices(60)
    altered = altered_after(prices, prices.index.get_level_values("session")[10], draw)
    assert (altered > 0).all(axis=None)
    assert (altered["low"] <= altered[["open", "close"]].min(axis=1)).all()
    assert (altered["high"] >= altered[["open", "close"]].max(axis=1)).all()


def test_one_draw_is_the_same_each_time_and_another_draw_is_not(make_prices) -> None:
    prices = make_prices(30)
    cutoff = prices.index.get_level_values("session")[10]
    pd.testing.assert_frame_equal(altered_after(prices, cutoff, 1), altered_after(prices, cutoff, 1))
    assert not altered_after(prices, cutoff, 1).equals(altered_after(prices, cutoff, 2))


def test_one_draw_passes_the_largest_known_price_and_another_the_smallest(make_prices) -> None:
    prices = make_prices(60)
    cutoff = prices.index.get_level_values("session")[30]
    close = prices["close"].to_numpy()
    later = np.arange(60) > 30
    assert altered_after(prices, cutoff, 0)["close"].to_numpy()[later].min() < close[~later].min()
    assert altered_after(prices, cutoff, 1)["close"].to_numpy()[later].max() > close[~later].max()


def test_what_was_not_known_stays_unknown(make_prices) -> None:
    prices = make_prices(30)
    prices.iloc[20, list(prices.columns).index("high")] = np.nan
    prices.iloc[22, list(prices.columns).index("open")] = np.nan
    altered = altered_after(prices, prices.index.get_level_values("session")[10], 0)
    assert altered.isna().equals(prices.isna())


def test_a_ticker_that_ends_keeps_what_it_was_and_loses_later_sessions_only(make_prices) -> None:
    prices = make_prices(60, ["AAA", "BBB", "CCC"])
    cutoff = prices.index.get_level_values("session")[30]
    ended = ended_after(prices, cutoff, 0)
    pd.testing.assert_frame_equal(ended, prices.loc[ended.index])
    counts = ended.groupby(level="ticker").size()
    assert counts["AAA"] == counts["CCC"] == 31
    assert 31 < counts["BBB"] < 60


def test_tickers_that_have_ended_or_not_begun_stay_in_the_table(make_prices) -> None:
    prices = make_prices(60, ["AAA", "BBB", "CCC"])
    days = prices.index.get_level_values("session")
    tickers = prices.index.get_level_values("ticker")
    cutoff = days[30]
    pool = prices[((tickers != "AAA") | (days > days[40])) & ((tickers != "BBB") | (days <= days[20]))]
    counts = ended_after(pool, cutoff, 0).groupby(level="ticker").size()
    assert 1 <= counts["AAA"] < 19
    assert counts["BBB"] == 21
    assert counts["CCC"] == 31


def test_after_the_last_session_nothing_ends(make_prices) -> None:
    prices = make_prices(20)
    pd.testing.assert_frame_equal(ended_after(prices, prices.index[-1][1], 0), prices)
