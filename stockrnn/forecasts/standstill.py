"""Ranges of prices that often stand still: what many sessions end on lies within, or the range cannot hold what it promises.

a range between the quantiles p and 1 - p promises 1 - 2 p; without a price that a share s of sessions end on it holds
1 - s at most: where s > 2 p, the last price belongs to it
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stockrnn.arrays import Floats, Positions
from stockrnn.forecasts.fans import naive_prices
from stockrnn.forecasts.table import LEVELS, Forecast
from stockrnn.prices.table import Prices
from stockrnn.samples.trailing import earlier, rows_before, trailing_mean

# A trading year of sessions tells how often a price stands still; fewer than a quarter of one tell nothing.
_YEAR, _FEWEST = 252, 63


def holding_still(forecast: Forecast, prices: Prices, origins: Positions, target: str) -> Forecast:
    """Return a forecast whose ranges hold the last price wherever it has been left unchanged too often to be left out.

    Args:
        forecast: Its points stay, and all quantiles of prices that move.
        prices: The prices table; no row after an origin is read.
        origins: Rows of the origins.
        target: The price column that is forecast.
    """
    if forecast.quantiles is None:
        return forecast
    quantiles, before = forecast.quantiles.copy(), rows_before(prices)
    newest, values = naive_prices(prices, target, np.arange(len(prices))), prices[target].to_numpy()
    levels = np.array(LEVELS)
    for step in range(quantiles.shape[1]):
        then = earlier(newest, before, step + 1)
        still = np.where(np.isfinite(then), values == then, np.nan)
        share = np.where(before >= _FEWEST + step, trailing_mean(still, before, _YEAR), 0.0)[origins, None]
        # A price that moved on comes back more rarely the further ahead.
        if not (share > 2 * levels[0]).any():
            break
        quantiles[:, step] = _around(
            quantiles[:, step], newest[origins, None], share > 2 * np.minimum(levels, 1 - levels)
        )
    return replace(forecast, quantiles=quantiles)


def _around(quantiles: Floats, price: Floats, held: np.ndarray) -> Floats:
    """Return quantiles, of shape (origins, 19), of which those that are to be held lie on their side of the price."""
    side = np.where(np.array(LEVELS) < 0.5, np.minimum(quantiles, price), np.maximum(quantiles, price))
    around: Floats = np.where(held, side, quantiles)
    return around
