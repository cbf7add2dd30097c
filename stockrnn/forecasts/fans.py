"""How a distribution widens with the horizon: quantiles in units of a session's volatility, session by session."""

from __future__ import annotations

from statistics import NormalDist
from typing import cast

import numpy as np
import pandas as pd

from stockrnn.arrays import Floats, Positions
from stockrnn.forecasts.table import LEVELS
from stockrnn.prices.table import Prices
from stockrnn.samples.volatility import never_moved

# From the 5 % to the 95 % quantile of a normal distribution, in standard deviations.
_WIDTH = NormalDist().inv_cdf(0.95) - NormalDist().inv_cdf(0.05)

# Which quantiles the 50 % and the 90 % range lie between.
_RANGES = ((4, 14), (0, 18))

# What is left of a move of more volatilities than this when a variance is taken.
_MOST_VOLATILITIES = 6.0


def normal_quantiles() -> Floats:
    """Return the 19 quantiles of the standard normal distribution, of shape (19,)."""
    return np.array([NormalDist().inv_cdf(level) for level in LEVELS])


def variance_of(quantiles: Floats) -> Floats:
    """Return the variance that a normal distribution of the same width would have, of shape (..., 1)."""
    return ((quantiles[..., -1:] - quantiles[..., :1]) / _WIDTH) ** 2


def wider_by_a_session(quantiles: Floats, added: Floats | float = 1.0) -> Floats:
    """Return quantiles of one session further ahead, where the forecasts of the past do not reach so far.

    A session adds its variance and moves the median nowhere: quantiles of a random walk grow with the root of the horizon.

    Args:
        quantiles: In volatilities of a session, of shape (..., 19).
        added: The variance of the session, of shape (..., 1).
    """
    median, variance = quantiles[..., 9:10], variance_of(quantiles)
    factor = np.sqrt((variance + added) / np.maximum(variance, 1e-12))
    # Quantiles that are all the same have no shape to keep.
    spread: Floats = np.where(variance > 1e-12, (quantiles - median) * factor, np.sqrt(added) * normal_quantiles())
    return median + spread


def never_narrower(quantiles: Floats) -> Floats:
    """Return quantiles of which no 50 % or 90 % range is narrower than that of a session before.

    Further ahead nothing is surer; where one is, its session's quantiles are stretched as one, and the median stays.

    Args:
        quantiles: Log moves, of shape (..., horizon, 19).
    """
    ahead = [quantiles[..., 0, :]]
    for step in range(1, quantiles.shape[-2]):
        own, nearer = quantiles[..., step, :], ahead[-1]
        before, now = (np.stack([each[..., high] - each[..., low] for low, high in _RANGES]) for each in (nearer, own))
        factor, median = np.max(before / np.maximum(now, 1e-12), axis=0)[..., None], own[..., 9:10]
        ahead.append(np.where(factor > 1, median + factor * (own - median), own))
    return np.stack(ahead, axis=-2)


def naive_prices(prices: Prices, target: str, origins: Positions) -> Floats:
    """Return the price that the naive forecast repeats, of shape (origins,): the last close, or else the target's last value."""
    column = "close" if "close" in prices.columns else target
    return cast("Floats", prices[column].to_numpy()[origins])


def scaled_moves(
    prices: Prices, target: str, volatility: Floats, first: pd.Timestamp, horizon: int
) -> tuple[Floats, int]:
    """Return how far the target went from the newest price, in volatilities of a session.

    Args:
        prices: The prices table.
        target: The price column that is forecast.
        volatility: Of the session after each row, of shape (rows,).
        first: First session that may be a target.
        horizon: Sessions ahead.

    Returns:
        The finite moves of all tickers that had moved before, and how many different sessions they are of.
    """
    codes, days = prices.index.codes[0], prices.index.get_level_values("session").to_numpy()  # type: ignore[attr-defined]
    logs, newest = np.log(prices[target].to_numpy()), np.log(naive_prices(prices, target, np.arange(len(prices))))
    moves = (logs[horizon:] - newest[:-horizon]) / volatility[:-horizon]
    usable = (codes[horizon:] == codes[:-horizon]) & (days[horizon:] >= first.to_datetime64()) & np.isfinite(moves)
    usable &= ~never_moved(prices)[:-horizon]
    return moves[usable], len(np.unique(days[horizon:][usable]))


def bounded_variance(moves: Floats) -> float:
    """Return the mean square of moves in volatilities, each bounded; 1 without any."""
    squares = np.clip(moves, -_MOST_VOLATILITIES, _MOST_VOLATILITIES) ** 2
    return float(np.mean(squares)) if len(squares) else 1.0
