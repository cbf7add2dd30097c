"""What is expected of the next moves: a regression on the features of a session, kept only where it has proved itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stockrnn.arrays import Floats
from stockrnn.samples.clear_gains import daily_means, is_clear

Numbers = npt.NDArray[np.floating[Any]]
Places = npt.NDArray[np.intp]

# As many sessions' worth of doubt about what each feature says of a move, and as many again for each session further ahead:
# what a day tells of the next one is little, and most often nothing.
_DOUBT = 1000.0
# A training of fewer sessions than about a year proves nothing.
_FEWEST_SESSIONS = 250
# The sessions are cut into so many blocks; each from this one on is forecast by a regression on those before it.
_BLOCKS, _FIRST_FORECAST = 10, 2
# Those forecasts have to gain so many standard errors on forecasts of no move.
_CLEAR = 2.0


@dataclass(frozen=True)
class ExpectedMoves:
    """A regression of the moves to a target on the features of the session before them.

    Attributes:
        coefficients: One a feature, for each session ahead. There is no constant: on a usual day no move is expected.
    """

    coefficients: tuple[tuple[float, ...], ...]

    @classmethod
    def fit(cls, features: Numbers, moves: Numbers, days: npt.NDArray[Any]) -> ExpectedMoves | None:
        """Fit a regression to rows; None where it has not foretold later ones of them beyond chance.

        Args:
            features: Standardised, of shape (rows, features).
            moves: In usual sessions' moves, of shape (rows, horizon).
            days: The session of each row; rows of one session count as one.

        Source: Hoerl and Kennard, "Ridge Regression: Biased Estimation for Nonorthogonal Problems" (1970); forecasts from
            blocks that grow: Tashman, "Out-of-Sample Tests of Forecasting Accuracy" (2000).
        """
        from threadpoolctl import threadpool_limits

        sessions, place = np.unique(days, return_inverse=True)
        if len(sessions) < _FEWEST_SESSIONS:
            return None
        wide, ahead = features.astype(np.float64), moves.astype(np.float64)
        # Sums are rounded by how many threads share them, and what is fitted is to be the same on any number of cores.
        with threadpool_limits(1):
            gains = _gains_of_later_blocks(wide, ahead, place, len(sessions))
            if not is_clear(gains, ahead.shape[1], _CLEAR):
                return None
            return cls(tuple(tuple(map(float, row)) for row in _ridge(wide, ahead, place).T))

    def apply(self, features: Numbers) -> Floats:
        """Return the moves expected after each row, of shape (rows, horizon), of features of shape (rows, features)."""
        expected = np.zeros((len(features), len(self.coefficients)))
        # Summed feature by feature: a matrix product rounds a row's sum by how many rows there are.
        for ahead, coefficients in enumerate(self.coefficients):
            for coefficient, column in zip(coefficients, features.T, strict=True):
                expected[:, ahead] += coefficient * column.astype(np.float64)
        return expected

    def to_json(self) -> list[list[float]]:
        """Return it as JSON values."""
        return [list(row) for row in self.coefficients]

    @classmethod
    def from_json(cls, document: Sequence[Sequence[float]]) -> ExpectedMoves:
        """Make it of what `to_json` gave."""
        return cls(tuple(tuple(map(float, row)) for row in document))


def _gains_of_later_blocks(features: Floats, moves: Floats, place: Places, sessions: int) -> Floats:
    """Return by how much squared misses fall on each session, where a regression on earlier blocks forecasts it.

    Args:
        features: Of shape (rows, features).
        moves: Of shape (rows, horizon).
        place: Which of the sessions each row is of.
        sessions: How many there are.
    """
    horizon, edges = moves.shape[1], np.linspace(0, sessions, _BLOCKS + 1).astype(int)
    gains = []
    for first, stop in zip(edges[_FIRST_FORECAST:-1], edges[_FIRST_FORECAST + 1 :], strict=True):
        # The moves of the last sessions before a block reach into it.
        before, inside = place < first - horizon, (place >= first) & (place < stop)
        expected = features[inside] @ _ridge(features[before], moves[before], place[before])
        gains.append(daily_means(moves[inside] ** 2 - (moves[inside] - expected) ** 2, place[inside]))
    return np.concatenate(gains)


def _ridge(features: Floats, moves: Floats, place: Places) -> Floats:
    """Return coefficients of shape (features, horizon), drawn towards zero by doubt."""
    rows_a_session = len(place) / len(np.unique(place))
    products = features.T @ features / rows_a_session
    wanted = features.T @ (moves - moves.mean(axis=0)) / rows_a_session
    doubts = _DOUBT * np.arange(1, moves.shape[1] + 1)
    columns = [
        np.linalg.solve(products + doubt * np.eye(len(products)), column)
        for doubt, column in zip(doubts, wanted.T, strict=True)
    ]
    return np.stack(columns, axis=1)
