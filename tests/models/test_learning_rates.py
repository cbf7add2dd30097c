"""Schedules of the learning rate, and the decay of weights."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from stockrnn.models.objectives import make_objective
from stockrnn.models.optimizers import make_optimizer
from stockrnn.samples.encoding import output_layout
from tests.models.head_training import config_of, fit, samples_of

# Real networks are trained here.
pytestmark = pytest.mark.slow


def test_the_cosine_falls_from_the_learning_rate_to_a_fiftieth() -> None:
    config = config_of(schedule="cosine", epochs=10)
    objective = make_objective(output_layout(config), "huber")
    optimizer = make_optimizer(config.train, 60, objective)
    optimizer.build([keras.Variable(np.zeros(2, np.float32)), *objective.variables])
    for step in (0, 15, 30, 45, 60):
        optimizer.iterations.assign(step)
        half_wave = (1 + np.cos(np.pi * step / 60)) / 2
        assert float(optimizer.learning_rate) == pytest.approx(0.02 * (half_wave + (1 - half_wave) / 50), rel=1e-4)


def test_a_cosine_is_as_long_as_the_training() -> None:
    config = config_of(schedule="cosine", epochs=5, stride=1)
    outcome = fit(config, samples=samples_of(config))
    steps = int(outcome.state.optimizer[0])
    assert steps == 5 * -(-len(samples_of(config).windows) // 10)


def moved_by_decay(rate: float, optimizer: str = "adamw") -> tuple[float, float]:
    """Give by how much one step with no gradient at all shrinks a weight, and a variable of the head, of 1."""
    more = {"weight_decay": rate} if rate else {}
    config = config_of(optimizer=optimizer, **more)
    objective = make_objective(output_layout(config), "huber")
    kernel = keras.Variable(np.ones((2, 2), np.float32))
    objective.quantiles.assign(np.ones_like(np.asarray(objective.quantiles)))
    chosen = make_optimizer(config.train, 60, objective)
    variables = [kernel, *objective.variables]
    chosen.build(variables)
    chosen.apply([tf.zeros_like(variable.value) for variable in variables], variables)
    return float(1 - np.asarray(kernel).mean()), float(1 - np.asarray(objective.quantiles).mean())


def test_weights_decay_by_the_learning_rate_times_the_decay_and_the_head_does_not() -> None:
    weight, head = moved_by_decay(0.1)
    assert weight == pytest.approx(0.02 * 0.1, rel=1e-3)
    assert head == 0


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "rmsprop", "sgd"])
def test_a_decay_of_zero_is_none(optimizer: str) -> None:
    assert moved_by_decay(0.0, optimizer) == (0, 0)
