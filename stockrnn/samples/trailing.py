"""Means and shifts over the rows of one ticker up to a row, computed for all tickers at once.

A value depends on the rows of its window alone, to the last bit: rows after it, or of other tickers, do not move a rounding, and a wrong
number is forgotten when it leaves the window.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.arrays import Floats
from stockrnn.prices.table import Prices

Integers = npt.NDArray[np.int64]


def rows_before(prices: Prices) -> Integers:
    """Return how many rows of the same ticker lie before each row, of shape (rows,)."""
    codes = cast("pd.MultiIndex", prices.index).codes[0]
    rows = np.arange(len(codes))
    begins = np.diff(codes, prepend=-1) != 0
    return rows - np.maximum.accumulate(np.where(begins, rows, 0))


def earlier(values: Floats, before: Integers, sessions: int) -> Floats:
    """Return the values of so many rows earlier in the same ticker, of shape (rows,); NaN where there is no such row.

    Args:
        values: One a row, of shape (rows,).
        before: What `rows_before` gave.
        sessions: How many rows earlier.
    """
    return _shifted(values, before, sessions, np.nan)


def trailing_mean(values: Floats, before: Integers, sessions: int) -> Floats:
    """Return the mean of the known ones of the last so many rows (fewer at a ticker's start), of shape (rows,).

    Args:
        values: One a row, of shape (rows,); NaN where not known.
        before: What `rows_before` gave.
        sessions: How many rows, the row itself included.
    """
    known = np.isfinite(values)
    counts = trailing_sum(known.astype(np.float64), before, sessions)
    sums = trailing_sum(np.where(known, values, 0.0), before, sessions)
    means: Floats = np.divide(sums, counts, out=np.full(len(values), np.nan), where=counts > 0)
    return means


def trailing_sum(values: Floats, before: Integers, sessions: int) -> Floats:
    """Return the sum of the last so many rows of the ticker, of shape (rows,).

    Sums of 1, 2, 4, 8 ... rows are each made of two of the ones before, and the window of the powers of two in its length.
    """
    total, done = np.zeros(len(values)), 0
    power, length = values, 1
    while True:
        if sessions & length:
            total = total + _shifted(power, before, done, 0.0)
            done += length
        if done == sessions:
            return total
        power = power + _shifted(power, before, length, 0.0)
        length *= 2


def _shifted(values: Floats, before: Integers, sessions: int, missing: float) -> Floats:
    if not sessions:
        return values
    moved = np.full(len(values), missing)
    moved[sessions:] = values[:-sessions]
    moved[before < sessions] = missing
    return moved
