from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from stockrnn.forecasts.ranges import past_needed, range_columns, with_ranges
from stockrnn.forecasts.table import LEVELS, QUANTILE_COLUMNS, Forecasts

PACE = 0.01


def normal(level: float) -> float:
    return NormalDist().inv_cdf(level)


def rows(actual: np.ndarray, horizon: int = 1, pace: float = PACE, price: float = 100.0) -> Forecasts:
    """Rows that forecast a log-normal price of some spread."""
    table = pd.DataFrame({"horizon": horizon, "forecast": price, "actual": actual})
    table[list(QUANTILE_COLUMNS)] = price * np.exp(pace * np.array([normal(level) for level in LEVELS]))
    return table


def ends(table: Forecasts, level: float) -> np.ndarray:
    return table[list(range_columns(level))].to_numpy()


@pytest.mark.parametrize(("level", "columns"), [(0.9, ("q0.05", "q0.95")), (0.5, ("q0.25", "q0.75")), (0.1, ("q0.45", "q0.55")), (0.8, ("q0.10", "q0.90"))])  # fmt: skip
def test_ends_that_are_quantiles_of_ours_are_these_quantiles(level: float, columns: tuple[str, str]) -> None:
    table = rows(np.array([np.nan]))
    np.testing.assert_array_equal(ends(with_ranges(table, [level], table[:0]), level), table[list(columns)])


@pytest.mark.parametrize("level", [0.01, 0.33, 0.45, 0.68, 0.85, 0.89])
def test_ends_between_ours_are_those_of_the_distribution(level: float) -> None:
    table = rows(np.array([np.nan]))
    expected = 100 * np.exp(PACE * np.array([[normal((1 - level) / 2), normal((1 + level) / 2)]]))
    np.testing.assert_allclose(ends(with_ranges(table, [level], table[:0]), level), expected, rtol=1e-5)


def test_ranges_up_to_90_per_cent_need_no_past_and_wider_ones_as_many_rows_as_a_miss_takes() -> None:
    assert [past_needed(level) for level in (0.01, 0.5, 0.9)] == [0, 0, 0]
    # One miss an end in 40 rows, and in 200, with the row that is to come.
    assert [past_needed(level) for level in (0.95, 0.98, 0.99)] == [39, 99, 199]


@pytest.mark.parametrize("level", [0.92, 0.95, 0.99])
@pytest.mark.parametrize("spread", [1.0, 2.0, 0.3])
def test_a_wide_range_holds_the_promised_share_of_a_past_that_its_quantiles_are_wrong_about(level, spread) -> None:
    moves = spread * PACE * np.random.default_rng(1).standard_t(4, 4000)
    past = rows(100 * np.exp(moves))
    (low, high) = ends(with_ranges(rows(np.array([np.nan])), [level], past), level)[0]
    inside = np.mean((past["actual"] >= low) & (past["actual"] <= high))
    # Never narrower than the 90 % range.
    least = np.mean((past["actual"] >= past["q0.05"]) & (past["actual"] <= past["q0.95"]))
    assert inside == pytest.approx(max(level, least), abs=0.001)
    assert low <= past["q0.05"].iloc[0]
    assert past["q0.95"].iloc[0] <= high


def test_the_fewest_rows_give_the_range_that_holds_all_of_them() -> None:
    moves = np.linspace(-6, 8, past_needed(0.95))
    table = with_ranges(rows(np.array([np.nan])), [0.95], rows(100 * np.exp(PACE * moves)))
    np.testing.assert_allclose(ends(table, 0.95)[0], 100 * np.exp(PACE * np.array([-6, 8])))


def test_the_reach_one_session_ahead_is_that_of_all_horizons() -> None:
    draws = np.random.default_rng(2).standard_normal(999)
    past = pd.concat([rows(100 * np.exp(PACE * 3 * draws), 1), rows(100 * np.exp(PACE * 5 * draws[:5]), 2)])
    table = pd.concat([rows(np.array([np.nan]), horizon) for horizon in (1, 2, 7)])
    away = np.log(ends(with_ranges(table, [0.95], past), 0.95)[:, 1] / 100) / PACE
    np.testing.assert_allclose(away, [3 * 1.96] * 3, rtol=0.06)


def test_a_year_of_forecasts_that_overlap_does_not_narrow_the_range_of_sessions_far_ahead() -> None:
    further, held = 20, []
    for seed in range(60):
        walk = np.r_[0, np.cumsum(PACE * np.random.default_rng(seed).standard_normal(252 + further))]
        moves = {ahead: walk[ahead : ahead + 252] - walk[:252] for ahead in (1, further)}
        past = pd.concat([rows(100 * np.exp(move), ahead, PACE * ahead**0.5) for ahead, move in moves.items()])
        (low, high) = ends(with_ranges(rows(np.array([np.nan]), further, PACE * further**0.5), [0.99], past), 0.99)[0]
        spread = PACE * further**0.5
        held.append(NormalDist(0, spread).cdf(np.log(high / 100)) - NormalDist(0, spread).cdf(np.log(low / 100)))
    assert np.mean(held) == pytest.approx(0.99, abs=0.005)


def test_prices_that_never_moved_have_ranges_without_width() -> None:
    past = rows(np.full(60, 100.0), pace=0.0)
    np.testing.assert_array_equal(
        ends(with_ranges(rows(np.array([np.nan]), pace=0.0), [0.95], past), 0.95), [[100.0] * 2]
    )


@pytest.mark.parametrize("count", [60, 39])
def test_ranges_without_width_that_prices_left_stay_as_they_are(count: int) -> None:
    past = rows(100 * np.exp(PACE * np.arange(1.0, count + 1)), pace=0.0)
    still = with_ranges(rows(np.array([np.nan]), pace=0.0), [0.95], past)
    np.testing.assert_array_equal(ends(still, 0.95), [[100.0] * 2])


def test_a_past_with_few_ranges_of_some_width_reaches_as_far_as_its_furthest_miss() -> None:
    still = rows(np.full(40, 101.0), pace=0.0)
    past = pd.concat([still, rows(100 * np.exp(PACE * np.array([-4.0, 1.0, 5.0])))])
    table = with_ranges(rows(np.array([np.nan])), [0.95], past)
    np.testing.assert_allclose(ends(table, 0.95)[0], 100 * np.exp(PACE * np.array([-4, 5])))


@pytest.mark.parametrize("usual", [0.5, 1.0, 20.0])
def test_one_move_of_thousands_of_widths_reaches_no_further_than_tails_as_heavy_as_cauchys(usual: float) -> None:
    moves = usual * PACE * np.random.default_rng(1).standard_normal(199)
    moves[7] = 5000 * PACE
    (low, high) = np.log(ends(with_ranges(rows(np.array([np.nan])), [0.99], rows(100 * np.exp(moves))), 0.99)[0] / 100)
    ratio = stats.cauchy.ppf(0.995) / stats.cauchy.ppf(0.95)
    widths = np.sort(moves)[189] / (PACE * normal(0.95))
    assert high == pytest.approx(ratio * max(widths, 1) * PACE * normal(0.95), rel=1e-6)
    # The other end, which nothing odd is beyond, is measured as ever.
    assert low == pytest.approx(min(moves.min(), -PACE * normal(0.95)), rel=1e-6)


def test_tails_that_prices_have_are_not_cut() -> None:
    moves = PACE * np.random.default_rng(2).standard_t(2, 199)
    (low, high) = ends(with_ranges(rows(np.array([np.nan])), [0.99], rows(100 * np.exp(moves))), 0.99)[0]
    np.testing.assert_allclose(np.log([low / 100, high / 100]), [moves.min(), moves.max()], rtol=1e-6)
