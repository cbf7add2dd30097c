"""What a network learns to forecast, row by row, and how it becomes a price again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from stockrnn.arrays import Floats
from stockrnn.prices.table import Prices, row_spans
from stockrnn.samples.outputs import RANGE
from stockrnn.samples.volatility import log_prices, reference_column, squared_moves

# A move of more than so many usual sessions is a wrong price more often than a lesson.
_MOST_USUAL_MOVES = 10.0


def values_ahead(values: Floats, prices: Prices, horizon: int) -> Floats:
    """Return the values 1 to `horizon` sessions after each row, of shape (rows, horizon); NaN after a ticker's last row."""
    ahead = np.full((len(values), horizon), np.nan)
    for rows in row_spans(prices).values():
        for step in range(1, min(horizon, rows.stop - rows.start - 1) + 1):
            ahead[rows.start : rows.stop - step, step - 1] = values[rows.start + step : rows.stop]
    return ahead


def return_targets(prices: Prices, targets: Sequence[str], horizon: int, volatility: Floats) -> Floats:
    """Return the moves from the last close to each target, in usual sessions' moves.

    For a price column X, horizon h and the volatility s: ln(X[t + h] / close[t]) / s[t]; for `range` the log of the square
    root of the session's variance, ln(v[t + h]) / 2 - ln(s[t]).

    Args:
        prices: The prices table.
        targets: Price columns or `range`.
        horizon: Sessions ahead.
        volatility: What is usual a session, of shape (rows,).

    Returns:
        Of shape (rows, targets x horizon); NaN where it is not known.
    """
    last = log_prices(prices, reference_column(prices))
    columns = []
    for target in targets:
        if target == RANGE:
            moves = values_ahead(np.log(squared_moves(prices)) / 2, prices, horizon) - np.log(volatility)[:, None]
        else:
            ahead = values_ahead(log_prices(prices, target), prices, horizon)
            moves = (ahead - last[:, None]) / volatility[:, None]
        columns.append(np.clip(moves, -_MOST_USUAL_MOVES, _MOST_USUAL_MOVES))
    return np.concatenate(columns, axis=1)


def prices_from_moves(prices: Prices, origins: np.ndarray, moves: Floats, volatility: Floats) -> Floats:
    """Undo `return_targets` of a price column.

    Args:
        prices: The prices table.
        origins: Rows, of shape (origins,).
        moves: In usual sessions' moves, of shape (origins, ...).
        volatility: What is usual a session, of shape (rows,).
    """
    wide = (len(origins), *[1] * (moves.ndim - 1))
    last = prices[reference_column(prices)].to_numpy()[origins].reshape(wide)
    return cast("Floats", last * np.exp(moves * volatility[origins].reshape(wide)))
