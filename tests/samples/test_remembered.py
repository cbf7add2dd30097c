from __future__ import annotations

import numpy as np
import pytest

from stockrnn.samples.remembered import remembered
from stockrnn.samples.volatility import returns_and_volatility


@pytest.fixture
def counted():
    """A remembered function, and what it was asked for."""
    asked: list[tuple[np.ndarray, ...]] = []

    @remembered
    def doubled(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        asked.append(arrays)
        return tuple(2 * array for array in arrays)

    return doubled, asked


def test_equal_arrays_are_computed_once_and_others_anew(counted) -> None:
    doubled, asked = counted
    first = doubled(np.arange(3.0), np.arange(3))
    assert doubled(np.arange(3.0), np.arange(3)) is first
    for other in ((np.arange(3.0), np.arange(1, 4)), (np.arange(3.0),), (np.arange(3), np.arange(3.0))):
        assert [each.tolist() for each in doubled(*other)] == [(2 * each).tolist() for each in other]
    assert len(asked) == 4


def test_an_array_that_was_changed_is_another(counted) -> None:
    doubled, _ = counted
    array = np.arange(3.0)
    doubled(array)
    array[0] = 5
    assert doubled(array)[0].tolist() == [10, 2, 4]


def test_what_is_remembered_cannot_be_changed(counted) -> None:
    with pytest.raises(ValueError, match="read-only"):
        counted[0](np.arange(3.0))[0][0] = 1


def test_only_the_last_three_are_remembered(counted) -> None:
    doubled, asked = counted
    for number in (0, 1, 2, 3, 3, 2, 1, 0):
        doubled(np.full(2, number))
    assert len(asked) == 5


def test_a_volatility_knows_prices_that_were_changed_in_their_table(make_prices) -> None:
    prices = make_prices(100)
    before = returns_and_volatility(prices)[1].copy()
    prices.iloc[60, prices.columns.get_loc("close")] *= 1.1
    after = returns_and_volatility(prices)[1]
    assert np.array_equal(before[:60], after[:60], equal_nan=True)
    assert (before[60:] != after[60:]).all()


def test_tables_are_told_apart_by_values_tickers_and_sessions(counted, make_prices) -> None:
    asked: list[object] = []

    @remembered
    def closes(said: str, prices) -> np.ndarray:
        asked.append((said, prices))
        return prices["close"].to_numpy().copy()

    prices = make_prices(5)
    later = prices.set_axis(prices.index.set_levels(prices.index.levels[1] + np.timedelta64(1, "D"), level=1))
    renamed = prices.rename(index={prices.index[0][0]: "OTHER"}, level=0)
    for table in (prices, prices.copy(), later, renamed, prices * 2):
        assert closes("a", table).tolist() == table["close"].tolist()
    assert len(asked) == 4
    closes("b", prices * 2)
    assert len(asked) == 5
