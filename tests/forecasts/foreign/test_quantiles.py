from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockrnn.forecasts.foreign.quantiles import to_our_levels
from stockrnn.forecasts.table import LEVELS

DECILES = tuple(round(0.1 * step, 1) for step in range(1, 10))


def at(levels: tuple[float, ...], values: list[float]) -> np.ndarray:
    return to_our_levels(pd.DataFrame([values], columns=list(levels)))[0]


def test_our_own_levels_pass_unchanged() -> None:
    values = list(np.random.default_rng(0).standard_normal(19))
    assert list(at(LEVELS, values)) == values


def test_a_straight_line_is_followed_between_the_levels_and_nothing_is_made_up_outside() -> None:
    found = at(DECILES, [100 * level for level in DECILES])
    np.testing.assert_allclose(found[1:-1], 100 * np.array(LEVELS[1:-1]))
    assert np.isnan(found[[0, -1]]).all()


def test_levels_outside_our_own_bound_the_interpolation() -> None:
    levels = (0.025, 0.25, 0.5, 0.75, 0.975)
    np.testing.assert_allclose(at(levels, [100 * level for level in levels]), 100 * np.array(LEVELS))


def test_a_wide_gap_is_not_bridged() -> None:
    found = at((0.05, 0.5, 0.95), [90.0, 100.0, 110.0])
    assert list(np.flatnonzero(np.isfinite(found))) == [0, 9, 18]


def test_without_quantiles_there_are_none() -> None:
    assert np.isnan(to_our_levels(pd.DataFrame(index=range(3)))).all()


def test_rows_with_different_levels_are_read_each_by_its_own() -> None:
    frame = pd.DataFrame([[1.0, np.nan, 3.0], [1.0, 5.0, 9.0]], columns=[0.4, 0.5, 0.6])
    found = to_our_levels(frame)
    np.testing.assert_allclose(found[0][7:12], [1.0, 1.5, 2.0, 2.5, 3.0])
    np.testing.assert_allclose(found[1][7:12], [1.0, 3.0, 5.0, 7.0, 9.0])


@given(st.sets(st.integers(1, 99), min_size=2, max_size=30), st.integers(0, 1000))
def test_ascending_quantiles_stay_ascending_and_within_the_given_ones(levels: set[int], seed: int) -> None:
    ordered = tuple(level / 100 for level in sorted(levels))
    values = np.sort(np.random.default_rng(seed).uniform(50, 150, len(ordered)))
    found = at(ordered, list(values))
    there = found[np.isfinite(found)]
    assert (np.diff(there) >= -1e-9).all()
    if len(there):
        assert values[0] - 1e-9 <= there.min() <= there.max() <= values[-1] + 1e-9


@pytest.mark.parametrize("step", [0.02, 0.05, 0.1, 0.25])
def test_it_is_the_interpolation_of_numpy(step: float) -> None:
    levels = tuple(np.round(np.arange(step, 1, step), 6))
    values = np.sort(np.random.default_rng(1).uniform(50, 150, len(levels)))
    found = at(levels, list(values))
    inside = np.isfinite(found)
    np.testing.assert_allclose(found[inside], np.interp(np.array(LEVELS)[inside], levels, values))
