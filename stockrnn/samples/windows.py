"""Windows of rows and the targets after them, gathered when they are needed and never copied as a whole.

For the window that starts at row i of a ticker's rows, and the h-th target of a row:

    inputs[i]     == features[i : i + lookback]
    targets[i][h] == row_targets[i + lookback - 1][h]     (`targets_ahead`: target[i + lookback - 1 + h + 1])

With a target at every step s of the window, targets[i][s][h] == row_targets[i + s][h].

The last row of a window is its origin: everything in the window was known when that session closed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stockrnn.arrays import Float32s, Positions


@dataclass(frozen=True)
class Windows:
    """Windows over rows of one or several tickers laid one after the other.

    Attributes:
        features: Scaled features, of shape (rows, features).
        row_targets: What is to be forecast at each row, scaled, of shape (rows, outputs).
        origins: Row of the last session of each window, of shape (windows,).
        lookback: Sessions in a window.
        every_step: Every session of a window has targets, not only the last one.
        weights: What each row's targets count, of shape (rows,); None where all count the same. NaN targets count nothing.
        warm_up: First steps of a window with a target at every step that count nothing: the network has seen too little.
        stride: An epoch takes one window every so many sessions of a ticker, at an offset of its own; 1 takes all.
    """

    features: Float32s
    row_targets: Float32s
    origins: Positions
    lookback: int
    every_step: bool = False
    weights: Float32s | None = None
    warm_up: int = 0
    stride: int = 1

    def __len__(self) -> int:
        return (len(self.origins) + self.stride - 1) // self.stride

    def inputs(self, which: slice | Positions = slice(None)) -> Float32s:
        """Gather the inputs of some windows, of shape (windows, lookback, features)."""
        gathered: Float32s = self.features[self.origins[which][:, None] + self.input_steps()]
        return gathered

    def targets(self, which: slice | Positions = slice(None)) -> Float32s:
        """Gather the targets of some windows, of shape (windows, outputs), or (windows, lookback, outputs) at every step."""
        gathered: Float32s = self.row_targets[np.add.outer(self.origins[which], self.target_steps())]
        return gathered

    def input_steps(self) -> Positions:
        """Return where the inputs lie relative to the origin, of shape (lookback,)."""
        return steps_before(self.lookback)

    def target_steps(self) -> Positions:
        """Return at which rows relative to the origin there are targets: a number, or of shape (lookback,) at every step."""
        return self.input_steps() if self.every_step else np.array(0, dtype=np.int64)


def steps_before(lookback: int) -> Positions:
    """Return where the sessions of a window lie relative to its origin, the last of them, of shape (lookback,)."""
    return np.arange(1 - lookback, 1)


def targets_ahead(target: Float32s, outputs: int) -> Float32s:
    """Return the values 1 to `outputs` rows after each row, of shape (rows, outputs), without a copy of them.

    Rows near the end have values that are not there: they are no origins of windows.
    """
    padded = np.concatenate([target[1:], np.full(outputs, np.nan, dtype=np.float32)])
    view: Float32s = np.lib.stride_tricks.sliding_window_view(padded, outputs)
    return view


def origins_within(first: int, last: int, lookback: int, horizon: int, earliest: int) -> Positions:
    """Return the origins whose targets all lie within a stretch of one ticker's rows.

    Args:
        first: First row that may be a target.
        last: Last row that may be a target.
        lookback: Sessions in a window.
        horizon: Sessions after the origin that are targets.
        earliest: First row that a window may read.

    Returns:
        Rows, ascending; none when the stretch is too short.
    """
    start = max(first - 1, earliest + lookback - 1)
    return np.arange(start, last - horizon + 1, dtype=np.int64)
