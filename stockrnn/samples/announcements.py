"""Notable moves of the past: a company reports four times a year, and the price moves most where it moved most before.

    m[t] = abs(r[t]) / s[t - 1], at most 6
    season[t] = max(0, largest m of the rows `first` to `last` before row t + 1 - 1.5); rows that are not there moved nothing

Source: Beaver, "The Information Content of Annual Earnings Announcements" (1968): returns vary more in the week of a report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

import numpy as np

from stockrnn.arrays import Floats
from stockrnn.samples.measures import Measures

# Rows from an earlier session to the next one, first and last, by name: about one, two and four quarters.
SEASONS = {63: (61, 65), 126: (124, 130), 252: (250, 255)}
# A little less than half a quarter: the last report, if there was one in it.
RECENT_ROWS = 29
# A move of fewer volatilities than the first is nothing to wait for, one of more than the second counts as so many.
_NOTABLE, _MOST_NOTABLE = 1.5, 6.0


def season(first: int, last: int) -> Callable[[Measures], Floats]:
    """Return what computes how notable the largest move was between so many rows before the next session."""

    def compute(measures: Measures) -> Floats:
        largest = _largest(measures, range(first - 1, last))
        return np.where(np.isfinite(largest), np.maximum(largest - _NOTABLE, 0.0), 0.0)

    return compute


def largest_recent_move(measures: Measures) -> Floats:
    """Return the largest m of the last 29 rows, of shape (rows,); NaN where none is known."""
    return _largest(measures, range(RECENT_ROWS))


def _largest(measures: Measures, shifts: Iterable[int]) -> Floats:
    moves = np.minimum(np.abs(measures.returns) / measures.earlier(measures.volatility), _MOST_NOTABLE)
    return cast("Floats", np.fmax.reduce([measures.earlier(moves, shift) for shift in shifts]))
