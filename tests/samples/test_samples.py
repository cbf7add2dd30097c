from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockrnn.config import Config, parse_config
from stockrnn.config_sections import DataConfig
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.samples.encoding import fit_encoding
from stockrnn.samples.samples import WindowLayout, make_windows, origins_for
from stockrnn.samples.splits import split_sessions


@pytest.fixture(scope="module")
def split(bundled: Prices):
    return split_sessions(sessions_of(bundled), DataConfig(), 61, chosen=())[0]


def test_the_tutorial_has_1198_training_windows_of_its_own_years(bundled: Prices, split) -> None:
    origins = origins_for(bundled, split.fit, 60, 1, read_from=split.fit[0])
    days = sessions_of(bundled)
    assert len(origins) == 1198
    assert days[origins[0] - 59] == pd.Timestamp("2012-01-03")
    assert days[origins[-1] + 1] == pd.Timestamp("2016-12-30")


def test_the_first_test_window_reaches_back_into_the_training_years(bundled: Prices, split) -> None:
    origins = origins_for(bundled, split.test, 60, 1, read_from=None)
    days = sessions_of(bundled)
    assert len(origins) == 251
    assert days[origins[0]] == pd.Timestamp("2016-12-30")
    assert days[origins[-1] + 1] == pd.Timestamp("2017-12-29")


def test_the_last_training_window_ends_before_the_first_test_session(bundled: Prices, split) -> None:
    trained = origins_for(bundled, split.fit, 60, 1, read_from=split.fit[0])
    tested = origins_for(bundled, split.test, 60, 1, read_from=None)
    assert trained[-1] + 1 < tested[0] + 1


def test_inputs_and_targets_are_the_scaled_prices(bundled: Prices, split) -> None:
    config = parse_config({"features": {"names": ["close", "open"]}}, "test")
    encoding = fit_encoding(bundled, config, (), split.fit)
    origins = origins_for(bundled, split.test, 60, 1, read_from=None)
    windows = make_windows(bundled, encoding, origins, WindowLayout(60))
    years = bundled.loc["GOOGL"].loc["2012":"2016"]
    scaled = (bundled.loc["GOOGL"] - years.min()) / (years.max() - years.min())
    last = scaled.loc[:"2017-12-28"].iloc[-60:]
    np.testing.assert_allclose(windows.inputs()[-1], last[["close", "open"]], rtol=1e-6)
    np.testing.assert_allclose(windows.targets()[:, 0], scaled.loc["2017", "open"], rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    sessions=st.integers(2, 40),
    lookback=st.integers(1, 12),
    horizon=st.integers(1, 4),
    part=st.tuples(st.integers(0, 45), st.integers(0, 45)).map(sorted),
    read_from=st.none() | st.integers(0, 45),
)
def test_no_window_crosses_tickers_and_no_target_lies_outside_its_part(
    make_ramp, sessions: int, lookback: int, horizon: int, part: list[int], read_from: int | None
) -> None:
    prices = make_ramp(sessions, ("AAA", "BBB", "CCC"))
    days = pd.bdate_range("2020-01-01", periods=46)
    first = None if read_from is None else days[read_from]
    origins = origins_for(prices, (days[part[0]], days[part[1]]), lookback, horizon, first)
    # A ramp tells ticker and row from the price: the open of row t of ticker k is 1000 k + t.
    opens = prices["open"].to_numpy()
    read = opens[origins[:, None] + np.arange(1 - lookback, 1)]
    targets = opens[origins[:, None] + np.arange(1, horizon + 1)]
    assert (read // 1000 == targets[:, :1] // 1000).all()
    assert (targets // 1000 == targets[:, :1] // 1000).all()
    assert ((targets % 1000 >= part[0]) & (targets % 1000 <= part[1])).all()
    assert (read % 1000 >= (read_from or 0)).all()
    assert (np.diff(np.hstack([read, targets]), axis=1) == 1).all()
    each = max(0, min(part[1], sessions - 1) - max(part[0], (read_from or 0) + lookback) - horizon + 2)
    assert len(origins) == 3 * each


def test_each_ticker_has_its_own_scaling(make_ramp) -> None:
    prices = make_ramp(10, ("AAA", "BBB"))
    sessions = sessions_of(prices)
    encoding = fit_encoding(prices, Config(), (), (sessions[0], sessions[-1]))
    windows = make_windows(prices, encoding, np.array([5, 15]), WindowLayout(3))
    expected = np.array([3, 4, 5]) / 9
    np.testing.assert_allclose(windows.inputs()[:, :, 0], [expected, expected], rtol=1e-6)
    np.testing.assert_allclose(windows.targets(), [[6 / 9], [6 / 9]], rtol=1e-6)


def test_a_ticker_that_begins_within_the_part_is_nobodys_target_on_its_first_day(make_ramp) -> None:
    prices = make_ramp(10)
    sessions = sessions_of(prices)
    assert origins_for(prices, (sessions[0], sessions[-1]), 1, 1, None).tolist() == list(range(9))


MOVES = {
    "target": {"column": "close", "kind": "log_return"},
    "window": {"lookback": 4, "strategy": "direct", "horizon": 2},
    "model": {"shape": "many_to_many"},
}


@pytest.mark.parametrize("document", [{}, MOVES], ids=["level", "moves"])
def test_a_watched_window_counts_only_the_targets_of_its_part(make_prices, document: dict) -> None:
    prices = make_prices(30, ("AAA", "BBB"))
    days, config = sessions_of(prices), parse_config(document, "test")
    part = days[20], days[24]
    encoding = fit_encoding(prices, config, (), (days[0], days[19]))
    origins = origins_for(prices, part, 4, config.outputs, read_from=days[0])
    windows = make_windows(prices, encoding, origins, WindowLayout(4, every_step=True), part)
    # A row counts when the session after it lies in the part: rows 19 to 23 of each ticker.
    counted = np.zeros(60, dtype=bool)
    counted[[*range(19, 24), *range(49, 54)]] = True
    usual = encoding.weights(prices)
    np.testing.assert_array_equal(windows.weights[~counted], 0)
    np.testing.assert_array_equal(windows.weights[counted], 1 if usual is None else usual[counted])
    assert (windows.weights[counted] > 0).all()


def test_the_last_session_of_one_ticker_is_followed_by_none_of_the_next(make_prices) -> None:
    prices = make_prices(10, ("AAA", "BBB"))
    days, config = sessions_of(prices), parse_config(MOVES, "test")
    encoding = fit_encoding(prices, config, (), (days[0], days[9]))
    whole = make_windows(prices, encoding, np.array([5]), WindowLayout(4, every_step=True), (days[0], days[9]))
    assert not np.isfinite(whole.row_targets[9]).any()
    assert whole.weights[19] == 0


def test_training_windows_and_windows_with_one_target_count_by_the_volatility_alone(make_prices) -> None:
    prices = make_prices(30)
    days, config = sessions_of(prices), parse_config(MOVES, "test")
    encoding = fit_encoding(prices, config, (), (days[0], days[19]))
    for layout, part in ((WindowLayout(4, every_step=True), None), (WindowLayout(4), (days[20], days[24]))):
        windows = make_windows(prices, encoding, np.array([22]), layout, part)
        np.testing.assert_array_equal(windows.weights, encoding.weights(prices))


def test_the_layout_of_windows_is_handed_on(make_prices) -> None:
    prices = make_prices(30)
    encoding = fit_encoding(prices, Config(), (), (sessions_of(prices)[0], sessions_of(prices)[19]))
    windows = make_windows(prices, encoding, np.arange(9, 22), WindowLayout(10, True, 3, 4))
    assert (windows.lookback, windows.every_step, windows.warm_up, windows.stride) == (10, True, 3, 4)
