from __future__ import annotations

import numpy as np
import pytest

from stockrnn.prices.doctor.bars import Bars
from stockrnn.prices.doctor.quote_checks import check_contradictions, check_spikes, check_values


def set_cell(bars: Bars, name: str, row: int, value: float) -> Bars:
    columns = {column: values.copy() for column, values in bars.columns.items()}
    columns[name][row] = value
    return Bars(bars.ticker, bars.interval, bars.sessions, columns)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("open", np.nan, "missing_prices"),
        ("close", np.inf, "infinite_prices"),
        ("close", -np.inf, "infinite_prices"),
        ("low", 0.0, "non_positive_prices"),
        ("low", -2.0, "non_positive_prices"),
        ("volume", np.nan, "missing_volume"),
        ("volume", -1.0, "missing_volume"),
        ("volume", 0.0, "zero_volume"),
    ],
)
def test_a_value_that_is_none_is_named_with_its_column_and_date(make_bars, column, value, code):
    bars = set_cell(make_bars(30), column, 7, value)
    (finding,) = check_values(bars)
    assert (finding.code, finding.columns, finding.sessions.tolist()) == (code, (column,), bars.sessions[7:8].tolist())
    assert str(bars.sessions[7])[:10] in finding.text


@pytest.mark.parametrize(
    ("column", "factor"), [("close", 1.1), ("close", 0.9), ("open", 1.2), ("high", 0.9), ("low", 1.1)]
)
def test_prices_that_contradict_each_other_are_found(make_bars, column, factor):
    bars = make_bars(30)
    (finding,) = check_contradictions(set_cell(bars, column, 4, bars.columns[column][4] * factor))
    assert finding.code == "ohlc_contradiction"
    assert finding.sessions.tolist() == bars.sessions[4:5].tolist()
    assert column in finding.columns


def test_what_rounding_does_to_prices_is_no_contradiction(make_bars):
    bars = make_bars(30)
    assert check_contradictions(set_cell(bars, "close", 4, bars.columns["high"][4] * (1 + 1e-6))) == []


@pytest.mark.parametrize("factor", [0.1, 0.5, 2.0, 30.0])
def test_a_price_that_jumps_away_for_one_row_is_a_spike(make_bars, factor):
    bars = make_bars(100)
    (finding,) = check_spikes(set_cell(bars, "close", 50, bars.columns["close"][50] * factor))
    assert (finding.code, finding.columns) == ("price_spike", ("close",))
    assert finding.sessions.tolist() == bars.sessions[50:51].tolist()


@pytest.mark.parametrize("row", [0, 99])
def test_a_first_or_last_price_far_from_all_others_is_a_spike(make_bars, row):
    bars = make_bars(100)
    (finding,) = check_spikes(set_cell(bars, "close", row, bars.columns["close"][row] * 50))
    assert finding.sessions.tolist() == [bars.sessions[row].astype(int)]


def test_the_smallest_move_of_a_price_is_no_spike(make_bars):
    bars = make_bars(100)
    flat = Bars(bars.ticker, bars.interval, bars.sessions, {"close": np.full(100, 0.0003)})
    assert check_spikes(set_cell(flat, "close", 50, 0.0004)) == []


def test_a_spike_among_missing_prices_is_shown_beside_the_nearest_one(make_bars):
    bars = set_cell(make_bars(100), "close", 50, 900.0)
    for row in (49, 51):
        bars = set_cell(bars, "close", row, np.nan)
    (finding,) = check_spikes(bars)
    assert f"(close 900 beside {bars.columns['close'][48]:g})" in finding.text


def test_a_crash_that_stays_is_no_spike(make_bars):
    bars = make_bars(100).rescaled(np.arange(50, 100), {"open": 0.5, "high": 0.5, "low": 0.5, "close": 0.5})
    assert check_spikes(bars) == []


def test_a_crash_with_half_a_rebound_is_no_spike(make_bars):
    bars = make_bars(100)
    for row, factor in ((50, 0.6), (51, 0.8), (52, 0.75)):
        bars = set_cell(bars, "close", row, bars.columns["close"][row] * factor)
    assert check_spikes(bars) == []


def test_clean_prices_get_no_warning(make_bars):
    for seed in range(20):
        bars = make_bars(300, seed=seed, noise=0.01 + 0.004 * seed)
        assert check_values(bars) + check_contradictions(bars) + check_spikes(bars) == []
