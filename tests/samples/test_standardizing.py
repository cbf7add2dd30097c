from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from stockrnn.samples.standardizing import Standardization


@pytest.fixture
def values() -> np.ndarray:
    table = np.random.default_rng(0).normal([0, 5, -1e3], [1, 0.1, 50], (200, 3))
    table[[3, 150], [0, 1]] = np.nan
    return table


TRAINING = np.arange(200) < 120


def test_scores_are_scikit_learns_within_four(values: np.ndarray) -> None:
    oracle = StandardScaler().fit(values[TRAINING]).transform(values)
    scores = Standardization.fit(values, TRAINING).apply(values)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, np.nan_to_num(np.clip(oracle, -4, 4)), rtol=1e-5, atol=1e-6)


def test_a_mask_and_positions_are_the_same_rows(values: np.ndarray) -> None:
    assert Standardization.fit(values, TRAINING) == Standardization.fit(values, np.flatnonzero(TRAINING))


def test_no_row_outside_the_training_rows_is_read(values: np.ndarray) -> None:
    changed = np.where(TRAINING[:, None], values, 1e9 * np.random.default_rng(1).standard_normal(values.shape))
    assert Standardization.fit(values, TRAINING) == Standardization.fit(changed, TRAINING)


def test_what_lies_far_out_counts_as_four() -> None:
    fitted = Standardization((0.0,), (1.0,))
    np.testing.assert_array_equal(fitted.apply(np.array([[9.0], [-9.0], [3.0]])), [[4.0], [-4.0], [3.0]])


def test_what_is_not_known_is_zero() -> None:
    fitted = Standardization((7.0,), (1.0,))
    np.testing.assert_array_equal(fitted.apply(np.array([[np.nan], [np.inf], [8.0]])), [[0.0], [0.0], [1.0]])


@pytest.mark.parametrize("column", [[0.1] * 50, [0.0] * 50, [np.nan] * 50, [1e6] * 50])
def test_a_column_without_spread_is_zero(column: list[float]) -> None:
    values = np.array(column)[:, None]
    fitted = Standardization.fit(values, np.arange(50) < 30)
    np.testing.assert_array_equal(fitted.apply(values + 1.0), np.zeros((50, 1)))
    json.dumps(fitted.to_json(), allow_nan=False)


def test_a_standardization_survives_json_to_the_last_bit(values: np.ndarray) -> None:
    fitted = Standardization.fit(values, TRAINING)
    assert Standardization.from_json(json.loads(json.dumps(fitted.to_json()))) == fitted
