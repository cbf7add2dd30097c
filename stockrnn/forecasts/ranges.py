"""Ranges of any level, from forecasts that have 19 quantiles.

Between two of them a quantile is interpolated over the normal score of its level. Beyond the outermost ones nothing was
learnt: how much further from the median it lies is what it took, on forecasts of the past whose actual values are known,
for the promised share to come true, which is split conformal prediction of each end. Measured one session ahead, it holds for
all horizons: forecasts further ahead share most of their sessions, so that a year of them tells of a handful of misses, and the
tails of longer moves are no heavier.

    score of the upper end = (ln actual - ln median) / (ln q0.95 - ln median)
    upper quantile of level p = median * (q0.95 / median) ^ (the score of rank ceil((n + 1) p) among n, 1 at least)

A tail heavier than a Cauchy distribution's is cut to that.

Source: Romano, Patterson and Candes, "Conformalized Quantile Regression" (2019), with the miss in widths of the range.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from stockrnn.arrays import Floats
from stockrnn.forecasts.table import LEVELS, QUANTILE_COLUMNS, Forecasts

# The level between the outermost quantiles.
WIDEST_LEARNT = 0.9
_MEDIAN = len(LEVELS) // 2
_LEAST_PRICE = 1e-8
# No tail is heavier than Cauchy's, whose 99.5 % quantile is as many times its 95 % quantile: the first move after a long standstill is
# thousands of its quantiles long, and tells nothing of sessions that move.
_HEAVIEST = math.tan(math.pi * 0.495) / math.tan(math.pi * 0.45)


def range_columns(level: float) -> tuple[str, str]:
    """Return the columns of the lower and the upper end of an interval."""
    return f"lower {level:g}", f"upper {level:g}"


def past_needed(level: float) -> int:
    """Return how many forecasts of the past it takes to measure how far an interval reaches; none up to 90 %."""
    beyond = (1 - level) / 2
    # Without the rounding, the last digit of a level would ask for one more.
    return 0 if level <= WIDEST_LEARNT + 1e-9 else math.ceil(round((1 - beyond) / beyond, 6))


def with_ranges(table: Forecasts, levels: Sequence[float], past: Forecasts) -> Forecasts:
    """Return rows with the ends of an interval a level, in `range_columns`.

    Args:
        table: Rows of one forecaster, with quantiles.
        levels: Shares such as 0.9; those over 0.9 need `past_needed` rows of the nearest horizon.
        past: Rows of the same forecaster with quantiles and their actual values.
    """
    ranged = table.copy()
    reach = _Reach.of(nearest(past))
    quantiles = table[list(QUANTILE_COLUMNS)].to_numpy(dtype=np.float64)
    for level in levels:
        low, high = range_columns(level)
        if not past_needed(level):
            ranged[low], ranged[high] = (_between(quantiles, (1 + sign * level) / 2) for sign in (-1, 1))
            continue
        ends = zip((0, len(LEVELS) - 1), reach.factors(level), strict=True)
        ranged[low], ranged[high] = (_beyond(quantiles, end, factor) for end, factor in ends)
    return ranged


def nearest(past: Forecasts) -> Forecasts:
    """Return the rows of the nearest horizon, which tell how far ranges reach."""
    rows: Forecasts = past[past["horizon"] == past["horizon"].min()]
    return rows


@dataclass(frozen=True)
class _Reach:
    """How far actual values of the past lay from the median, in distances of the outermost quantiles, sorted.

    Attributes:
        lower: Of the lower end, of shape (rows,).
        upper: Of the upper end.
    """

    lower: Floats
    upper: Floats

    @classmethod
    def of(cls, past: Forecasts) -> _Reach:
        """Measure forecasts of the past."""
        known = past[past["actual"].notna()]
        logs = np.log(np.maximum(known[list(QUANTILE_COLUMNS)].to_numpy(dtype=np.float64), _LEAST_PRICE))
        away = np.log(known["actual"].to_numpy(dtype=np.float64)) - logs[:, _MEDIAN]
        return cls(*(_in_widths(away, logs[:, end] - logs[:, _MEDIAN]) for end in (0, -1)))

    def factors(self, level: float) -> tuple[float, float]:
        """Return how much further than the outermost quantiles the two ends of an interval lie."""
        lower, upper = (_factor(scores, (1 + level) / 2) for scores in (self.lower, self.upper))
        return lower, upper


def _factor(scores: Floats, level: float) -> float:
    # Ranges of no width have no scores, and stay what they are by any factor.
    return min(_score(scores, level), _HEAVIEST * _score(scores, LEVELS[-1])) if len(scores) else 1.0


def _score(scores: Floats, level: float) -> float:
    """Return the score of a level's rank, 1 at least."""
    rank = math.ceil(round((len(scores) + 1) * level, 6))
    return max(float(scores[min(rank, len(scores)) - 1]), 1.0)


def _in_widths(away: Floats, width: Floats) -> Floats:
    """Return distances in widths, sorted; none of values beside a range of no width, which reaches nowhere.

    A value in the middle of such a range is not away from it at all.
    """
    scores = np.zeros(len(away))
    some = width != 0
    scores[some] = away[some] / width[some]
    return np.sort(scores[some | (away == 0)])


def _between(quantiles: Floats, level: float) -> Floats:
    """Return the quantile of a level that lies among ours, of shape (rows,), of quantiles of shape (rows, 19)."""
    near = int(np.argmin(np.abs(np.array(LEVELS) - level)))
    if math.isclose(LEVELS[near], level):
        return quantiles[:, near].copy()
    place = int(np.searchsorted(LEVELS, level))
    below, above, score = (NormalDist().inv_cdf(each) for each in (LEVELS[place - 1], LEVELS[place], level))
    share = (score - below) / (above - below)
    between: Floats = (1 - share) * quantiles[:, place - 1] + share * quantiles[:, place]
    return between


def _beyond(quantiles: Floats, end: int, factor: float) -> Floats:
    """Return the quantile that lies so many times as far from the median as an outermost one."""
    median = np.maximum(quantiles[:, _MEDIAN], _LEAST_PRICE)
    away: Floats = median * (quantiles[:, end] / median) ** factor
    return away
