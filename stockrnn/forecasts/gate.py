"""The gate: how far a network's forecast may leave the naive one, chosen on sessions that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from stockrnn.arrays import Floats
from stockrnn.forecasts.table import Forecast
from stockrnn.samples.clear_gains import daily_means, is_clear

# Shares of the network's move away from the naive forecast.
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
# A share over 0 has to gain this many standard errors on the sessions it is chosen on.
_CLEAR = 2.0


def choose_gate(
    network: Floats, naive: Floats, actual: Floats, days: Sequence[object], *, proven: bool = False
) -> float:
    """Choose the share whose squared log error is smallest, 0 unless the gain over the naive forecast is clear.

    Clear is a gain of two standard errors on eight stretches at least: by chance alone, a gate opens one time in thirty. What
    has been proven on the training sessions must only not be refuted: there, any gain will do.

    Args:
        network: Point forecasts, of shape (rows, horizon).
        naive: The naive ones, of the same shape.
        actual: What came true, of the same shape; NaN where it is not known.
        days: The session of the origin of each row: rows of one day count as one.
        proven: What the network starts from has foretold moves of the training sessions clearly.
    """
    move, truth = np.log(_positive(network) / naive), np.log(actual / naive)
    errors = {share: daily_means((share * move - truth) ** 2, days) for share in SHARES}
    if not len(errors[0.0]):
        return 0.0
    best = min(SHARES, key=lambda share: errors[share].mean())
    needed = 0.0 if proven else _CLEAR
    return best if is_clear(errors[0.0] - errors[best], network.shape[1], needed) else 0.0


def pass_gate(forecast: Forecast, naive: Floats, share: float) -> Forecast:
    """Return a forecast that keeps this share of its way from the naive one, in log price; its quantiles move along.

    Args:
        forecast: The network's.
        naive: The naive point forecasts, of shape (origins, horizon).
        share: From 0 to 1.
    """
    if share == 1.0:
        return forecast
    values = naive * (_positive(forecast.values) / naive) ** share
    shift = values / _positive(forecast.values)
    quantiles = None if forecast.quantiles is None else forecast.quantiles * shift[..., None]
    return replace(forecast, values=values, quantiles=quantiles)


def _positive(values: Floats) -> Floats:
    # A level network may forecast nothing or less; its logarithm has to be some number.
    return cast("Floats", np.maximum(values, 1e-8))
