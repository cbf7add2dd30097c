"""The optimisers that a config can name."""

from __future__ import annotations

from typing import Any

import keras

from stockrnn.config_sections import TrainConfig
from stockrnn.models.fused_adam import FusedAdam
from stockrnn.models.objectives import Objective

_OPTIMIZERS = {
    "adam": FusedAdam,
    "adamw": keras.optimizers.AdamW,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
}
# Where a cosine schedule ends, as a share of where it starts.
_LAST_RATE = 0.02


def make_optimizer(train: TrainConfig, steps: Any, objective: Objective) -> keras.optimizers.Optimizer:
    """Make the optimiser, which clips the gradient first: by the norm of all weights' gradients together, or by value.

    The norm of all together keeps the gradient's direction; Keras' `clipnorm` would shorten each weight's by itself.

    Args:
        train: Names the optimiser, its rate and its clipping.
        steps: How many steps the whole training has: a number, or a variable that holds it.
        objective: What it has to learn itself does not decay.

    Source: Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent Neural Networks (2013), algorithm 1.
    """
    rate: Any = train.learning_rate
    if train.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, steps, alpha=_LAST_RATE)
    # Without the argument Keras' AdamW would shrink by 0.004.
    decay = {"weight_decay": train.weight_decay} if train.optimizer == "adamw" else {}
    optimizer = _OPTIMIZERS[train.optimizer](
        learning_rate=rate,
        global_clipnorm=train.clip_norm or None,
        clipvalue=train.clip_value or None,
        **decay,
    )
    if decay and objective.variables:
        # Quantiles are not to shrink towards nothing.
        optimizer.exclude_from_weight_decay(var_list=objective.variables)
    return optimizer
