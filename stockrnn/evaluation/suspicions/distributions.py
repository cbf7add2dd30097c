"""Quantiles that cross, and intervals that hold more or less than they promise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from stockrnn.evaluation.suspicions.case import Case, Suspicion
from stockrnn.prices.intervals import counted

# Quantiles in single precision can differ by less than this share of the price and be the same.
_ROUNDING = 1e-6
# By chance once in ten thousand tests; and by so much that somebody who relies on the interval would notice.
_COVERAGE_P, _COVERAGE_GAP, _COVERAGE_ROWS = 1e-4, 0.05, 50


def find_crossing(case: Case) -> Iterator[Suspicion]:
    """Find rows where a higher quantile lies below a lower one."""
    # A missing level takes the nearest lower one's value, which crosses nothing.
    filled = pd.DataFrame(case.quantiles).ffill(axis=1).to_numpy()
    falls = np.diff(filled, axis=1) < -_ROUNDING * np.abs(case.forecast)[:, None]
    rows = int(falls.any(axis=1).sum())
    if rows:
        text = f"in {rows} of {len(case)} forecasts of {case.forecaster} for {case.ticker} a higher quantile lies below a lower one"
        yield Suspicion("crossing_quantiles", case.forecaster, case.ticker, int(case.horizons[0]), rows, text)


def find_wrong_coverage(case: Case) -> Iterator[Suspicion]:
    """Find the interval whose coverage is least likely to be what its level promises, by a binomial test.

    Source: Kupiec, "Techniques for verifying the accuracy of risk measurement models" (1995), with the exact test.
    """
    from scipy.stats import binomtest

    horizon, apart = int(case.horizons[0]), case.without_overlap()
    found = []
    for level, low, high in interval_columns(apart.levels):
        bounds = apart.quantiles[:, [low, high]]
        there = np.isfinite(bounds).all(axis=1)
        rows = int(there.sum())
        inside = (apart.actual >= bounds[:, 0]) & (apart.actual <= bounds[:, 1])
        share = float(inside[there].mean()) if rows else level
        if rows >= _COVERAGE_ROWS and abs(share - level) >= _COVERAGE_GAP:
            found.append((binomtest(int(inside[there].sum()), rows, level).pvalue, level, share, rows))
    if found and min(found)[0] < _COVERAGE_P:
        _, level, share, rows = min(found)
        text = (
            f"the {100 * level:g} % interval of {case.forecaster} for {case.ticker} holds {100 * share:.1f} % of what came true "
            f"in {counted(rows, case.unit)} that do not overlap"
        )
        yield Suspicion("wrong_coverage", case.forecaster, case.ticker, horizon, rows, text)


def interval_columns(levels: np.ndarray) -> list[tuple[float, int, int]]:
    """Return the central intervals among quantile levels: share inside, and the columns of its bounds."""
    found = []
    for low, level in enumerate(levels):
        high = int(np.argmin(np.abs(levels - (1 - level))))
        if level < 0.5 and abs(levels[high] - (1 - level)) < _ROUNDING:
            found.append((round(1 - 2 * float(level), 6), low, high))
    return found
