"""Tests of significance: two forecasts' losses, directions, and the correction for many tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stockrnn.arrays import Floats
from stockrnn.evaluation.fixed_smoothing import fixed_smoothing_p

# Harvey, Leybourne and Newbold's smallest sample; and so many stretches without overlap, whatever the horizon.
_FEWEST_DAYS = 8
_FEWEST_STRETCHES = 4
# Differences so small against the losses are what rounding leaves.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Comparison:
    """A test of two forecasts' losses.

    Attributes:
        t: The statistic; positive where the first forecast lost more. None: no test was possible.
        p_value: Two-sided. None: no test was possible.
        rows: Days that were compared.
        is_long_enough: They were enough for a test.
        p_overlap: Of a second test for horizons over one, which overlap does not mislead; None: there is none.
    """

    t: float | None
    p_value: float | None
    rows: int
    is_long_enough: bool = True
    p_overlap: float | None = None

    @property
    def decisive_p(self) -> float | None:
        """The p-value that decides: the larger one of two tests."""
        return self.p_value if self.p_value is None else max(self.p_value, self.p_overlap or 0.0)


def compare_losses(days: npt.NDArray[np.datetime64], loss_a: Floats, loss_b: Floats, horizon: int) -> Comparison:
    """Test whether two forecasts lose the same on average.

    The losses of a day are averaged over tickers first: stocks move together, and a day is one observation. The overlap of
    forecasts for further horizons is in the variance; but of forecasts that are worth the same, of which 5 in 100 should be
    called different, the test calls up to 9 in 100 so where what they err by lasts for weeks (docs/evaluation.md). Over one
    session ahead a second test has to agree, `fixed_smoothing_p`.

    Args:
        days: The session of each row, of shape (rows,), in any order.
        loss_a: Losses of the first forecast, of shape (rows,).
        loss_b: Losses of the second one, of shape (rows,).
        horizon: Sessions ahead.

    Returns:
        The comparison; without a test where the forecasts lose the same, or differ by the same, each day, or there are
        fewer than 8 days or 4 horizons.

    Source: Diebold and Mariano, "Comparing predictive accuracy" (1995); Harvey, Leybourne and Newbold, "Testing the equality
    of prediction mean squared errors" (1997).
    """
    places, count = _places(days)
    by_day = [np.bincount(places, loss) / np.bincount(places) for loss in (loss_a, loss_b)]
    if count < max(_FEWEST_DAYS, _FEWEST_STRETCHES * horizon):
        return Comparison(None, None, count, is_long_enough=False)
    size = float(np.mean(by_day[0]) + np.mean(by_day[1]))
    if np.ptp(by_day[0] - by_day[1]) <= _ROUNDING * size:
        return Comparison(None, None, count)
    from statsmodels.tsa.stattools import diebold_mariano_test

    result = diebold_mariano_test(
        np.zeros(count), *by_day, criterion=lambda _zeros, loss: loss, harvey_adj=True, horizon=horizon
    )
    t, p_value = float(result.statistic), float(result.pvalue)
    # Losses too large to square give no number.
    if not (math.isfinite(t) and math.isfinite(p_value)):
        return Comparison(None, None, count)
    overlap = fixed_smoothing_p(by_day[0] - by_day[1], horizon) if horizon > 1 else None
    return Comparison(t, p_value, count, p_overlap=overlap)


def _places(days: npt.NDArray[np.datetime64]) -> tuple[npt.NDArray[np.int64], int]:
    distinct, places = np.unique(days, return_inverse=True)
    return places, len(distinct)


def directional_p(forecast_up: npt.NDArray[np.bool_], actual_up: npt.NDArray[np.bool_]) -> float | None:
    """Return how likely so many right directions, or more, are where forecast and actual directions are independent.

    For one ticker and one session ahead. None where either direction is always the same.

    Args:
        forecast_up: Whether a rise is forecast, of shape (rows,).
        actual_up: Whether the price rose, of shape (rows,).

    Source: Pesaran and Timmermann, "A simple nonparametric test of predictive performance" (1992).
    """
    rows = len(actual_up)
    said, came = float(np.mean(forecast_up)), float(np.mean(actual_up))
    if rows < _FEWEST_DAYS or min(said, came) == 0 or max(said, came) == 1:
        return None
    expected = said * came + (1 - said) * (1 - came)
    variance = expected * (1 - expected) / rows
    variance_of_expected = (
        (2 * came - 1) ** 2 * said * (1 - said) / rows
        + (2 * said - 1) ** 2 * came * (1 - came) / rows
        + 4 * said * came * (1 - said) * (1 - came) / rows**2
    )
    right = float(np.mean(forecast_up == actual_up))
    return _upper_tail((right - expected) / math.sqrt(variance - variance_of_expected))


def directional_p_by_day(
    days: npt.NDArray[np.datetime64], forecast_up: npt.NDArray[np.bool_], actual_up: npt.NDArray[np.bool_], horizon: int
) -> float | None:
    """Return the same for rows that are not independent: several tickers, or several sessions ahead.

    What Pesaran and Timmermann compare, the share of right directions and the share that chance would give, differs by
    twice the covariance of the two directions; here its parts are averaged by day and tested like losses.

    Args:
        days: The session of each row, of shape (rows,).
        forecast_up: Whether a rise is forecast, of shape (rows,).
        actual_up: Whether the price rose, of shape (rows,).
        horizon: Sessions ahead.

    Source: Pesaran and Timmermann (1992); the covariance as the statistic and its long-run variance: Pesaran and Timmermann,
    "Testing dependence among serially correlated multicategory variables" (2009).
    """
    parts = 2 * (forecast_up - np.mean(forecast_up)) * (actual_up - np.mean(actual_up))
    compared = compare_losses(days, parts, np.zeros(len(parts)), horizon)
    if compared.t is None or compared.decisive_p is None:
        return None
    return compared.decisive_p / 2 if compared.t > 0 else 1 - compared.decisive_p / 2


def _upper_tail(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) / 2


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p-values corrected for how many tests were made; None, where no test was, stays None and does not count.

    Source: Holm, "A simple sequentially rejective multiple test procedure" (1979).
    """
    made = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(made):
        largest = max(largest, min(1.0, (len(made) - rank) * p))
        corrected[place] = largest
    return corrected
