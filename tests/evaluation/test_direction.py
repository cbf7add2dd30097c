from __future__ import annotations

import numpy as np
import pytest

from stockrnn.evaluation.direction import direction_share, majority_share


@pytest.mark.parametrize(
    ("forecast", "actual", "share"),
    [
        ([11, 9, 11, 9], [12, 8, 9, 11], 0.5),
        ([11, 11, 11, 11], [12, 12, 12, 9], 0.75),
        ([11, 9, 10, 10], [12, 8, 10, 11], 0.75),  # no move forecast: right only where there was none
        ([10, 10, 10, 10], [12, 8, 9, 11], None),  # the last close itself has no direction
    ],
)
def test_direction_is_the_share_on_the_actual_side_of_the_last_close(
    forecast: list[float], actual: list[float], share: float | None
) -> None:
    last_close = np.full(4, 10.0)
    assert direction_share(np.array(forecast, float), np.array(actual, float), last_close) == share


def test_direction_leaves_out_rows_without_a_last_close() -> None:
    last_close = np.array([10, np.nan, np.nan])
    assert direction_share(np.array([11.0, 9, 9]), np.array([12.0, 12, 12]), last_close) == 1
    assert direction_share(np.array([11.0, 9, 9]), np.array([12.0, 12, 12]), np.full(3, np.nan)) is None


def test_the_majority_is_the_most_frequent_actual_direction() -> None:
    last_close = np.full(5, 10.0)
    assert majority_share(np.array([11.0, 12, 13, 9, 10]), last_close) == 0.6
    assert majority_share(np.array([9.0, 8, 7, 11, 10]), last_close) == 0.6
    assert majority_share(np.array([10.0, 10, 10, 11, 9]), last_close) == 0.6


def test_the_majority_leaves_out_rows_without_a_last_close() -> None:
    assert majority_share(np.array([11.0, 9, 9]), np.array([10, np.nan, np.nan])) == 1
    assert majority_share(np.array([11.0]), np.array([np.nan])) is None
