"""Losses against scikit-learn, SciPy and hand arithmetic."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats
from sklearn.metrics import mean_pinball_loss

from stockrnn.forecasts import table
from stockrnn.models.objectives import LEVELS, DistributionObjective, PlainObjective, make_objective
from stockrnn.samples.outputs import LOCATION_STEP, RANGE, Head, OutputLayout, decode

# TensorFlow takes its time to start.
pytestmark = pytest.mark.slow

ROWS = 60
# What the module's docstring and the recipe promise.
BESIDE, LIKELIHOOD, RANGE_MISS, SMALL_LOCATION = 0.5, 0.15, 0.3, 0.02


def draws(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    return (scale * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def objective_of(head: Head, targets: tuple[str, ...] = ("close",), horizon: int = 1) -> DistributionObjective:
    objective = make_objective(OutputLayout(targets, horizon, head), "mean_squared_error")
    assert isinstance(objective, DistributionObjective)
    objective.start(draws(500, len(targets) * horizon, seed=9).astype(np.float64))
    return objective


def loss_of(objective: Any, targets: np.ndarray, outputs: np.ndarray, weights: np.ndarray | None = None) -> float:
    weights = None if weights is None else tf.constant(weights, tf.float32)
    return float(objective(tf.constant(targets), tf.constant(outputs), weights))


def student_t(
    objective: DistributionObjective, actual: np.ndarray, location: np.ndarray, scale: np.ndarray
) -> np.ndarray:
    """Give minus the log density of the first target, by SciPy."""
    freedom = 2 + np.exp(np.asarray(objective.freedom)[0])
    spread = np.exp(np.asarray(objective.spread)[0])
    return -stats.t.logpdf(actual, freedom, loc=location, scale=scale * spread)


def test_the_levels_are_those_of_the_forecasts_table() -> None:
    assert tuple(LEVELS) == table.LEVELS


def test_the_loss_of_quantiles_is_scikit_learns_pinball_loss_and_a_little_likelihood() -> None:
    objective, targets, outputs = objective_of("quantiles"), draws(ROWS, 1), draws(ROWS, 2, seed=1, scale=0.5)
    location, quantiles = decode(objective.layout, outputs, objective.values())
    pinball = np.mean(
        [mean_pinball_loss(targets[:, 0], quantiles[:, 0, place], alpha=level) for place, level in enumerate(LEVELS)]
    )
    likelihood = student_t(objective, targets, location, np.exp(outputs[:, 1:])).mean()
    expected = pinball + LIKELIHOOD * likelihood + SMALL_LOCATION * np.mean(outputs[:, 0] ** 2)
    assert loss_of(objective, targets, outputs) == pytest.approx(expected, rel=1e-5)


def test_the_loss_of_a_student_t_is_scipys_density() -> None:
    objective, targets, outputs = (
        objective_of("student_t", horizon=2),
        draws(ROWS, 2),
        draws(ROWS, 4, seed=1, scale=0.5),
    )
    location, scale = LOCATION_STEP * outputs[:, :2], np.exp(outputs[:, 2:])
    expected = student_t(objective, targets, location, scale).mean() + SMALL_LOCATION * np.mean(outputs[:, :2] ** 2)
    assert loss_of(objective, targets, outputs) == pytest.approx(expected, rel=1e-5)


def test_a_log_scale_beyond_two_counts_as_two() -> None:
    objective = objective_of("student_t")
    far, bound = (np.array([[0, value]], np.float32) for value in (9, 2))
    assert loss_of(objective, draws(1, 1), far) == loss_of(objective, draws(1, 1), bound)


def test_targets_beside_the_first_count_half_and_a_range_by_its_squared_miss() -> None:
    objective = objective_of("quantiles", ("close", "open", RANGE))
    targets, outputs = draws(ROWS, 3), draws(ROWS, 5, seed=1, scale=0.5)
    total = loss_of(objective, targets, outputs)
    first = objective_of("quantiles")
    first.quantiles.assign(objective.quantiles[:1])
    first.spread.assign(objective.spread[:1])
    learnt = np.asarray(objective.quantiles, np.float64)[1, 0]
    open_quantiles = LOCATION_STEP * outputs[:, 2:3] + np.exp(outputs[:, 3:4]) * learnt
    pinball = np.mean(
        [mean_pinball_loss(targets[:, 1], open_quantiles[:, place], alpha=level) for place, level in enumerate(LEVELS)]
    )
    miss = np.mean((targets[:, 2] - outputs[:, 4]) ** 2)
    expected = (
        loss_of(first, targets[:, :1], outputs[:, :2])
        + BESIDE * pinball
        + SMALL_LOCATION * np.mean(outputs[:, 2] ** 2)
        + RANGE_MISS * miss
    )
    assert total == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("head", ["quantiles", "student_t"])
def test_what_is_not_known_counts_nothing(head: Head) -> None:
    objective = objective_of(head, ("close", "open"))
    targets, outputs, weights = draws(8, 2), draws(8, 4, seed=1), np.linspace(0.5, 1.5, 8)
    unknown = targets.copy()
    unknown[5:] = np.nan
    expected = loss_of(objective, targets[:5], outputs[:5], weights[:5])
    assert loss_of(objective, unknown, outputs, weights) == pytest.approx(expected, rel=1e-6)
    assert loss_of(objective, targets, outputs, np.where(np.arange(8) < 5, weights, 0)) == pytest.approx(
        expected, rel=1e-6
    )
    nothing = loss_of(objective, np.full((8, 2), np.nan, np.float32), outputs, weights)
    assert nothing == 0


@pytest.mark.parametrize("head", ["quantiles", "student_t"])
def test_gradients_of_batches_with_unknown_targets_are_numbers(head: Head) -> None:
    objective = objective_of(head, ("close", RANGE))
    targets = draws(6, 2)
    targets[:3, 0] = targets[2:, 1] = np.nan
    outputs = tf.Variable(draws(6, 3, seed=1))
    with tf.GradientTape() as tape:
        loss = objective(tf.constant(targets), outputs, tf.ones(6))
    gradients = tape.gradient(loss, [outputs, *(variable.value for variable in objective.variables)])
    for gradient in gradients:
        assert np.isfinite(gradient).all()
    np.testing.assert_array_equal(gradients[0].numpy()[:3, :2], 0)
    np.testing.assert_array_equal(gradients[0].numpy()[2:, 2], 0)


def test_a_row_counts_by_its_weight() -> None:
    objective, targets, outputs = objective_of("student_t"), draws(4, 1), np.zeros((4, 2), np.float32)
    weights = np.array([0.5, 1.0, 2.0, 0.25])
    each = student_t(objective, targets[:, 0], np.zeros(4), np.ones(4))
    assert loss_of(objective, targets, outputs, weights) == pytest.approx(np.mean(weights * each), rel=1e-5)


def test_the_loss_of_every_step_is_the_mean_over_the_steps() -> None:
    objective, targets, outputs = objective_of("quantiles"), draws(3, 5, 1), draws(3, 5, 2, seed=1)
    weights = np.random.default_rng(2).uniform(0.5, 2, (3, 5))
    flat = loss_of(objective, targets.reshape(15, 1), outputs.reshape(15, 2), weights.ravel())
    assert loss_of(objective, targets, outputs, weights) == pytest.approx(flat, rel=1e-5)


@pytest.mark.parametrize("horizon", [1, 3])
def test_an_untrained_head_has_the_empirical_quantiles_of_the_training_rows(horizon: int) -> None:
    objective = make_objective(OutputLayout(("close", RANGE, "open"), horizon, "quantiles"), "huber")
    targets = draws(400, 3 * horizon, seed=4).astype(np.float64)
    targets[7] = np.nan
    objective.start(targets)
    own = np.delete(targets, 7, axis=0)
    expected = np.stack([np.quantile(own[:, start : start + horizon], LEVELS, axis=0).T for start in (0, 2 * horizon)])
    # Further ahead the median is that of one session ahead: a head carries no drift.
    expected += expected[:, :1, 9:10] - expected[..., 9:10]
    np.testing.assert_allclose(objective.values().quantiles, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("head", ["quantiles", "student_t"])
def test_a_target_beside_that_no_training_row_knows_leaves_the_first_as_it_is(head: Head) -> None:
    layouts = [OutputLayout(names, 1, head) for names in (("close", "open"), ("close",))]
    two, one = (make_objective(layout, "huber") for layout in layouts)
    targets, outputs = draws(60, 2, seed=3), draws(60, 4, seed=5)
    targets[:, 1], outputs[:, 2:] = np.nan, 0
    two.start(targets)
    one.start(targets[:, :1])
    assert loss_of(two, targets, outputs) == pytest.approx(loss_of(one, targets[:, :1], outputs[:, :2]))


def test_a_head_that_no_training_row_tells_anything_starts_as_a_normal_distribution() -> None:
    objective = objective_of("quantiles")
    objective.start(np.full((40, 1), np.nan))
    np.testing.assert_allclose(objective.values().quantiles[0, 0], stats.norm.ppf(LEVELS), atol=1e-6)


def test_the_quantiles_of_a_student_t_are_its_own_as_wide_as_the_middle_half() -> None:
    objective = make_objective(OutputLayout(("close",), 1, "student_t"), "huber")
    objective.start(3 * stats.t.rvs(7, size=20_000, random_state=1)[:, None])
    (quantiles,) = objective.values().quantiles
    shape = stats.t.ppf(LEVELS, 2 + np.exp(1.6))
    np.testing.assert_allclose(quantiles[0], shape * quantiles[0, -1] / shape[-1], rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(quantiles[0], 3 * stats.t.ppf(LEVELS, 7), rtol=0.03, atol=0.05)


def test_quantiles_that_crossed_in_training_are_given_in_order() -> None:
    objective = objective_of("quantiles")
    objective.quantiles.assign(np.asarray(objective.quantiles)[..., ::-1])
    assert (np.diff(objective.values().quantiles) >= 0).all()


@pytest.mark.parametrize(
    ("head", "names"), [("quantiles", {"freedom", "spread", "quantiles"}), ("student_t", {"freedom", "spread"})]
)
def test_all_that_a_head_learns_has_a_gradient(head: Head, names: set[str]) -> None:
    objective = objective_of(head)
    assert {variable.name for variable in objective.variables} == names
    with tf.GradientTape() as tape:
        loss = objective(tf.constant(draws(ROWS, 1)), tf.constant(draws(ROWS, 2, seed=1)), None)
    for gradient in tape.gradient(loss, [variable.value for variable in objective.variables]):
        assert np.abs(gradient).max() > 1e-6


@pytest.mark.parametrize("loss", ["mean_squared_error", "mean_absolute_error", "huber"])
@pytest.mark.parametrize("shape", [(7, 2), (3, 5, 2)])
def test_a_plain_loss_with_weights_is_the_mean_by_them_over_what_is_known(loss: str, shape: tuple[int, ...]) -> None:
    objective = make_objective(OutputLayout(("close", "open"), 1, "point"), loss)
    assert isinstance(objective, PlainObjective)
    targets, outputs, weights = (
        draws(*shape, scale=2),
        draws(*shape, seed=1),
        np.random.default_rng(2).uniform(0, 2, shape[:-1]),
    )
    targets[1] = np.nan
    misses = targets - outputs
    each = {
        "mean_squared_error": misses**2,
        "mean_absolute_error": np.abs(misses),
        "huber": np.where(np.abs(misses) <= 1, misses**2 / 2, np.abs(misses) - 0.5),
    }[loss].mean(axis=-1)
    known = np.isfinite(each)
    expected = np.average(each[known], weights=weights[known])
    assert loss_of(objective, targets, outputs, weights) == pytest.approx(expected, rel=1e-5)


def test_a_plain_loss_without_weights_is_keras_own() -> None:
    objective, targets, outputs = PlainObjective("huber"), draws(7, 2, scale=2), draws(7, 2, seed=1)
    assert objective.variables == []
    assert loss_of(objective, targets, outputs) == pytest.approx(float(keras.losses.Huber()(targets, outputs)))


def test_a_plain_loss_of_nothing_known_is_nothing() -> None:
    targets = np.full((4, 1), np.nan, np.float32)
    assert loss_of(PlainObjective("huber"), targets, draws(4, 1), np.ones(4)) == 0
