from __future__ import annotations

import keras
import numpy as np
import pytest

from stockrnn.models.fused_adam import FusedAdam

# Real networks are trained here.
pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"global_clipnorm": 0.1},
        {"clipvalue": 0.01},
        {"weight_decay": 0.01},
        {"amsgrad": True},
        {"beta_1": 0.5, "epsilon": 1e-3},
        {"learning_rate": keras.optimizers.schedules.ExponentialDecay(0.05, 3, 0.5)},
    ],
    ids=lambda options: ",".join(options) or "defaults",
)
def test_training_ends_where_it_ends_with_the_adam_of_keras(options):
    x = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
    y = x.sum(axis=1, keepdims=True) ** 2
    ends = []
    for optimizer in (FusedAdam, keras.optimizers.Adam):
        keras.utils.set_random_seed(2)
        network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(5, "tanh"), keras.layers.Dense(1)])
        network.compile(optimizer(**{"learning_rate": 0.02, **options}), "mse")
        network.fit(x, y, batch_size=25, epochs=5, verbose=0)
        ends.append((network.get_weights(), [variable.numpy() for variable in network.optimizer.variables]))
    for found, expected in zip(*ends, strict=True):
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
