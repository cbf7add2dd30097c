"""Two forecasters measured against each other: a metric of both, and the test of the losses behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from stockrnn.evaluation.metrics import rmse
from stockrnn.evaluation.paired_forecasts import PairedForecasts
from stockrnn.evaluation.quantile_metrics import pinball_losses
from stockrnn.evaluation.significance import Comparison, compare_losses

Part = Literal["point", "distribution"]
Outcome = Literal["better", "level", "worse"]

# The share of tests of equal forecasts that may call them different.
SIGNIFICANCE = 0.05
# Gains so small are what rounding leaves.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Measured:
    """What a verdict rests on.

    Attributes:
        own: The metric of the forecaster that is judged.
        opponent: That of its opponent, on the same rows.
        compared: The test of their losses.
        pooled: The metrics are those of several tickers, on 100 x log price.
        only_no_change: The forecaster gains nothing on the last close: whatever its opponent, it is not better.
    """

    own: float
    opponent: float
    compared: Comparison
    pooled: bool
    only_no_change: bool = False

    @property
    def gain(self) -> float | None:
        """1 - metric / metric of the opponent; None when only the opponent never misses."""
        if not self.opponent:
            return None if self.own else 0.0
        gain = 1 - self.own / self.opponent
        return gain if abs(gain) > _ROUNDING else 0.0

    @property
    def outcome(self) -> Outcome:
        """Better or worse where the tests say so; worse than an opponent that never misses needs no test."""
        if self.gain is None:
            return "worse"
        p_value = self.compared.decisive_p
        if p_value is None or p_value >= SIGNIFICANCE or self.is_contradictory or not self.gain:
            return "level"
        if self.gain < 0:
            return "worse"
        return "level" if self.only_no_change else "better"

    @property
    def is_contradictory(self) -> bool:
        """Whether gain and test point to different sides: in the test, rows of days with few tickers weigh more."""
        return bool(self.gain and self.compared.t) and ((self.gain or 0) > 0) == ((self.compared.t or 0) > 0)


def measure_points(pair: PairedForecasts, horizon: int) -> Measured:
    """Compare the RMSE of two forecasters, and test their squared errors."""
    own, opponent = pair.forecast - pair.actual, pair.opponent - pair.actual
    compared = compare_losses(pair.sessions, own**2, opponent**2, horizon)
    return Measured(rmse(own), rmse(opponent), compared, pair.pooled)


def measure_ranges(pair: PairedForecasts, horizon: int) -> Measured:
    """Compare the CRPS of two forecasters that are distributions, and test it."""
    # Twice the mean pinball loss is the CRPS of a row.
    own = 2 * pinball_losses(pair.actual, pair.quantiles)
    opponent = 2 * pinball_losses(pair.actual, pair.opponent_quantiles)
    compared = compare_losses(pair.sessions, own, opponent, horizon)
    return Measured(float(np.mean(own)), float(np.mean(opponent)), compared, pair.pooled)
