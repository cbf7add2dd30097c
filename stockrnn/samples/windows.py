"""Windows of rows and the targets after them, gathered when they are needed and never copied as a whole.

For the window that starts at row i of a ticker's rows, and horizon h:

    inputs[i]  == features[i : i + lookback]
    targets[i] == target[i + lookback - 1 + h]

With a target at every step s of the window, targets[i][s] == target[i + s + h].

The last row of a window is its origin: everything in the window was known when that session closed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32s = npt.NDArray[np.float32]
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Windows:
    """Windows over rows of one or several tickers laid one after the other.

    Attributes:
        features: Scaled features, of shape (rows, features).
        target: Scaled target, of shape (rows,).
        origins: Row of the last session of each window, of shape (windows,).
        lookback: Sessions in a window.
        outputs: Sessions after the origin that are targets.
        every_step: Every session of a window has targets, not only the last one.
    """

    features: Float32s
    target: Float32s
    origins: Positions
    lookback: int
    outputs: int = 1
    every_step: bool = False

    def __len__(self) -> int:
        return len(self.origins)

    def inputs(self, which: slice | Positions = slice(None)) -> Float32s:
        """Gather the inputs of some windows, of shape (windows, lookback, features)."""
        rows = self.origins[which][:, None] + self.input_steps()
        gathered: Float32s = self.features[rows]
        return gathered

    def targets(self, which: slice | Positions = slice(None)) -> Float32s:
        """Gather the targets of some windows, of shape (windows, outputs), or (windows, lookback, outputs) at every step."""
        rows = np.add.outer(self.origins[which], self.target_steps())
        gathered: Float32s = self.target[rows]
        return gathered

    def input_steps(self) -> Positions:
        """Return where the inputs lie relative to the origin, of shape (lookback,)."""
        return np.arange(1 - self.lookback, 1)

    def target_steps(self) -> Positions:
        """Return where the targets lie relative to the origin, of the shape of one window's targets."""
        ahead = np.arange(1, self.outputs + 1)
        return self.input_steps()[:, None] + ahead if self.every_step else ahead


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
