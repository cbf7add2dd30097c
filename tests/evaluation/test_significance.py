from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from stockrnn.evaluation.significance import compare_losses, directional_p, directional_p_by_day, holm

DAYS = np.arange("2020-01-01", "2020-09-07", dtype="datetime64[D]")


def losses(seed: int, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.chisquare(1, len(DAYS)), random.chisquare(1, len(DAYS)) + shift


def by_hand(difference: np.ndarray, horizon: int) -> tuple[float, float]:
    """Diebold-Mariano with Bartlett weights and the correction, from the papers' formulas."""
    days = len(difference)
    lags = max(horizon - 1, int(np.ceil(days ** (1 / 3))))
    centred = difference - difference.mean()
    covariances = [np.sum(centred[lag:] * centred[: days - lag]) / days for lag in range(lags + 1)]
    variance = covariances[0] + 2 * sum((1 - lag / (lags + 1)) * covariances[lag] for lag in range(1, lags + 1))
    correction = np.sqrt((days + 1 - 2 * horizon + horizon * (horizon - 1) / days) / days)
    t = correction * difference.mean() / np.sqrt(variance / days)
    return t, 2 * stats.t.sf(abs(t), days - 1)


@pytest.mark.parametrize("horizon", [1, 5, 20])
def test_the_comparison_is_diebold_and_marianos_with_harveys_correction(horizon: int) -> None:
    one, other = losses(1, 0.2)
    compared = compare_losses(DAYS, one, other, horizon)
    assert (compared.t, compared.p_value) == pytest.approx(by_hand(one - other, horizon))
    assert compared.rows == len(DAYS)


def test_the_statistic_is_positive_where_the_first_forecast_loses_more() -> None:
    one, other = losses(1)
    assert compare_losses(DAYS, one + 5, other, 1).t > 5
    assert compare_losses(DAYS, one, other + 5, 1).t < -5
    assert compare_losses(DAYS, one + 5, other, 1).p_value < 1e-6


def test_the_losses_of_a_day_are_averaged_over_tickers_first_in_any_order() -> None:
    one, other = losses(2)
    mixed = np.random.default_rng(3).permutation(2 * len(DAYS))
    many = compare_losses(
        np.tile(DAYS, 2)[mixed], np.append(one + 0.5, one - 0.5)[mixed], np.append(other, other)[mixed], 1
    )
    alone = compare_losses(DAYS, one, other, 1)
    assert (many.t, many.p_value, many.rows) == (pytest.approx(alone.t), pytest.approx(alone.p_value), len(DAYS))


def test_equal_losses_are_not_tested_nor_what_rounding_makes_of_them() -> None:
    one, _ = losses(1)
    for other in (one, one * (1 + 1e-13), one + 1e-12, one + 1):
        compared = compare_losses(DAYS, one, other, 1)
        assert compared.t is compared.p_value is None
        assert compared.is_long_enough


@pytest.mark.parametrize(("days", "horizon"), [(0, 1), (1, 1), (2, 1), (7, 1), (19, 5), (50, 60)])
def test_too_few_days_are_not_tested(days: int, horizon: int) -> None:
    one, other = losses(1)
    compared = compare_losses(DAYS[:days], one[:days], other[:days], horizon)
    assert (compared.t, compared.p_value, compared.rows, compared.is_long_enough) == (None, None, days, False)


@pytest.mark.parametrize(("days", "horizon"), [(8, 1), (20, 5), (240, 60)])
def test_enough_days_are_tested(days: int, horizon: int) -> None:
    one, other = losses(1)
    assert 0 < compare_losses(DAYS[:days], one[:days], other[:days], horizon).p_value <= 1


def test_equal_forecasts_are_called_different_about_as_often_as_the_level_says() -> None:
    random = np.random.default_rng(4)
    found = [compare_losses(DAYS, *random.chisquare(1, (2, len(DAYS))), 1).p_value < 0.05 for _ in range(400)]
    assert 0.02 < np.mean(found) < 0.09


def test_the_directional_p_is_that_of_the_two_by_two_table() -> None:
    random = np.random.default_rng(5)
    for rows in (60, 251):
        actual = random.random(rows) < 0.55
        forecast = np.where(random.random(rows) < 0.2, actual, random.random(rows) < 0.6)
        table = [[np.sum((forecast == said) & (actual == came)) for came in (False, True)] for said in (False, True)]
        # Pearson's chi-square on one degree of freedom is the square of the statistic but for n / (n - 1).
        chi_square = stats.chi2_contingency(table, correction=False).statistic * rows / (rows - 1)
        z = np.sign(np.corrcoef(forecast, actual)[0, 1]) * np.sqrt(chi_square)
        assert directional_p(forecast, actual) == pytest.approx(stats.norm.sf(z))


def test_right_directions_have_a_small_p_and_wrong_ones_a_large_one() -> None:
    actual = np.tile([True, False, False], 40)
    for p in (directional_p, lambda *up: directional_p_by_day(DAYS[:120], *up, 1)):
        noisy = actual.copy()
        noisy[::10] = ~noisy[::10]
        assert p(noisy, actual) < 1e-6
        assert p(~noisy, actual) > 1 - 1e-6


def test_a_direction_that_never_changes_is_not_tested() -> None:
    changing, rising = np.tile([True, False], 20), np.ones(40, bool)
    for forecast, actual in ((changing, rising), (rising, changing), (changing[:6], changing[:6])):
        assert directional_p(forecast, actual) is None
    assert directional_p_by_day(DAYS[:40], rising, changing, 1) is None


def test_by_day_and_by_row_agree_for_one_ticker() -> None:
    random = np.random.default_rng(6)
    actual = random.random(len(DAYS)) < 0.5
    forecast = np.where(random.random(len(DAYS)) < 0.15, actual, random.random(len(DAYS)) < 0.5)
    assert directional_p_by_day(DAYS, forecast, actual, 1) == pytest.approx(directional_p(forecast, actual), abs=0.02)


def test_tickers_that_move_together_do_not_prove_what_one_does_not() -> None:
    random = np.random.default_rng(7)
    found = []
    for _ in range(200):
        forecast, actual = random.random((2, len(DAYS))) < 0.5
        many = [np.tile(each, 30) for each in (DAYS, forecast, actual)]
        found.append(directional_p_by_day(*many, 1))
    assert 0.01 < np.mean(np.array(found) < 0.05) < 0.1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holms_correction_is_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(list(multipletests(p_values, method="holm")[1]))


def test_holm_leaves_out_tests_that_were_not_made() -> None:
    assert holm([0.01, None, 0.04, 0.03]) == [pytest.approx(0.03), None, pytest.approx(0.06), pytest.approx(0.06)]
    assert holm([]) == []
