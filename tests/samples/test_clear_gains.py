from __future__ import annotations

import numpy as np

from stockrnn.samples.clear_gains import daily_means, is_clear


def test_rows_of_a_day_count_as_one_and_what_is_not_known_as_nothing() -> None:
    values = np.array([[1.0, 3.0], [6.0, np.nan], [np.nan, np.nan], [5.0, 7.0]])
    assert daily_means(values, [2, 2, 1, 3]).tolist() == [4, 6]
    assert daily_means(np.empty((0, 2)), []).tolist() == []


def test_a_gain_is_measured_in_its_standard_errors() -> None:
    # Mean 1, standard deviation 3: with 100 days, one of which is taken up by the mean, 99 of them in the standard error.
    gain = np.tile([4.0, -2.0], 50)
    assert is_clear(gain, 1, 0.99 * np.sqrt(99) / 3)
    assert not is_clear(gain, 1, 1.01 * np.sqrt(99) / 3)
    assert is_clear(gain, 1, 0)
    assert not is_clear(-gain, 1, 0)
    assert not is_clear(np.zeros(100), 1, 0)


def test_fewer_than_eight_stretches_are_never_clear() -> None:
    assert is_clear(np.ones(40), 5, 2)
    assert not is_clear(np.ones(39), 5, 2)


def test_days_whose_forecasts_overlap_tell_less() -> None:
    walk = np.convolve(np.random.default_rng(3).standard_normal(409), np.ones(10) / np.sqrt(10), "valid")
    gain = 0.2 + walk - walk.mean()
    assert is_clear(gain, 1, 2)
    assert not is_clear(gain, 10, 2)
