from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockrnn.samples.windows import Windows, origins_within, targets_ahead

stretches = st.fixed_dictionaries(
    {
        "first": st.integers(0, 40),
        "last": st.integers(0, 60),
        "lookback": st.integers(1, 20),
        "horizon": st.integers(1, 10),
        "earliest": st.integers(0, 30),
    }
)


def ramp(rows: int, origins: np.ndarray, lookback: int, outputs: int = 1) -> Windows:
    """Return windows in which feature k of row t is t + k / 10, and the target of row t is t."""
    values = np.arange(rows, dtype=np.float32)
    return Windows(np.stack([values, values + 0.1], axis=1), targets_ahead(values, outputs), origins, lookback)


@pytest.mark.parametrize("horizon", [1, 3])
def test_a_ramp_proves_the_alignment(horizon: int) -> None:
    rows, lookback = 30, 5
    origins = origins_within(0, rows - 1, lookback, horizon, earliest=0)
    windows = ramp(rows, origins, lookback, horizon)
    assert windows.inputs().shape == (len(windows), lookback, 2)
    assert windows.targets().shape == (len(windows), horizon)
    for i in range(len(windows)):
        np.testing.assert_array_equal(windows.inputs()[i], windows.features[i : i + lookback])
        for ahead in range(1, horizon + 1):
            assert windows.targets()[i, ahead - 1] == i + lookback - 1 + ahead


def test_windows_are_as_many_as_the_tutorial_makes() -> None:
    assert len(origins_within(0, 1257, lookback=60, horizon=1, earliest=0)) == 1198


def test_some_windows_are_those_of_all() -> None:
    windows = ramp(30, np.arange(4, 25), lookback=5)
    np.testing.assert_array_equal(windows.inputs(slice(3, 6)), windows.inputs()[3:6])
    picked = np.array([7, 0, 7])
    np.testing.assert_array_equal(windows.inputs(picked), windows.inputs()[picked])
    np.testing.assert_array_equal(windows.targets(picked), windows.targets()[picked])


def test_the_last_row_of_a_window_is_its_origin() -> None:
    windows = ramp(30, np.array([12, 20]), lookback=5)
    np.testing.assert_array_equal(windows.inputs()[:, -1, 0], [12, 20])


def test_a_window_reaches_back_before_the_targets_as_far_as_it_may() -> None:
    assert origins_within(10, 12, lookback=5, horizon=1, earliest=0).tolist() == [9, 10, 11]
    assert origins_within(10, 12, lookback=5, horizon=1, earliest=6).tolist() == [10, 11]


@given(stretches)
def test_no_target_lies_outside_its_stretch_and_no_window_reads_too_early(stretch: dict[str, int]) -> None:
    origins = origins_within(**stretch)
    if len(origins):
        assert origins[0] + 1 >= stretch["first"]
        assert origins[-1] + stretch["horizon"] <= stretch["last"]
        assert origins[0] - stretch["lookback"] + 1 >= stretch["earliest"]
        assert (np.diff(origins) == 1).all()


@given(stretches)
def test_no_possible_origin_is_left_out(stretch: dict[str, int]) -> None:
    possible = [
        row
        for row in range(100)
        if row + 1 >= stretch["first"]
        and row + stretch["horizon"] <= stretch["last"]
        and row - stretch["lookback"] + 1 >= stretch["earliest"]
    ]
    assert origins_within(**stretch).tolist() == possible


@given(windows=st.integers(1, 40), stride=st.integers(1, 12))
def test_an_epoch_takes_at_most_one_window_a_stride(windows: int, stride: int) -> None:
    origins = np.arange(4, 4 + windows)
    laid = Windows(np.zeros((60, 1), np.float32), np.zeros((60, 1), np.float32), origins, 5, stride=stride)
    assert len(laid) == max(len(origins[offset::stride]) for offset in range(stride))


def test_with_a_target_at_every_step_the_ramp_is_aligned_at_each() -> None:
    values = np.arange(30, dtype=np.float32)
    windows = Windows(values[:, None], targets_ahead(values, 2), np.array([8, 20]), 4, every_step=True)
    assert windows.targets().tolist()[0] == [[6, 7], [7, 8], [8, 9], [9, 10]]
    np.testing.assert_array_equal(windows.targets()[..., 0], windows.inputs()[..., 0] + 1)
    assert windows.target_steps().tolist() == windows.input_steps().tolist() == [-3, -2, -1, 0]


@given(rows=st.integers(1, 20), outputs=st.integers(1, 25))
def test_values_ahead_of_the_last_row_are_not_there(rows: int, outputs: int) -> None:
    ahead = targets_ahead(np.arange(rows, dtype=np.float32), outputs)
    expected = np.add.outer(np.arange(rows), np.arange(1, outputs + 1)).astype(np.float32)
    np.testing.assert_array_equal(ahead, np.where(expected < rows, expected, np.nan))
