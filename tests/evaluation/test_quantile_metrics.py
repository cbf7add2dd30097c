from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scoringrules
import utilsforecast.losses
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_pinball_loss

from stockrnn.evaluation.quantile_metrics import (
    coverage_of_90,
    crps_from_quantiles,
    pinball_losses,
    pit_counts,
    width_of_90,
)
from stockrnn.forecasts.table import LEVELS

prices_and_points = st.lists(st.tuples(st.floats(1, 1e4), st.floats(1, 1e4)), min_size=1, max_size=20)


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    return random.normal(size=30), np.sort(random.normal(size=(30, 19)), axis=1)


@given(prices_and_points)
def test_the_crps_of_a_point_mass_is_its_absolute_error(pairs: list[tuple[float, float]]) -> None:
    actual, point = np.array(pairs).T
    # The 19 levels lie even around a half: the mean pinball loss of a point mass is half its absolute error.
    assert crps_from_quantiles(actual, np.repeat(point[:, None], 19, axis=1)) == pytest.approx(
        float(np.mean(np.abs(actual - point)))
    )


def test_the_crps_is_scoringrules(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    actual, quantiles = drawn
    expected = scoringrules.crps_quantile(actual, quantiles, np.array(LEVELS))
    np.testing.assert_allclose(2 * pinball_losses(actual, quantiles), expected)
    assert crps_from_quantiles(actual, quantiles) == pytest.approx(np.mean(expected))


def test_the_pinball_loss_is_scikit_learns_and_utilsforecasts(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    actual, quantiles = drawn
    loss = float(np.mean(pinball_losses(actual, quantiles)))
    sklearns = [mean_pinball_loss(actual, quantiles[:, k], alpha=level) for k, level in enumerate(LEVELS)]
    assert loss == pytest.approx(np.mean(sklearns))
    frame = pd.DataFrame(quantiles, columns=[f"q{k}" for k in range(19)]).assign(unique_id="A", y=actual)
    nixtlas = utilsforecast.losses.mqloss(
        frame, models={"network": [f"q{k}" for k in range(19)]}, quantiles=np.array(LEVELS)
    )
    assert loss == pytest.approx(nixtlas["network"].iloc[0])


def test_the_crps_of_a_uniform_forecast_is_near_its_integral() -> None:
    # Uniform on 0..1, actual 0.5: the integral of (F - 1{x >= 0.5})^2 is 1 / 12.
    assert crps_from_quantiles(np.array([0.5]), np.array([LEVELS])) == pytest.approx(1 / 12, abs=0.005)


def test_a_sure_low_forecast_costs_as_much_as_a_sure_high_one() -> None:
    low, high = np.zeros((1, 19)), np.zeros((1, 19))
    low[0, 0], high[0, -1] = -1.0, 1.0
    actual = np.zeros(1)
    assert crps_from_quantiles(actual, low) == pytest.approx(crps_from_quantiles(actual, high))
    assert crps_from_quantiles(actual, low) == pytest.approx(2 * 0.05 / 19)


def test_the_90_per_cent_range_holds_its_ends() -> None:
    quantiles = np.tile(np.arange(19.0), (4, 1))
    assert coverage_of_90(np.array([0.0, 18.0, -0.1, 18.1]), quantiles) == 0.5
    assert width_of_90(np.vstack([quantiles, 2 * quantiles])) == 27


def test_a_price_between_two_quantiles_is_counted_between_them() -> None:
    quantiles = np.tile(np.arange(1.0, 20.0), (5, 1))
    counts = pit_counts(np.array([0.0, 1.0, 1.5, 19.0, 20.0]), quantiles)
    assert counts == (2, 1, *[0] * 15, 0, 1, 1)
    assert len(counts) == 20


def test_prices_drawn_from_the_forecast_fill_all_ranges_alike() -> None:
    random = np.random.default_rng(3)
    counts = pit_counts(random.random(20_000), np.tile(LEVELS, (20_000, 1)))
    assert sum(counts) == 20_000
    assert max(abs(count - 1000) for count in counts) < 5 * np.sqrt(1000)


def test_too_narrow_ranges_leave_most_prices_outside() -> None:
    counts = pit_counts(np.linspace(0, 1, 1000), np.tile(0.5 + (np.array(LEVELS) - 0.5) / 10, (1000, 1)))
    assert counts[0] > 400
    assert counts[-1] > 400
