"""How much a price usually moves from one bar to the next: the yardstick for what is a jump."""

from __future__ import annotations

import numpy as np

from stockrnn.arrays import Floats

_REACH = 40


def local_noise(steps: Floats, start: int, stop: int) -> float:
    """Return the usual size of log price changes around some of them, as a standard deviation.

    Args:
        steps: Changes of the log price, one a pair of neighbouring bars.
        start: The first change that is under suspicion, and so left out.
        stop: The change after the last one that is left out.
    """
    around = np.abs(np.concatenate((steps[max(0, start - _REACH) : start], steps[stop : stop + _REACH])))
    if len(around) == 0:
        return float("inf")
    # Without its few largest, so that another jump nearby does not hide this one. The mean, not the median: a price that
    # mostly stands still has a median of zero.
    kept = np.sort(around)[: max(1, len(around) - max(2, len(around) // 20))]
    # The mean of |x| of a normal x is sqrt(2 / pi) of its standard deviation.
    return float(max(kept.mean() * np.sqrt(np.pi / 2), 1e-4))


def tick_of(prices: Floats) -> float:
    """Return the smallest step between any two of the prices; infinite where they are all the same."""
    steps = np.abs(np.diff(np.unique(prices)))
    return float(steps[steps > 1e-9 * prices.max()].min(initial=np.inf)) if len(steps) else float("inf")
