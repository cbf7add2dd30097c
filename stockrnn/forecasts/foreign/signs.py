"""Forecasts that cannot be prices, because prices have no sign."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.arrays import Floats
from stockrnn.errors import PriceDataError

# Fewer rows can be below zero by accident; and a forecast of a price may be, where it is a bad one.
_FEWEST_ROWS, _FEWEST_SHARE = 10, 0.1
# Returns and differences of a session are small beside the price.
_SMALL = 1 / 20
_ALL_SIGNS = {-1.0, 0.0, 1.0}


def check_are_prices(rows: pd.DataFrame, last: Floats, source: str) -> None:
    """Refuse forecasts of returns, differences or directions: many are below zero, and all are small beside the price.

    Args:
        rows: Columns `forecaster` and `forecast`.
        last: The last known price of each row, of shape (rows,).
        source: The file, for messages.

    Raises:
        PriceDataError: Those of a forecaster are no prices.
    """
    forecasters = rows["forecaster"].to_numpy()
    for name in pd.unique(forecasters):
        mine = forecasters == name
        values, price = rows["forecast"].to_numpy(dtype=np.float64)[mine], float(np.median(last[mine]))
        below = int((values < 0).sum())
        small = float(np.median(np.abs(values))) <= _SMALL * price
        if len(values) < _FEWEST_ROWS or below < _FEWEST_SHARE * len(values) or not (small or below == len(values)):
            continue
        raise PriceDataError(
            f"{source}: the forecasts of {name} are no prices: {below} of {len(values)} are below zero, from {values.min():.3g} to "
            f"{values.max():.3g}, where the price is near {price:.3g}; {_what_to_do(values, small)}"
        )


def _what_to_do(values: Floats, small: bool) -> str:
    if not small:
        return "judged are prices: is their sign wrong?"
    if set(np.unique(values)) <= _ALL_SIGNS:
        return "judged are prices, and directions say none"
    return "are they returns or differences? Make prices of them: the last close x (1 + return), x exp(log return) or + difference"
