"""Directions: on which side of the last close forecasts and actual prices lie."""

from __future__ import annotations

import numpy as np

from stockrnn.arrays import Floats
from stockrnn.evaluation.judged_rows import JudgedRows
from stockrnn.evaluation.significance import directional_p, directional_p_by_day


def direction_share(forecast: Floats, actual: Floats, last_close: Floats) -> float | None:
    """Return the share of rows whose forecast is on the actual side of the last close.

    None where the last close is not known, or is what is forecast. Against the last open the sign would be known
    beforehand on most days, because the next open is near the last close.
    """
    known = np.isfinite(last_close)
    if not known.any() or np.array_equal(forecast[known], last_close[known]):
        return None
    return float(np.mean(np.sign(forecast - last_close)[known] == np.sign(actual - last_close)[known]))


def majority_share(actual: Floats, last_close: Floats) -> float | None:
    """Return the share of the most frequent actual direction: what always saying the same would be right on, at best."""
    known = np.isfinite(last_close)
    if not known.any():
        return None
    signs = np.sign(actual - last_close)[known].astype(np.int64)
    return float(np.bincount(signs + 1).max() / len(signs))


def direction_p(rows: JudgedRows, horizon: int) -> float | None:
    """Return the p-value of the direction, one-sided: by Pesaran and Timmermann, averaged by day where days are shared.

    None where it cannot be tested: the forecast is the last close, or either direction is always the same.
    """
    rows = rows.at(np.flatnonzero(np.isfinite(rows.last_close)))
    if not len(rows.actual) or np.array_equal(rows.forecast, rows.last_close):
        return None
    forecast_up, actual_up = rows.forecast > rows.last_close, rows.actual > rows.last_close
    if horizon == 1 and len(np.unique(rows.ticker)) == 1:
        return directional_p(forecast_up, actual_up)
    return directional_p_by_day(rows.session, forecast_up, actual_up, horizon)
