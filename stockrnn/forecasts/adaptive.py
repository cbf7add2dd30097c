"""Intervals that adapt: conformal prediction whose levels learn from their misses, session by session.

    level[p] after a session = level[p] + pace / horizon * (p - share of that session's actual values below their quantile)

Source: Gibbs and Candes, "Adaptive conformal inference under distribution shift" (2021), here for each of the 19 levels.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stockrnn.arrays import Floats, Positions
from stockrnn.forecasts.intervals import (
    FEWEST_SCORES,
    Days,
    IssuedForecasts,
    corrected,
    score_quantiles,
    without_scores,
)
from stockrnn.forecasts.table import LEVELS

# Gibbs and Candes' own.
PACE = 0.005
# Two trading years: long enough for the tails, short enough for the times.
WINDOW = 504
# More scores than these are thinned evenly; a prime, so that no ticker is passed over again and again.
_MOST_SCORES = 4999


def adaptive_conformal(
    calibration: IssuedForecasts, test: IssuedForecasts, pace: float = PACE, window: int = WINDOW
) -> Floats:
    """Return quantiles around forecasts, from the scores of the last sessions and levels that learn.

    An actual value is learnt from once its session is over: a quantile of horizon h learns h sessions later. Tickers of a
    session learn together. In the long run the share of actual values below a quantile of level p is p whatever the prices
    do: after n sessions it is out by |last level - p| / (pace / horizon * n).

    Args:
        calibration: Forecasts of the past, made as those of the test are; their scores count as soon as they are known.
        test: Forecasts that want quantiles, of any tickers in any order; an origin's quantiles read no actual value of a
            later session.
        pace: How fast a level moves; slower for longer horizons, whose actual values come true together.
        window: Sessions whose scores count.

    Returns:
        Prices of shape (rows, horizon, 19), rising and above zero.
    """
    quantiles = np.empty((*test.actual.shape, len(LEVELS)))
    correction = np.zeros((len(test.origins), len(LEVELS)))
    for step in range(test.horizon):
        correction = without_scores(correction, test, step)
        learner = _Learner(calibration, test, step, pace / (step + 1))
        logs = test.logs(step)
        for day, rows in _by_day(test.origins):
            learner.learn(day)
            own = learner.quantiles_of_scores(window)
            if own is not None:
                correction[rows] = own
            quantiles[rows, step] = corrected(logs[rows], test.volatility[rows], correction[rows])
            # Stand-ins teach nothing about the levels.
            if own is not None:
                learner.issue(rows, quantiles[rows, step])
    # A level learns from its own quantile, wherever that stands among the others.
    return np.sort(quantiles, axis=2)


class _Learner:
    """What is known of one horizon as the sessions go by: scores, and what has become of the levels."""

    def __init__(self, calibration: IssuedForecasts, test: IssuedForecasts, step: int, pace: float) -> None:
        self.pace, self.levels = pace, np.array(LEVELS)
        self.actual = test.actual[:, step]
        self.below = np.zeros((len(test.actual), len(LEVELS)), dtype=bool)
        self.issued = np.zeros(len(test.actual), dtype=bool)
        parts = [part for part in (calibration, test) if step < part.horizon and len(part.actual)]
        scores = np.concatenate([part.scores(step) for part in parts]) if parts else np.empty((0, 1))
        sessions = np.concatenate([part.sessions[:, step] for part in parts]) if parts else test.origins[:0]
        known = np.isfinite(scores).all(axis=1)
        order = np.flatnonzero(known)[np.argsort(sessions[known], kind="stable")]
        self.scores, self.sessions = scores[order], sessions[order]
        self.starts = np.flatnonzero(np.r_[True, self.sessions[1:] != self.sessions[:-1]][: len(order)])
        # The test's row of each score; below zero for those of the calibration, which were never issued.
        self.rows = order - (len(scores) - len(test.actual))
        self.over = 0

    def learn(self, day: int) -> None:
        """Learn from the sessions that are over when this one closes."""
        over = int(np.searchsorted(self.sessions[self.starts], day, side="right"))
        for number in range(self.over, over):
            rows = self.rows[self._span(number, number + 1)]
            rows = rows[rows >= 0]
            rows = rows[self.issued[rows]]
            if len(rows):
                self.levels += self.pace * (np.array(LEVELS) - self.below[rows].mean(axis=0))
        self.over = over

    def issue(self, rows: Positions, quantiles: Floats) -> None:
        """Keep what is to be learnt of quantiles that were issued, of shape (rows, 19)."""
        self.issued[rows] = True
        self.below[rows] = self.actual[rows, None] <= quantiles

    def quantiles_of_scores(self, window: int) -> Floats | None:
        """Return the quantiles of the last sessions' scores at the learnt levels, of shape (19,); None of too few."""
        scores = self.scores[self._span(max(self.over - window, 0), self.over)]
        if len(scores) < FEWEST_SCORES:
            return None
        if len(scores) > _MOST_SCORES:
            scores = scores[np.linspace(0, len(scores) - 1, _MOST_SCORES).astype(np.int64)]
        return score_quantiles(scores, self.levels, self.pace)

    def _span(self, first: int, stop: int) -> slice:
        edges = np.append(self.starts, len(self.sessions))
        return slice(int(edges[first]), int(edges[stop]))


def _by_day(origins: Days) -> Iterator[tuple[int, Positions]]:
    """Give each origin in order, and its rows."""
    order = np.argsort(origins, kind="stable")
    days, starts = np.unique(origins[order], return_index=True)
    yield from zip(days.tolist(), np.split(order, starts[1:]), strict=True)
