"""How far a price moves in a session: a volatility known at the close.

All in log returns a session: 0.01 is one per cent.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd

from stockrnn.arrays import Bools, Floats, Positions
from stockrnn.prices.table import Prices
from stockrnn.samples.remembered import remembered
from stockrnn.samples.trailing import earlier, rows_before, trailing_mean

# What stands for the volatility of a session where no price was known before it.
ANY_VOLATILITY = 0.01
# RiskMetrics' decay of daily data. Source: J.P. Morgan, RiskMetrics Technical Document (1996), section 5.3.
_DECAY = 0.94
# No volatility is below this share of the ticker's own past mean, or below a thousandth of a per cent.
_FLOOR_SHARE, _FLOOR = 0.1, 1e-5
# A session that stood still keeps this share of the usual variance: zero has no logarithm.
_LEAST_SHARE = 0.05
# Returns of more than so many volatilities of the days before count as so many: wrong prices must not blind a month.
_MOST_VOLATILITIES = 8.0
# Rows of a ticker that do not tell yet what is usual of it, and the most that a return counts for there.
_FIRST_ROWS, _MOST_FIRST_RETURN = 22, 0.5
_MOST_PASSES = 50


def reference_column(prices: Prices) -> str:
    """Return the column of the newest price of a session: the close, or what there is instead."""
    return next(name for name in ("close", "open", "high", "low") if name in prices.columns)


def log_prices(prices: Prices, column: str) -> Floats:
    """Return the logarithms of a column, of shape (rows,); NaN where it holds no positive number."""
    values = prices[column].to_numpy(dtype=np.float64)
    usable = np.isfinite(values) & (values > 0)
    logs: Floats = np.log(values, out=np.full(len(values), np.nan), where=usable)
    return logs


def log_returns(prices: Prices) -> Floats:
    """Return the log return of each session on the one before, of shape (rows,); NaN in a ticker's first row."""
    logs = log_prices(prices, reference_column(prices))
    return logs - earlier(logs, rows_before(prices), 1)


def ewma_volatility(prices: Prices) -> Floats:
    """Return the square root of the exponentially weighted mean of squared returns through each session.

    Args:
        prices: The prices table.

    Returns:
        Of shape (rows,), above zero; NaN in a ticker's first row.

    Source: J.P. Morgan, RiskMetrics Technical Document (1996).
    """
    return returns_and_volatility(prices)[1]


def never_moved(prices: Prices) -> Bools:
    """Say at which rows the prices of a ticker have stood still so far, of shape (rows,).

    What such a ticker is moved by is not known, and tells nothing of others: a suspended share, or filled holes.
    """
    return ewma_volatility(prices) <= _FLOOR * (1 + 1e-9)


def bounded_returns(prices: Prices) -> Floats:
    """Return the log returns, each bounded to eight volatilities of the sessions before it, of shape (rows,)."""
    return returns_and_volatility(prices)[0]


def returns_and_volatility(prices: Prices) -> tuple[Floats, Floats]:
    """Return the bounded returns and the volatility made of them, both of shape (rows,).

    A bound is a multiple of the volatility of the bounded returns before, so that a wrong price opens no door to the return on its way back.
    What is usual of a ticker is not known in its first month: there only a return of more than one half, in logs, is bounded.
    """
    return _bounded_returns_and_volatility(log_returns(prices), rows_before(prices), _codes(prices))


@remembered
def _bounded_returns_and_volatility(raw: Floats, before: Positions, codes: Positions) -> tuple[Floats, Floats]:
    returns = raw
    # Pass k makes right what hangs on k bounds in a row; it ends when a pass changes nothing, mostly after two.
    for _ in range(_MOST_PASSES):
        volatility = np.sqrt(_ewma_variance(returns, codes))
        bound = _MOST_VOLATILITIES * earlier(volatility, before, 1)
        bound = np.where(np.isfinite(bound) & (before > _FIRST_ROWS), bound, _MOST_FIRST_RETURN)
        bounded = np.clip(raw, -bound, bound)
        if np.array_equal(bounded, returns, equal_nan=True):
            return returns, volatility
        returns = bounded
    return returns, np.sqrt(_ewma_variance(returns, codes))


def _ewma_variance(returns: Floats, codes: Positions) -> Floats:
    known = np.isfinite(returns)
    mean = _by_ticker(returns**2, codes).ewm(alpha=1 - _DECAY).mean().to_numpy()
    sums, counts = (
        _by_ticker(values, codes).cumsum().to_numpy() for values in (np.where(known, returns, 0.0) ** 2, known * 1.0)
    )
    usual = sums / np.maximum(counts, 1)
    return cast("Floats", np.maximum(mean, np.maximum(_FLOOR_SHARE**2 * usual, _FLOOR**2)))


def squared_moves(prices: Prices) -> Floats:
    """Return an estimate of each session's variance, of shape (rows,): the gap's square and Parkinson's of the range.

    Without a high and a low it is the squared return. Bounded by the volatility of the sessions through it, on both sides.

    Source: Parkinson, "The extreme value method for estimating the variance of the rate of return" (1980).
    """
    return moves_from(prices, *returns_and_volatility(prices))


def moves_from(prices: Prices, returns: Floats, volatility: Floats) -> Floats:
    """Return the squared moves where bounded returns and volatility, of shape (rows,), are there already."""
    usual = volatility**2
    moves = returns**2
    if {"open", "high", "low", "close"} <= set(prices.columns):
        opens, highs, lows, closes = (log_prices(prices, name) for name in ("open", "high", "low", "close"))
        gaps = opens - earlier(closes, rows_before(prices), 1)
        moves = np.where(np.isfinite(gaps), gaps, 0.0) ** 2 + (highs - lows) ** 2 / (4 * np.log(2))
    moves = np.where(np.isfinite(moves), moves, usual)
    return cast("Floats", np.clip(moves, _LEAST_SHARE * usual, _MOST_VOLATILITIES**2 * usual))


def trailing_means(values: Floats, prices: Prices, sessions: int) -> Floats:
    """Return the mean of the last so many rows of each ticker (fewer at its start), of shape (rows,)."""
    return trailing_mean(values, rows_before(prices), sessions)


def _by_ticker(values: Floats, codes: Positions) -> Any:
    # By the codes: with thousands of tickers, grouping by their names takes longer than the sums.
    return pd.Series(values).groupby(codes, sort=False)


def _codes(prices: Prices) -> Positions:
    return cast("Positions", cast("pd.MultiIndex", prices.index).codes[0])
