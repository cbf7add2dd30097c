"""The lag of a forecast: how many sessions ago the price was what it looks like."""

from __future__ import annotations

import numpy as np

from stockrnn.arrays import Floats, Positions
from stockrnn.evaluation.judged_rows import JudgedRows

# Shifts up to here, and as many more as the horizon has sessions beyond the first.
_MOST_SESSIONS = 10
# Fewer pairs than these correlate well by chance.
_FEWEST_PAIRS = 20


def longest_lag(horizon: int) -> int:
    """Return the largest shift that is tried; a lag of this may be longer."""
    return _MOST_SESSIONS + horizon - 1


def best_lag(rows: JudgedRows, horizon: int) -> int | None:
    """Return the shift k at which forecasts correlate best with the actual prices of k sessions before their own session.

    The correlation of price levels, for k = 0 ... 9 + horizon, always of the same rows: those whose actual prices of all
    these sessions are known. Of several tickers it is that of the deviations from each ticker's own means. Level and scale
    do not matter to it, so that a forecast that is always too low is not taken for one of older, lower prices. The smallest
    of equally good shifts is returned. Repeating the last value of the target has a lag of the horizon.

    Args:
        rows: Forecasts of one forecaster and horizon.
        horizon: Sessions ahead.

    Returns:
        The lag in sessions; None for fewer than 20 such rows, a forecast that never changes or that runs against the price.
    """
    shifts = np.arange(longest_lag(horizon) + 1)
    found, kept = _earlier_rows(rows, shifts)
    if kept.sum() < _FEWEST_PAIRS:
        return None
    tickers = np.unique(rows.ticker[kept], return_inverse=True)[1]
    forecast = _deviations(rows.forecast[kept], tickers)
    fits = [_correlation(forecast, _deviations(rows.actual[earlier[kept]], tickers)) for earlier in found]
    best = max(fits)
    if best <= 0:
        return None
    return next(int(shift) for shift, fit in zip(shifts, fits, strict=True) if fit >= best - 1e-12)


def _earlier_rows(rows: JudgedRows, shifts: Positions) -> tuple[list[Positions], np.ndarray]:
    """Return, for each shift, the row of the session so many before each row's own; and which rows have all of them."""
    # Tickers far apart, so that no shift reaches from one into another.
    keys = (rows.ticker.astype(np.int64) << 32) + rows.place
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    found, kept = [], rows.place >= 0
    for shift in shifts:
        wanted = keys - shift
        at = np.minimum(np.searchsorted(ordered, wanted), len(keys) - 1)
        kept = kept & (ordered[at] == wanted)
        found.append(order[at])
    return found, kept


def _deviations(values: Floats, tickers: Positions) -> Floats:
    means = np.bincount(tickers, values) / np.bincount(tickers)
    deviations: Floats = values - means[tickers]
    # What rounding leaves of a series that never changes is no movement.
    return np.where(np.abs(deviations) <= 1e-12 * np.abs(values), 0.0, deviations)


def _correlation(one: Floats, other: Floats) -> float:
    scale = float(np.sqrt(np.sum(one**2) * np.sum(other**2)))
    return float(np.sum(one * other)) / scale if scale else 0.0
