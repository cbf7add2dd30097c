from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapie.conformity_scores import AbsoluteConformityScore
from mapie.regression import TimeSeriesRegressor
from sklearn.dummy import DummyRegressor

from stockrnn.forecasts.adaptive import adaptive_conformal
from stockrnn.forecasts.intervals import IssuedForecasts, joined, split_conformal
from stockrnn.forecasts.table import LEVELS
from tests.forecasts.issued import issued, nothing, shares_below, with_quantiles


@pytest.mark.filterwarnings("ignore:\\s+This function behavior has been changed:UserWarning")
def test_levels_and_scores_go_the_way_of_mapies_adaptive_conformal_inference() -> None:
    """Absolute residuals have one end, so that mapie's interval of 90 % is our quantile of level .9."""
    residuals = np.abs(np.random.default_rng(0).standard_normal(400)) * np.where(np.arange(400) < 300, 1, 1.3)
    rows, pace, levels = np.zeros((400, 1)), 0.006, [0.9, 0.7]
    zero = DummyRegressor(strategy="constant", constant=0.0).fit(rows, residuals)
    score = AbsoluteConformityScore(sym=True)
    theirs = TimeSeriesRegressor(zero, method="aci", cv="prefit", conformity_score=score)
    theirs.fit(rows[:200], residuals[:200])
    expected = []
    for day in range(200, 400):
        seen = rows[day : day + 1], residuals[day : day + 1]
        expected.append(theirs.predict(seen[0], confidence_level=levels)[1][0, 1])
        theirs.adapt_conformal_inference(*seen, gamma=pace, confidence_level=levels)
        theirs.update(*seen)
    past, test = issued(residuals[:200, None]), issued(residuals[200:, None], first=200)
    ours = np.log(adaptive_conformal(past, test, pace, window=200))[:, 0]
    np.testing.assert_allclose(ours[:, [LEVELS.index(level) for level in levels]], expected, rtol=1e-9)


def test_coverage_comes_back_after_the_world_has_changed() -> None:
    random = np.random.default_rng(1)
    past = issued(random.standard_normal((500, 1)))
    # Three times as wide, and shifted.
    test = issued(1.0 + 3 * random.standard_normal((3000, 1)), first=500)
    np.testing.assert_allclose(shares_below(test, adaptive_conformal(past, test)), LEVELS, atol=0.025)
    assert abs(shares_below(test, split_conformal(past, test)) - LEVELS).max() > 0.2


def test_coverage_holds_though_each_miss_is_larger_than_those_before() -> None:
    growing = np.abs(np.random.default_rng(2).standard_normal((3000, 1))) * np.exp(np.arange(3000) / 600)[:, None]
    test = issued(growing, first=300, volatility=0.01)
    past = issued(np.abs(np.random.default_rng(3).standard_normal((300, 1))), volatility=0.01)
    # Levels that end within 2 steps of the last score's are out by at most (1 + 2 * .02) / (3000 * .02).
    np.testing.assert_allclose(shares_below(test, adaptive_conformal(past, test, pace=0.02)), LEVELS, atol=0.02)


def test_the_long_run_share_is_right_even_for_forecasts_that_are_wrong_on_purpose() -> None:
    # Calm and wild days in blocks of 40, so that the newest scores always tell of the wrong ones.
    wild = (np.arange(6000) // 40) % 2 == 1
    scores = np.random.default_rng(4).standard_normal(6000) * np.where(wild, 4.0, 0.5)
    test = issued(scores[:, None])
    shares = shares_below(test, adaptive_conformal(nothing(), test, pace=0.02, window=40))
    np.testing.assert_allclose(shares, LEVELS, atol=0.015)


def days_between(test: IssuedForecasts, quantiles: np.ndarray, changed: np.ndarray, step: int) -> int:
    """Return how many days after day 50 quantiles of one horizon first differ."""
    differ = (quantiles[:, step] != changed[:, step]).any(axis=1)
    return int(test.origins[differ].min()) - 50


@pytest.mark.parametrize("horizon", [1, 3])
def test_an_actual_value_changes_quantiles_from_the_day_it_is_known(horizon: int) -> None:
    past, test = (issued(np.random.default_rng(5).standard_normal((100, horizon)), first) for first in (-200, 0))
    actual = test.actual.copy()
    actual[50, horizon - 1] *= np.exp(40)
    before, after = (adaptive_conformal(past, each, 0.05) for each in (test, replace(test, actual=actual)))
    assert days_between(test, before, after, horizon - 1) == horizon


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), day=st.integers(0, 60), heads=st.booleans())
def test_no_actual_value_after_an_origin_changes_its_quantiles(seed: int, day: int, heads: bool) -> None:
    random = np.random.default_rng(seed)
    past = issued(random.standard_normal((40, 3)), first=-38)
    # Two tickers, whose days are not the same.
    test = joined(issued(random.standard_normal((60, 3))), issued(random.standard_normal((40, 3)), first=11))
    if heads:
        past, test = (with_quantiles(part, np.linspace(-1, 1, 19)) for part in (past, test))
    later = test.sessions > day
    changed = replace(
        test, actual=np.where(later, test.actual * np.exp(random.standard_normal(later.shape)), test.actual)
    )
    changed_past = replace(past, actual=np.where(past.sessions > day, past.actual * 9, past.actual))
    before, after = adaptive_conformal(past, test, 0.1), adaptive_conformal(changed_past, changed, 0.1)
    early = test.origins <= day
    np.testing.assert_array_equal(before[early], after[early])


def test_the_order_of_rows_does_not_matter() -> None:
    random = np.random.default_rng(6)
    past = issued(random.standard_normal((40, 2)), first=-60)
    test = joined(issued(random.standard_normal((80, 2))), issued(random.standard_normal((80, 2))))
    order = random.permutation(160)
    shuffled = IssuedForecasts(*(getattr(test, name)[order] for name in vars(test)))
    quantiles = adaptive_conformal(past, test)
    np.testing.assert_allclose(adaptive_conformal(past, shuffled), quantiles[order], rtol=1e-12)


def test_tickers_of_a_day_move_a_level_once_by_their_mean() -> None:
    past = issued(np.linspace(-1, 1, 199)[:, None], first=-300)
    hit, miss = issued(np.array([[-2.0], [0.0]])), issued(np.array([[2.0], [0.0]]))
    quantiles = np.log(adaptive_conformal(past, joined(hit, miss), pace=0.1))[1, 0]
    # One of two is below each quantile. Level .9 went to .9 + .1 * (.9 - .5) = .94: of 201 scores, one of them 2 and
    # one -2, it takes rank ceil(202 * .94) = 190, the 189th of the calibration.
    assert quantiles[LEVELS.index(0.9)] == pytest.approx(np.linspace(-1, 1, 199)[188])


def test_the_window_forgets_old_sessions() -> None:
    old, new = issued(np.full((100, 1), 5.0), first=-100), issued(np.random.default_rng(7).uniform(-1, 1, (60, 1)))
    quantiles = np.log(adaptive_conformal(old, new, pace=0.0, window=30))[:, 0]
    assert quantiles[0, 0] == pytest.approx(5)
    assert quantiles[31:, -1].max() <= 1
