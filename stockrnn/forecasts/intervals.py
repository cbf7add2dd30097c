"""Intervals for any forecast, from how far forecasts of the past were out: conformal prediction in units of the volatility.

    score of level p at origin t = (ln actual - ln forecast of level p) / volatility[t]
    quantile of level p = forecast of level p * exp(volatility[t] * empirical p-quantile of past scores)

A point forecast stands for all of its levels: split conformal prediction on scaled residuals (Vovk, Gammerman and Shafer
2005; Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, "Distribution-free predictive inference for regression", 2018).
Forecasts that have quantiles keep their shape and are moved level by level: conformalised quantile regression with one
correction an end (Romano, Patterson and Candes 2019), here for each of the 19 levels.
Scores are signed: intervals of forecasts that are always too high lie below them, and are wider than those of good ones.
Levels that cross are sorted (Chernozhukov, Fernandez-Val and Galichon 2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from stockrnn.arrays import Floats
from stockrnn.forecasts.fans import normal_quantiles, variance_of, wider_by_a_session
from stockrnn.forecasts.table import LEVELS

# A session as a whole number that grows with time: its day, or its microsecond.
Days = npt.NDArray[np.int64]
NEVER = np.iinfo(np.int64).max

# Fewer scores have no 5 % quantile with a guarantee.
FEWEST_SCORES = 19
# No forecast of a price is out by more than the factor exp of this, whatever its network says.
_MOST_LOG = 7.0
_LEVELS = np.array(LEVELS)


@dataclass(frozen=True)
class IssuedForecasts:
    """Forecasts of one forecaster as they were issued, and what came true where it is known.

    Attributes:
        forecast: Prices, above zero: points of shape (rows, horizon), or quantiles of shape (rows, horizon, 19).
        actual: Of shape (rows, horizon); NaN where it is not known.
        volatility: Of a session, in log returns, known at the origin, of shape (rows,).
        origins: Last session whose prices were known, of shape (rows,).
        sessions: Session that is forecast, of shape (rows, horizon); `NEVER` where there is no forecast.
    """

    forecast: Floats
    actual: Floats
    volatility: Floats
    origins: Days
    sessions: Days

    @property
    def horizon(self) -> int:
        """How many sessions ahead the forecasts go."""
        return int(self.actual.shape[1])

    def logs(self, step: int) -> Floats:
        """Return log forecasts of one horizon, counted from 0, of shape (rows, 1) or (rows, 19)."""
        forecast = self.forecast[:, step]
        return np.log(forecast if forecast.ndim == 2 else forecast[:, None])

    def scores(self, step: int) -> Floats:
        """Return the scores of one horizon, counted from 0, of shape (rows, 1) or (rows, 19); NaN where nothing is known."""
        out: Floats = np.clip(np.log(self.actual[:, step])[:, None] - self.logs(step), -_MOST_LOG, _MOST_LOG)
        return out / self.volatility[:, None]


def joined(earlier: IssuedForecasts, later: IssuedForecasts) -> IssuedForecasts:
    """Return two sets of one forecaster's forecasts as one; where one goes less far ahead, nothing is known."""
    horizon = max(earlier.horizon, later.horizon)

    def both(name: str) -> Any:
        return np.concatenate([_padded(getattr(part, name), horizon) for part in (earlier, later)])

    return IssuedForecasts(*(both(name) for name in ("forecast", "actual", "volatility", "origins", "sessions")))


def _padded(values: Any, horizon: int) -> Any:
    if values.ndim == 1:
        return values
    nothing = NEVER if values.dtype == np.int64 else np.nan
    width = [(0, 0), (0, horizon - values.shape[1]), *[(0, 0)] * (values.ndim - 2)]
    return np.pad(values, width, constant_values=nothing)


def split_conformal(calibration: IssuedForecasts, test: IssuedForecasts) -> Floats:
    """Return quantiles around forecasts, from the scores of earlier ones.

    Scores that were not known by the first of the origins are left out. A horizon with too few scores takes the quantiles
    of the horizon before it, a session wider; horizon 1 takes those of a normal distribution.

    Args:
        calibration: Forecasts of the past, made as those of the test are.
        test: Forecasts that want quantiles; their actual values are not read.

    Returns:
        Prices of shape (rows, horizon, 19), rising and above zero. If scores are exchangeable, at least the share p of
        actual values lies below a quantile of level p > .5, and at most p below one of level p < .5.
    """
    quantiles = np.empty((*test.actual.shape, len(LEVELS)))
    correction = np.zeros(len(LEVELS))
    for step in range(test.horizon):
        scores = _scores_by_then(calibration, test, step)
        enough = len(scores) >= FEWEST_SCORES
        correction = score_quantiles(scores, _LEVELS) if enough else without_scores(correction, test, step)
        quantiles[:, step] = corrected(test.logs(step), test.volatility, correction)
    return np.sort(quantiles, axis=2)


def _scores_by_then(calibration: IssuedForecasts, test: IssuedForecasts, step: int) -> Floats:
    if step >= calibration.horizon or not len(test.origins):
        return np.empty((0, 1))
    scores = calibration.scores(step)
    known = np.isfinite(scores).all(axis=1) & (calibration.sessions[:, step] <= test.origins.min())
    return cast("Floats", scores[known])


def score_quantiles(scores: Floats, levels: Floats, pace: float = 1.0) -> Floats:
    """Return empirical quantiles of scores, each on its safe side, of shape (19,).

    Of n scores, level p takes the one of rank ceil((n + 1) p) above the middle, floor((n + 1) p) below it, and the middle
    one lies half way between both. Beyond the last score there is a standard deviation more for each step that the level
    has gone further.

    Args:
        scores: Of shape (scores, 1) or (scores, 19), in any order.
        levels: What has become of the 19 levels.
        pace: The length of a step.
    """
    count = len(scores)
    # Without the rounding, 20 * .35 would be rank 8.
    exact = np.round((count + 1) * levels, 9)
    lower, upper = (np.clip(ranks, 1, count).astype(np.int64) - 1 for ranks in (np.floor(exact), np.ceil(exact)))
    lower, upper = np.where(_LEVELS > 0.5, upper, lower), np.where(_LEVELS < 0.5, lower, upper)
    quantiles = (_at_ranks(scores, lower) + _at_ranks(scores, upper)) / 2
    beyond = np.maximum(levels - count / (count + 1), 0) - np.maximum(1 / (count + 1) - levels, 0)
    # Levels that never moved, at pace 0, are nowhere beyond.
    return quantiles + beyond / pace * scores.std(axis=0) if pace and beyond.any() else quantiles


def _at_ranks(scores: Floats, ranks: npt.NDArray[np.int64]) -> Floats:
    """Return the score of each level's rank, counted from 0."""
    if scores.shape[1] == 1:
        return np.partition(scores[:, 0], np.unique(ranks))[ranks]
    columns = zip(scores.T, ranks.tolist(), strict=True)
    return np.array([np.partition(column, rank)[rank] for column, rank in columns])


def without_scores(nearer: Floats, test: IssuedForecasts, step: int) -> Floats:
    """Return what stands in for score quantiles where forecasts of the past do not reach as far.

    Args:
        nearer: The score quantiles of the horizon before, of shape (..., 19).
        test: The forecasts. Quantiles of theirs widen by themselves; points do not.
        step: The horizon, counted from 0.
    """
    if test.forecast.ndim == 3:
        return nearer
    if not step:
        return np.broadcast_to(normal_quantiles(), nearer.shape).copy()
    # A forecast that is out by more than the price moves is so by more each session.
    return wider_by_a_session(nearer, np.maximum(variance_of(nearer) / step, 1.0))


def corrected(logs: Floats, volatility: Floats, correction: Floats) -> Floats:
    """Return quantiles in price units, of shape (rows, 19); they may cross.

    Args:
        logs: Log forecasts of shape (rows, 1) or (rows, 19).
        volatility: Of shape (rows,).
        correction: Score quantiles of shape (19,) or (rows, 19).
    """
    moved = np.clip(volatility[:, None] * correction, -_MOST_LOG, _MOST_LOG)
    return cast("Floats", np.exp(logs + moved))
