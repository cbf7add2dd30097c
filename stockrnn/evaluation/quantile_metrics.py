"""Metrics of forecasts that are distributions, from their 19 quantiles."""

from __future__ import annotations

import numpy as np

from stockrnn.arrays import Floats
from stockrnn.forecasts.table import LEVELS


def pinball_losses(actual: Floats, quantiles: Floats) -> Floats:
    """Return each row's pinball loss, the mean over the 19 levels.

    Args:
        actual: Of shape (rows,).
        quantiles: Of shape (rows, 19), for levels 0.05 to 0.95.

    Returns:
        Of shape (rows,), in the unit of the price.

    Source: Koenker and Bassett, "Regression quantiles" (1978).
    """
    over = actual[:, None] - quantiles
    levels = np.array(LEVELS)
    losses: Floats = np.mean(np.maximum(levels * over, (levels - 1) * over), axis=1)
    return losses


def crps_from_quantiles(actual: Floats, quantiles: Floats) -> float:
    """Return the CRPS as twice the mean pinball loss over 19 quantiles.

    Args:
        actual: Of shape (rows,).
        quantiles: Of shape (rows, 19), for levels 0.05 to 0.95.

    Source: Gneiting and Ranjan, "Comparing density forecasts using threshold- and quantile-weighted scoring rules" (2011).
    """
    return float(2 * np.mean(pinball_losses(actual, quantiles)))


def coverage_of_90(actual: Floats, quantiles: Floats) -> float:
    """Return the share of actual values from the 5 % to the 95 % quantile."""
    return float(np.mean((actual >= quantiles[:, 0]) & (actual <= quantiles[:, -1])))


def width_of_90(quantiles: Floats) -> float:
    """Return the mean distance of the 95 % quantile from the 5 % quantile."""
    return float(np.mean(quantiles[:, -1] - quantiles[:, 0]))


def pit_counts(actual: Floats, quantiles: Floats) -> tuple[int, ...]:
    """Return how many actual values fell into each of the 20 equally likely ranges between the quantiles.

    The first range ends with the 5 % quantile, the last one begins above the 95 % quantile; a value that is a quantile
    belongs to the range below it. A calibrated forecast has a twentieth of the rows in each.

    Source: Diebold, Gunther and Tay, "Evaluating density forecasts" (1998).
    """
    below = np.sum(quantiles < actual[:, None], axis=1)
    return tuple(int(count) for count in np.bincount(below, minlength=len(LEVELS) + 1))
