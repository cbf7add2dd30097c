from __future__ import annotations

import numpy as np
import pytest
from scipy import signal, stats
from statsmodels.tsa.stattools import diebold_mariano_test

from stockrnn.evaluation.fixed_smoothing import fixed_smoothing_p
from stockrnn.evaluation.measurement import Measured
from stockrnn.evaluation.significance import compare_losses

# The lag-one correlation of what forecasts err by: 0 are forecasts that err anew each day.
LASTING = 0.9


def days_of(count: int) -> np.ndarray:
    return np.arange(count).astype("datetime64[D]")


def equal_losses(random: np.random.Generator, count: int, horizon: int, lasting: float, uneven: bool) -> np.ndarray:
    """Return squared errors of two forecasts of the same overlapping moves, whose own errors are alike in law: (2, days)."""
    steps = random.standard_normal(count + horizon)
    if uneven:
        shocks = 0.2 * random.standard_normal(count + horizon)
        log_variance = np.zeros(count + horizon)
        for day in range(1, count + horizon):
            log_variance[day] = 0.97 * log_variance[day - 1] + shocks[day]
        steps *= np.exp(log_variance / 2)
    walk = np.concatenate([[0.0], np.cumsum(steps)])
    moves = (walk[horizon:] - walk[:-horizon])[:count]
    own = random.standard_normal((2, count))
    for day in range(1, count):
        own[:, day] = lasting * own[:, day - 1] + np.sqrt(1 - lasting**2) * own[:, day]
    return (moves - 0.2 * np.sqrt(horizon) * own) ** 2


def rejected(count: int, horizon: int, lasting: float, uneven: bool, runs: int) -> tuple[float, float]:
    """Return how often equal forecasts are called different at .05: by statsmodels' test alone, and by the verdict."""
    random = np.random.default_rng(20)
    alone = both = 0
    for _ in range(runs):
        compared = compare_losses(days_of(count), *equal_losses(random, count, horizon, lasting, uneven), horizon)
        alone += compared.p_value < 0.05
        both += Measured(1.0, 1.1 if compared.t < 0 else 0.9, compared, pooled=False).outcome != "level"
    return alone / runs, both / runs


@pytest.mark.parametrize(
    ("count", "horizon", "frequencies"), [(250, 5, 6), (250, 20, 6), (250, 60, 2), (20, 5, 2), (8, 2, 2)]
)
def test_the_variance_is_the_mean_of_the_lowest_frequencies_and_the_law_students(count, horizon, frequencies) -> None:
    differences = np.random.default_rng(1).standard_normal(count) + 0.1
    # One-sided: each frequency counts for itself and its mirror.
    variance = np.mean(signal.periodogram(differences, detrend=False)[1][1 : frequencies + 1]) / 2
    expected = 2 * stats.t.sf(abs(differences.mean()) / np.sqrt(variance / count), 2 * frequencies)
    assert fixed_smoothing_p(differences, horizon) == pytest.approx(expected)


def test_differences_that_never_vary_are_not_tested() -> None:
    assert fixed_smoothing_p(np.zeros(100), 5) is None


@pytest.mark.parametrize("horizon", [1, 5, 20])
def test_statistic_and_p_stay_those_of_statsmodels(horizon: int) -> None:
    one, other = equal_losses(np.random.default_rng(3), 250, horizon, LASTING, uneven=False)
    compared = compare_losses(days_of(250), one, other, horizon)
    expected = diebold_mariano_test(
        np.zeros(250), one, other, criterion=lambda _zeros, loss: loss, harvey_adj=True, horizon=horizon
    )
    assert (compared.t, compared.p_value) == (expected.statistic, expected.pvalue)
    assert (compared.p_overlap is None) == (horizon == 1)
    assert compared.decisive_p == max(compared.p_value, compared.p_overlap or 0)


def test_a_clear_difference_stays_one_by_both_tests() -> None:
    one, other = equal_losses(np.random.default_rng(4), 250, 5, 0.0, uneven=False)
    assert compare_losses(days_of(250), one, other + 3 * other.mean(), 5).decisive_p < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("count", [250, 500])
@pytest.mark.parametrize("horizon", [5, 20])
def test_equal_forecasts_are_not_called_different_more_often_than_the_level_says(count: int, horizon: int) -> None:
    # Of 500 runs at .05, more than .08 are called different by chance once in a thousand times.
    for lasting in (0.0, LASTING):
        for uneven in (False, True):
            alone, both = rejected(count, horizon, lasting, uneven, 500)
            print(
                f"{count} days, {horizon} ahead, lasting {lasting}, uneven {uneven}: {alone:.3f} alone, {both:.3f} by both"
            )
            assert both <= min(alone, 0.08)
