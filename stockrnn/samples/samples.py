"""From a prices table to windows, ticker by ticker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from stockrnn.arrays import Float32s, Positions
from stockrnn.prices.table import Prices, row_spans
from stockrnn.samples.encoding import Encoding
from stockrnn.samples.splits import Part
from stockrnn.samples.windows import Windows, origins_within


@dataclass(frozen=True)
class WindowLayout:
    """How windows lie.

    Attributes:
        lookback: Sessions in a window.
        every_step: Every session of a window has targets, not only the last one.
        warm_up: First sessions of a window whose targets do not count.
        stride: Sessions from one window of an epoch to the next.
    """

    lookback: int
    every_step: bool = False
    warm_up: int = 0
    stride: int = 1


@dataclass(frozen=True)
class TrainingSamples:
    """What networks learn from.

    Attributes:
        windows: Windows of the sessions that are fitted.
        validation: Windows of the sessions that are watched; None without.
        encoding: How prices became what is in them, fitted on the sessions that are fitted.
    """

    windows: Windows
    validation: Windows | None
    encoding: Encoding


def origins_for(prices: Prices, part: Part, lookback: int, horizon: int, read_from: pd.Timestamp | None) -> Positions:
    """Return the rows of the origins whose targets lie in a part of the sessions.

    Args:
        prices: The prices table.
        part: First and last session of the targets.
        lookback: Sessions in a window.
        horizon: Sessions after the origin that are targets.
        read_from: First session that a window may read; None lets it reach back to the first there is.
    """
    sessions = prices.index.get_level_values("session")
    origins = []
    for rows in row_spans(prices).values():
        days = sessions[rows]
        first, stop = (rows.start + days.searchsorted(part[0]), rows.start + days.searchsorted(part[1], side="right"))
        earliest = rows.start if read_from is None else rows.start + days.searchsorted(read_from)
        # The first row of a ticker is nobody's target: no price was known before it.
        origins.append(origins_within(max(first, rows.start + 1), stop - 1, lookback, horizon, earliest))
    return np.concatenate(origins)


def make_windows(
    prices: Prices, encoding: Encoding, origins: Positions, layout: WindowLayout, part: Part | None = None
) -> Windows:
    """Encode the prices and lay windows over them.

    Args:
        prices: The prices table.
        encoding: How prices become what a network reads and learns.
        origins: Rows of the last session of each window.
        layout: How the windows lie.
        part: First and last session of the targets that count; None counts all.
    """
    weights = encoding.weights(prices)
    if part is not None and layout.every_step:
        weights = _within(prices, part, np.ones(len(prices), dtype=np.float32) if weights is None else weights)
    return Windows(
        encoding.inputs(prices),
        encoding.targets(prices),
        origins,
        layout.lookback,
        layout.every_step,
        weights,
        layout.warm_up,
        layout.stride,
    )


def _within(prices: Prices, part: Part, weights: Float32s) -> Float32s:
    """Return the weights of rows whose next session lies in a part, and 0 for the others."""
    sessions = prices.index.get_level_values("session")
    inside = np.asarray((sessions >= part[0]) & (sessions <= part[1]))
    weighted: Float32s = np.where(np.append(inside[1:], False), weights, np.float32(0))
    return weighted
