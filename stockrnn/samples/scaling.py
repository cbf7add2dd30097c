"""MinMax scaling, fitted on the training rows only and kept as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.arrays import Floats


@dataclass(frozen=True)
class MinMaxScaling:
    """Columns brought to 0..1 by their range in the training rows.

    Attributes:
        columns: Names, in the order of the ranges.
        minimum: Smallest training value a column.
        maximum: Largest training value a column.
    """

    columns: tuple[str, ...]
    minimum: tuple[float, ...]
    maximum: tuple[float, ...]

    @classmethod
    def fit(cls, rows: pd.DataFrame) -> MinMaxScaling:
        """Fit scikit-learn's MinMaxScaler to training rows of shape (sessions, columns)."""
        from sklearn.preprocessing import MinMaxScaler

        scaler = MinMaxScaler().fit(rows.to_numpy())
        return cls(tuple(rows.columns), tuple(map(float, scaler.data_min_)), tuple(map(float, scaler.data_max_)))

    def apply(self, rows: pd.DataFrame, columns: Sequence[str]) -> Floats:
        """Return the named columns scaled, of shape (sessions, columns)."""
        low, span = self._range(columns)
        scaled: Floats = (rows[list(columns)].to_numpy(dtype=np.float64) - low) / span
        return scaled

    def undo(self, scaled: npt.NDArray[np.floating], column: str) -> Floats:
        """Return scaled values of one column, of any shape, in its own units."""
        low, span = self._range([column])
        values: Floats = scaled.astype(np.float64) * span[0] + low[0]
        return values

    def to_json(self) -> dict[str, dict[str, float]]:
        """Return the range of each column."""
        ranges = zip(self.columns, self.minimum, self.maximum, strict=True)
        return {name: {"minimum": low, "maximum": high} for name, low, high in ranges}

    @classmethod
    def from_json(cls, document: dict[str, dict[str, float]]) -> MinMaxScaling:
        """Make a scaling of what `to_json` gave."""
        ranges = document.values()
        return cls(tuple(document), tuple(r["minimum"] for r in ranges), tuple(r["maximum"] for r in ranges))

    def _range(self, columns: Sequence[str]) -> tuple[Floats, Floats]:
        positions = [self.columns.index(name) for name in columns]
        low = np.array(self.minimum)[positions]
        span = np.array(self.maximum)[positions] - low
        # A column that never moved has no range; scikit-learn scales it by 1 too.
        return low, np.where(span == 0, 1.0, span)
