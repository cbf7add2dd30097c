"""From a prices table to scaled windows, ticker by ticker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stockrnn.prices.table import Prices, row_spans
from stockrnn.samples.scaling import MinMaxScaling
from stockrnn.samples.windows import Positions, Windows, origins_within

Scalings = Mapping[str, MinMaxScaling]


@dataclass(frozen=True)
class WindowLayout:
    """What a window holds.

    Attributes:
        columns: The price columns that the network reads.
        target: The price column that is forecast.
        lookback: Sessions in a window.
        outputs: Sessions after the origin that are targets.
        every_step: Every session of a window has targets, not only the last one.
    """

    columns: tuple[str, ...]
    target: str
    lookback: int
    outputs: int = 1
    every_step: bool = False


@dataclass(frozen=True)
class TrainingSamples:
    """What networks learn from.

    Attributes:
        windows: Windows of the sessions that are fitted.
        validation: Windows of the sessions that are watched; None without.
        scalings: The scaling of each ticker, fitted on the sessions that are fitted.
    """

    windows: Windows
    validation: Windows | None
    scalings: Scalings


def fit_scalings(prices: Prices, columns: Sequence[str], first: pd.Timestamp, last: pd.Timestamp) -> Scalings:
    """Fit one scaling a ticker to its rows from `first` to `last`; tickers without rows there get none."""
    sessions = prices.index.get_level_values("session")
    fitted = prices.loc[(sessions >= first) & (sessions <= last), list(dict.fromkeys(columns))]
    return {ticker: MinMaxScaling.fit(fitted.iloc[rows]) for ticker, rows in row_spans(fitted).items()}


def origins_for(
    prices: Prices, part: tuple[pd.Timestamp, pd.Timestamp], lookback: int, horizon: int, read_from: pd.Timestamp | None
) -> Positions:
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


def make_windows(prices: Prices, scalings: Scalings, origins: Positions, layout: WindowLayout) -> Windows:
    """Scale the prices and lay windows over them.

    Args:
        prices: The prices table; each of its tickers has a scaling.
        scalings: The fitted scaling of each ticker.
        origins: Rows of the last session of each window.
        layout: What a window holds.
    """
    features = np.empty((len(prices), len(layout.columns)), dtype=np.float32)
    target = np.empty(len(prices), dtype=np.float32)
    for ticker, rows in row_spans(prices).items():
        features[rows] = scalings[ticker].apply(prices.iloc[rows], layout.columns)
        target[rows] = scalings[ticker].apply(prices.iloc[rows], [layout.target])[:, 0]
    return Windows(features, target, origins, layout.lookback, layout.outputs, layout.every_step)
