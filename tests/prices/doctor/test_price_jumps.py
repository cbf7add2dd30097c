from __future__ import annotations

import numpy as np
import pytest

from stockrnn.prices.doctor.bars import Bars
from stockrnn.prices.doctor.price_jumps import check_splits, check_units

PRICES = ("open", "high", "low", "close")


def unadjusted(bars: Bars, row: int, ratio: float) -> Bars:
    return bars.rescaled(np.arange(row), {**dict.fromkeys(PRICES, ratio), "volume": 1 / ratio})


def only_close(bars: Bars) -> Bars:
    return Bars(bars.ticker, bars.interval, bars.sessions, {"close": bars.columns["close"]})


@pytest.mark.parametrize("ratio", [2.0, 3.0, 1.5, 4.0, 5.0, 7.0, 10.0, 20.0, 1 / 8, 1 / 10, 1 / 2])
def test_an_unadjusted_split_is_found_at_its_first_session_and_undone(make_bars, ratio):
    missed = 0
    for seed in range(30):
        clean = make_bars(300, seed=seed)
        findings, healed = check_splits(unadjusted(clean, 140, ratio))
        missed += not findings
        if findings:
            assert findings[0].code == "unadjusted_split"
            assert findings[0].sessions.tolist() == clean.sessions[140:141].tolist()
            for column in ("close", "volume"):
                np.testing.assert_allclose(healed.columns[column], clean.columns[column], rtol=1e-6)
    # On a day with news of its own a split is not told apart from them, and is left alone.
    assert missed <= 3


def test_a_volume_that_is_adjusted_already_is_left_alone(make_bars):
    clean = make_bars(300)
    _, healed = check_splits(clean.rescaled(np.arange(140), dict.fromkeys(PRICES, 4.0)))
    assert healed.columns["volume"] == pytest.approx(clean.columns["volume"])


def test_a_split_is_found_in_a_close_only_file(make_bars):
    clean = only_close(make_bars(300, noise=0.01))
    (finding,), healed = check_splits(clean.rescaled(np.arange(140), {"close": 2.0}))
    assert finding.sessions.tolist() == clean.sessions[140:141].tolist()
    assert healed.columns["close"] == pytest.approx(clean.columns["close"])


def test_two_splits_are_both_undone(make_bars):
    clean = make_bars(400)
    (finding,), healed = check_splits(unadjusted(unadjusted(clean, 300, 2.0), 120, 7.0))
    assert len(finding.sessions) == 2
    assert "7:1" in finding.text
    assert "2:1" in finding.text
    assert healed.columns["open"] == pytest.approx(clean.columns["open"])


def test_a_crash_to_half_with_a_crowd_or_a_wide_day_or_restless_days_after_is_no_split(make_bars):
    half = dict.fromkeys(PRICES, 0.5)
    crash = make_bars(300).rescaled(np.arange(140, 300), half)
    assert check_splits(crash)[0], "the same jump on a calm day"
    crowd = crash.rescaled(np.arange(140, 142), {"volume": 12.0, "open": 1.0})
    assert check_splits(crowd) == ([], crowd)
    wide = crash.rescaled(np.array([140]), {"low": 0.75, "high": 1.1})
    assert check_splits(wide) == ([], wide)
    restless = make_bars(300, noise=0.012)
    wild = make_bars(300, noise=0.06, seed=3).columns["close"][140:]
    closes = restless.columns["close"].copy()
    closes[140:] = wild / wild[0] * closes[139] / 2
    only = Bars("A", "1d", restless.sessions, {"close": closes})
    assert check_splits(only) == ([], only)


def test_a_takeover_at_twice_the_price_is_no_merger_of_shares(make_bars):
    bars = make_bars(300)
    closes = bars.columns["close"].copy()
    closes[150:] = closes[149] * 2 * np.exp(np.random.default_rng(1).normal(0, 0.0005, 150))
    only = Bars("A", "1d", bars.sessions, {"close": closes})
    assert check_splits(only) == ([], only)


def test_a_penny_stock_that_moves_by_whole_ticks_has_no_splits():
    random = np.random.default_rng(5)
    ticks = np.clip(np.cumsum(random.choice([-1, 0, 0, 0, 1], 600)) + 3, 1, None)
    sessions = np.arange("2015-01-01", "2016-08-23", dtype="datetime64[D]").astype("datetime64[ns]")[:600]
    bars = Bars("PENNY", "1d", sessions, {"close": ticks * 0.01})
    assert check_splits(bars) == ([], bars)
    assert check_units(bars) == ([], bars)


def test_wild_markets_have_no_splits_and_no_flips(make_bars):
    blind_alarms = 0
    for seed in range(60):
        bars = make_bars(500, seed=seed, noise=0.02 + 0.08 * seed / 60)
        assert check_splits(bars) == ([], bars)
        for own in (bars, only_close(bars)):
            assert check_units(own) == ([], own)
        blind_alarms += len(check_splits(only_close(bars))[0])
    # A lone jump of 15 times the usual step by a simple ratio: the close alone cannot say that it was none.
    assert blind_alarms <= 2


@pytest.mark.parametrize("rows", [slice(50, 51), slice(100, 160), slice(0, 90), slice(250, 300)])
@pytest.mark.parametrize("factor", [100.0, 0.01])
def test_rows_in_another_unit_are_found_and_undone(make_bars, rows, factor):
    clean = make_bars(300)
    touched = np.arange(300)[rows]
    (finding,), healed = check_units(clean.rescaled(touched, dict.fromkeys(PRICES, factor)))
    assert finding.code == "unit_flip"
    assert np.array_equal(finding.sessions, clean.sessions[touched])
    assert healed.columns["close"] == pytest.approx(clean.columns["close"])


def test_units_that_flip_to_and_fro_are_all_undone(make_bars):
    clean = make_bars(300)
    touched = np.flatnonzero(np.random.default_rng(0).random(300) < 0.2)
    (finding,), healed = check_units(clean.rescaled(touched, dict.fromkeys(PRICES, 100.0)))
    assert np.array_equal(finding.sessions, clean.sessions[touched])
    assert healed.columns["low"] == pytest.approx(clean.columns["low"])


def test_a_merger_of_a_hundred_shares_is_a_split_and_not_another_unit(make_bars):
    clean = make_bars(300)
    bars = unadjusted(clean, 140, 1 / 100)
    assert check_units(bars) == ([], bars)
    (finding,), healed = check_splits(bars)
    assert "1:100" in finding.text
    assert healed.columns["close"] == pytest.approx(clean.columns["close"])
