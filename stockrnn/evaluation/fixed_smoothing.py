"""A test of equal losses whose size overlapping forecasts do not inflate."""

from __future__ import annotations

import math

import numpy as np

from stockrnn.arrays import Floats


def fixed_smoothing_p(differences: Floats, horizon: int) -> float | None:
    """Return the two-sided p-value that differences of losses are zero on average.

    The long-run variance is the mean of the periodogram at the m lowest frequencies, and the statistic is Student's t with
    2 m degrees of freedom: that the variance is estimated from few frequencies is in its law. With n days and forecasts h
    sessions ahead, m = min(n^(1/3), n / 2h), rounded down: the paper's choice, kept within half of the frequencies at which
    forecasts that overlap are alike.

    Args:
        differences: A day's loss of the first forecast less that of the second, of shape (days,).
        horizon: Sessions ahead.

    Returns:
        None where the differences do not vary at these frequencies.

    Source: Coroneo and Iacone, "Comparing predictive accuracy in small samples using fixed-smoothing asymptotics" (2020).
    """
    from scipy.stats import t

    days = len(differences)
    frequencies = max(1, min(int(days ** (1 / 3) + 1e-9), days // (2 * horizon)))
    periodogram = np.abs(np.fft.rfft(differences)[1 : frequencies + 1]) ** 2 / days
    variance = float(np.mean(periodogram))
    if not variance > 0 or not math.isfinite(variance):
        return None
    statistic = float(np.mean(differences)) / math.sqrt(variance / days)
    return 2 * float(t.sf(abs(statistic), 2 * frequencies))
