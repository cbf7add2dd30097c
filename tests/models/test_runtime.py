from __future__ import annotations

import random

import keras
import numpy as np
import pytest

from stockrnn.config import Config
from stockrnn.models.architectures import build_network
from stockrnn.models.runtime import seed_keras

# Keras takes its time to start.
pytestmark = pytest.mark.slow


def weights(draws: int) -> list[np.ndarray]:
    """Build the tutorial's network while somebody else of the process draws numbers."""
    seed_keras(1)
    for _ in range(draws):
        random.random()
    config = Config()
    found: list[np.ndarray] = build_network(config.model, config.window, 1, 1).get_weights()
    return found


def test_a_seed_gives_the_same_network_whatever_other_threads_draw() -> None:
    for one, other in zip(weights(0), weights(3), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_seed_gives_the_network_that_keras_itself_gives() -> None:
    ours = weights(0)
    keras.src.random.seed_generator.python_random = random
    keras.utils.set_random_seed(1)
    config = Config()
    for one, other in zip(ours, build_network(config.model, config.window, 1, 1).get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
