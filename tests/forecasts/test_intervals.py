from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from stockrnn.forecasts.adaptive import adaptive_conformal
from stockrnn.forecasts.intervals import joined, score_quantiles, split_conformal
from stockrnn.forecasts.table import LEVELS
from tests.forecasts.issued import issued, nothing, shares_below, with_quantiles

NORMAL = scipy.stats.norm.ppf(LEVELS)
both_methods = pytest.mark.parametrize("conformal", [split_conformal, adaptive_conformal])


@pytest.mark.parametrize(
    ("count", "ranks"),
    [
        # (39 + 1) p is a whole number at each level.
        (39, {0.05: 2, 0.35: 14, 0.5: 20, 0.65: 26, 0.95: 38}),
        # 51 p: down below the middle, up above it, half way between 25 and 26 at it.
        (50, {0.05: 2, 0.35: 17, 0.5: 25.5, 0.65: 34, 0.95: 49}),
        (19, {0.05: 1, 0.5: 10, 0.95: 19}),
    ],
)
def test_a_level_takes_the_score_of_its_rank_among_one_more(count: int, ranks: dict[float, float]) -> None:
    scores = np.random.default_rng(0).permutation(np.arange(1.0, count + 1))[:, None]
    quantiles = dict(zip(LEVELS, score_quantiles(scores, np.array(LEVELS)), strict=True))
    assert {level: quantiles[level] for level in ranks} == ranks
    by_level = score_quantiles(np.repeat(scores, 19, axis=1), np.array(LEVELS))
    np.testing.assert_array_equal(by_level, list(quantiles.values()))


def test_a_quantile_is_the_forecast_times_the_score_in_volatilities() -> None:
    calibration = issued(np.arange(-19.0, 20)[:, None] / 10, volatility=0.02)
    test = issued(np.zeros((1, 1)), first=100, volatility=0.03, price=50.0)
    quantiles = split_conformal(calibration, test)[0, 0]
    # Rank 2 of -1.9 ... 1.9 is -1.8.
    np.testing.assert_allclose(quantiles[[0, 9, 18]], 50 * np.exp(0.03 * np.array([-1.8, 0.0, 1.8])))


def test_exchangeable_scores_are_covered_as_promised_however_few_they_are() -> None:
    random = np.random.default_rng(1)
    inside = []
    for _ in range(4000):
        scores = random.standard_t(3, size=40)[:, None]
        quantiles = split_conformal(issued(scores[:39]), issued(scores[39:], first=50))[0, 0]
        inside.append(quantiles[0] < np.exp(scores[39, 0]) <= quantiles[-1])
    # Ranks 2 and 38 of 39 leave 36 of 40 gaps between them.
    assert np.mean(inside) == pytest.approx(36 / 40, abs=0.015)


def test_own_quantiles_that_are_too_narrow_or_too_wide_are_put_right_level_by_level() -> None:
    random = np.random.default_rng(2)
    calibration, test = issued(random.standard_normal((9000, 1))), issued(random.standard_normal((9000, 1)), first=9999)
    for factor in (0.4, 2.0):
        narrow = [with_quantiles(part, factor * NORMAL) for part in (calibration, test)]
        np.testing.assert_allclose(shares_below(test, split_conformal(*narrow)), LEVELS, atol=0.025)


def test_own_quantiles_are_moved_by_the_rank_of_their_own_scores() -> None:
    calibration = with_quantiles(
        issued(np.random.default_rng(3).standard_normal((39, 1)), volatility=0.02), 0.5 * NORMAL
    )
    test = with_quantiles(issued(np.zeros((1, 1)), first=100, volatility=0.01), 0.5 * NORMAL)
    got = split_conformal(calibration, test)[0, 0]
    expected = []
    for number, level in enumerate(LEVELS):
        misses = np.sort(np.log(calibration.actual[:, 0] / calibration.forecast[:, 0, number]) / 0.02)
        expected.append(test.forecast[0, 0, number] * np.exp(0.01 * misses[round(40 * level) - 1]))
    np.testing.assert_allclose(got, np.sort(expected), rtol=1e-12)


def test_scores_that_were_not_known_by_the_first_origin_are_left_out() -> None:
    calm, wild = issued(np.linspace(-1, 1, 30)[:, None]), issued(np.full((30, 1), 50.0), first=30)
    test = issued(np.zeros((5, 1)), first=30)
    np.testing.assert_array_equal(split_conformal(joined(calm, wild), test), split_conformal(calm, test))


@both_methods
def test_without_scores_of_the_past_points_get_the_fan_of_a_random_walk(conformal) -> None:
    test = issued(np.full((3, 4), np.nan), volatility=0.02, price=80.0)
    quantiles = conformal(nothing(), test)
    fan = np.sqrt(np.arange(1, 5))[:, None] * NORMAL
    np.testing.assert_allclose(quantiles, np.broadcast_to(80 * np.exp(0.02 * fan), (3, 4, 19)), rtol=1e-9)


@both_methods
def test_beyond_the_horizon_of_the_past_the_fan_grows_with_the_root_of_the_sessions(conformal) -> None:
    calibration = issued(np.random.default_rng(4).standard_normal((5000, 1)))
    quantiles = np.log(conformal(calibration, issued(np.full((2, 9), np.nan), first=6000)))
    widths = quantiles[0, :, -1] - quantiles[0, :, 0]
    np.testing.assert_allclose(widths / widths[0], np.sqrt(np.arange(1, 10)), rtol=0.03)


@both_methods
def test_own_quantiles_without_scores_stay_as_they_are(conformal) -> None:
    test = with_quantiles(issued(np.zeros((3, 2))), NORMAL)
    np.testing.assert_allclose(conformal(nothing(2), test), test.forecast, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    scale=st.floats(1e-3, 300.0),
    volatility=st.floats(1e-5, 0.5),
    heads=st.booleans(),
    pace=st.sampled_from([0.0, 0.005, 0.2, 1.0]),
)
def test_quantiles_never_cross_and_are_finite_and_above_zero(
    seed: int, scale: float, volatility: float, heads: bool, pace: float
) -> None:
    random = np.random.default_rng(seed)
    calibration, test = (
        issued((scale * random.standard_cauchy((60, 2))).clip(-500, 500), first, volatility) for first in (0, 70)
    )
    if heads:
        calibration, test = (with_quantiles(part, random.standard_normal(19).cumsum()) for part in (calibration, test))
    for quantiles in (split_conformal(calibration, test), adaptive_conformal(calibration, test, pace)):
        assert quantiles.shape == (60, 2, 19)
        assert np.isfinite(quantiles).all()
        assert (quantiles > 0).all()
        assert (np.diff(quantiles, axis=2) >= 0).all()


def test_two_sets_of_forecasts_are_joined_with_nothing_where_one_goes_less_far() -> None:
    one = joined(issued(np.ones((2, 1))), issued(np.ones((3, 4)), first=7))
    assert one.forecast.shape == one.actual.shape == one.sessions.shape == (5, 4)
    np.testing.assert_array_equal(one.origins, [0, 1, 7, 8, 9])
    assert np.isnan(one.actual[:2, 1:]).all()
    assert np.isfinite(one.actual[2:]).all()
