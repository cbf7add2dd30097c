from __future__ import annotations

import numpy as np
import pytest

from stockrnn.prices.doctor.bars import Bars
from stockrnn.prices.doctor.column_levels import check_column_levels
from stockrnn.prices.doctor.misplaced_volume import check_volume_in_price
from stockrnn.prices.doctor.quote_checks import check_contradictions


def in_cents(bars: Bars) -> Bars:
    return Bars(bars.ticker, bars.interval, bars.sessions, {name: np.round(v, 2) for name, v in bars.columns.items()})


@pytest.mark.parametrize("column", ["open", "high", "low", "close"])
@pytest.mark.parametrize("ratio", [2.0, 2.002, 1.5, 7.0, 0.1])
def test_a_column_on_another_adjustment_is_found_with_its_rows_and_brought_back(make_bars, column, ratio):
    clean = make_bars(400)
    rows = np.arange(170)
    findings, healed = check_column_levels(clean.rescaled(rows, {column: ratio}))
    assert [(finding.code, finding.columns) for finding in findings] == [("adjustment_mismatch", (column,))]
    assert np.array_equal(findings[0].sessions, clean.sessions[rows])
    # The high of a day bounds its ratio from one side only.
    precision = 2e-3 if column in {"high", "low"} else 3e-4
    np.testing.assert_allclose(healed.columns[column], clean.columns[column], rtol=precision)


def test_a_close_in_cents_fits_its_day_again_once_it_is_brought_back(make_bars):
    bars = in_cents(make_bars(400, start=15.0).rescaled(np.arange(250), {"close": 2.002}))
    findings, healed = check_column_levels(bars)
    assert len(findings[0].sessions) == 250
    assert "2.002x" in findings[0].text
    assert check_contradictions(healed) == []


def test_a_file_that_ends_before_the_split_is_found_too(make_bars):
    findings, _ = check_column_levels(make_bars(9).rescaled(np.arange(9), {"close": 2.0}))
    assert [(finding.code, len(finding.sessions)) for finding in findings] == [("adjustment_mismatch", 9)]


def test_a_wild_day_does_not_tear_a_stretch_in_two(make_bars):
    clean = make_bars(400)
    columns = {name: values.copy() for name, values in clean.columns.items()}
    columns["high"][80] *= 1.25
    columns["close"][80] = columns["high"][80]
    wild = Bars(clean.ticker, clean.interval, clean.sessions, columns)
    (finding,), healed = check_column_levels(wild.rescaled(np.arange(170), {"close": 7.0}))
    assert len(finding.sessions) == 170
    assert len(finding.remedies) == 1
    np.testing.assert_allclose(healed.columns["close"], columns["close"], rtol=3e-4)


def test_days_between_two_stretches_that_are_right_stay_so(make_bars):
    clean = make_bars(400)
    rows = np.concatenate((np.arange(100, 200), np.arange(203, 300)))
    (finding,), healed = check_column_levels(clean.rescaled(rows, {"close": 2.0}))
    assert len(finding.sessions) == len(rows)
    assert healed.columns["close"][200:203] == pytest.approx(clean.columns["close"][200:203])


def test_two_splits_are_two_stretches_of_one_finding(make_bars):
    clean = make_bars(400)
    bars = clean.rescaled(np.arange(100), {"close": 6.0}).rescaled(np.arange(100, 200), {"close": 3.0})
    (finding,), healed = check_column_levels(bars)
    assert len(finding.sessions) == 200
    assert [round(1 / remedy.factors["close"], 6) for remedy in finding.remedies] == [6.0, 3.0]
    assert healed.columns["close"] == pytest.approx(clean.columns["close"])


def test_of_two_columns_the_one_that_jumps_is_the_odd_one(make_bars):
    clean = make_bars(300)
    two = Bars("A", "1d", clean.sessions, {name: clean.columns[name] for name in ("open", "close")})
    for name in ("open", "close"):
        (finding,), _ = check_column_levels(two.rescaled(np.arange(120), {name: 2.0}))
        assert finding.columns == (name,)


@pytest.mark.parametrize("ratio", [100.0, 0.01])
def test_a_column_in_another_unit_is_a_unit_flip_even_in_one_row(make_bars, ratio):
    clean = make_bars(200)
    (finding,), healed = check_column_levels(clean.rescaled(np.array([60]), {"close": ratio}))
    assert (finding.code, len(finding.sessions)) == ("unit_flip", 1)
    assert healed.columns["close"] == pytest.approx(clean.columns["close"])


@pytest.mark.parametrize("noise", [0.005, 0.02, 0.08])
def test_clean_columns_get_no_finding(make_bars, noise):
    for seed in range(10):
        bars = make_bars(400, seed=seed, noise=noise)
        assert check_column_levels(bars) == ([], bars)
        assert check_volume_in_price(bars) == ([], bars)


def test_a_close_that_holds_volume_is_found_and_a_swap_is_named(make_bars):
    clean = make_bars(200)
    volume = clean.columns["volume"]
    (finding,), rest = check_volume_in_price(
        Bars("A", "1d", clean.sessions, {**clean.columns, "close": volume, "volume": clean.columns["close"]})
    )
    assert (finding.code, finding.columns) == ("close_holds_volume", ("close", "volume"))
    assert "close" not in rest.columns
    (finding,), _ = check_volume_in_price(Bars("A", "1d", clean.sessions, {**clean.prices, "close": volume}))
    assert finding.columns == ("close",)
    (finding,), _ = check_volume_in_price(Bars("A", "1d", clean.sessions, {"close": volume}))
    assert finding.code == "close_holds_volume"


def test_an_index_in_whole_points_is_no_volume(make_bars):
    bars = make_bars(200, start=40_000.0)
    whole = Bars("A", "1d", bars.sessions, {name: np.round(values) for name, values in bars.columns.items()})
    assert check_volume_in_price(whole)[0] == []
    assert check_volume_in_price(Bars("A", "1d", bars.sessions, {"close": whole.columns["close"]}))[0] == []
