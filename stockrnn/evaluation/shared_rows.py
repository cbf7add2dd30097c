"""The rows on which all distributions are scored, so that the scores beside each other are of the same sessions."""

from __future__ import annotations

import numpy as np

from stockrnn.evaluation.judged_rows import distribution_rows
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecasts

_KEYS = ["ticker", "origin", "session", "horizon"]


def with_shared_quantiles(forecasts: Forecasts) -> Forecasts:
    """Return forecasts without the quantiles of rows that another distribution lacks; points stay as they are.

    A forecaster is a distribution at a horizon where nine in ten of its rows have all quantiles.

    Args:
        forecasts: The forecasts table.
    """
    whole = forecasts[list(QUANTILE_COLUMNS)].notna().all(axis=1).to_numpy()
    if whole.all():
        return forecasts
    quantiles = forecasts[list(QUANTILE_COLUMNS)].to_numpy(dtype=np.float64)
    of_distribution = np.zeros(len(forecasts), dtype=np.bool_)
    for rows in forecasts.groupby(["forecaster", "horizon"], observed=True, sort=False).indices.values():
        of_distribution[rows] = len(distribution_rows(quantiles[rows])) > 0
    lacking = of_distribution & ~whole
    if not lacking.any():
        return forecasts
    keys = forecasts[_KEYS]
    shared = (
        keys.assign(lacking=lacking).groupby(_KEYS, observed=True, sort=False)["lacking"].transform("any").to_numpy()
    )
    kept = forecasts.copy()
    kept[list(QUANTILE_COLUMNS)] = np.where((shared & of_distribution)[:, None], np.nan, quantiles)
    return kept
