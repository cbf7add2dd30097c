"""Quantiles at any levels brought to the levels of the forecasts table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.arrays import Floats
from stockrnn.forecasts.table import LEVELS

# A wider gap between two levels says nothing of the distribution between them.
_WIDEST_GAP = 0.25
_SAME = 1e-6


def to_our_levels(quantiles: pd.DataFrame) -> Floats:
    """Return quantiles at our 19 levels, of shape (rows, 19).

    A level that is given is taken as it is. One that lies between two given ones at most 0.25 apart is interpolated on the
    straight line between them, in probability and price. All others are NaN: no tail is made up.

    Args:
        quantiles: A column a level, ascending; NaN where a row has none.
    """
    ours = np.full((len(quantiles), len(LEVELS)), np.nan)
    given = quantiles.to_numpy(dtype=np.float64)
    present = np.isfinite(given)
    patterns, which = np.unique(present, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        rows = np.flatnonzero(which.ravel() == number)
        if pattern.any():
            levels = quantiles.columns.to_numpy(dtype=np.float64)[pattern]
            ours[rows] = _at_levels(levels, given[np.ix_(rows, np.flatnonzero(pattern))])
    return ours


def _at_levels(levels: Floats, values: Floats) -> Floats:
    columns = np.full((len(values), len(LEVELS)), np.nan)
    for place, level in enumerate(LEVELS):
        nearest = int(np.argmin(np.abs(levels - level)))
        above = int(np.searchsorted(levels, level))
        if abs(levels[nearest] - level) < _SAME:
            columns[:, place] = values[:, nearest]
        elif 0 < above < len(levels) and levels[above] - levels[above - 1] <= _WIDEST_GAP + _SAME:
            share = (level - levels[above - 1]) / (levels[above] - levels[above - 1])
            columns[:, place] = (1 - share) * values[:, above - 1] + share * values[:, above]
    return columns
