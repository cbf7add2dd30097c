"""Standardizing: columns brought to mean 0 and standard deviation 1 of the training rows, and kept as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stockrnn.arrays import Floats

# What lies further out counts as so many standard deviations.
_MOST_DEVIATIONS = 4.0
# A column whose values differ by less than this share of their size does not move: the rest is rounding.
_LEAST_SHARE = 1e-9


@dataclass(frozen=True)
class Standardization:
    """Columns as z-scores by the training rows.

    Attributes:
        mean: Of the known training values, a column; 0 where there are none.
        deviation: Their standard deviation; 0 for a column that does not move.
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @classmethod
    def fit(cls, values: Floats, rows: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Standardization:
        """Take mean and deviation of each column.

        Args:
            values: Of shape (rows, columns); NaN where not known.
            rows: The training rows, as a mask of shape (rows,) or as positions; no other row is read.
        """
        columns = [_mean_and_deviation(column[rows]) for column in values.T]
        return cls(tuple(mean for mean, _ in columns), tuple(deviation for _, deviation in columns))

    def apply(self, values: Floats) -> npt.NDArray[np.float32]:
        """Return z-scores within ±4, of the same shape; 0 where not known, and in columns that did not move."""
        scores = np.zeros(values.shape, dtype=np.float32)
        for position, (mean, deviation) in enumerate(zip(self.mean, self.deviation, strict=True)):
            column = values[:, position]
            known = np.isfinite(column)
            if deviation:
                column = np.clip((column[known] - mean) / deviation, -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
                scores[known, position] = column
        return scores

    def to_json(self) -> dict[str, list[float]]:
        """Return mean and deviation of each column."""
        return {"mean": list(self.mean), "deviation": list(self.deviation)}

    @classmethod
    def from_json(cls, document: dict[str, Sequence[float]]) -> Standardization:
        """Make a standardization of what `to_json` gave."""
        return cls(tuple(map(float, document["mean"])), tuple(map(float, document["deviation"])))


def _mean_and_deviation(values: Floats) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 0.0
    mean, deviation = float(known.mean()), float(known.std())
    return mean, deviation if deviation > _LEAST_SHARE * max(abs(mean), 1e-3) else 0.0
