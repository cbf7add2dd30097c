"""Networks that a process keeps from one training to the next, because compiling one takes longer than training it."""

from __future__ import annotations

from collections.abc import Hashable

import keras
import numpy as np

from stockrnn.config import Config
from stockrnn.models.architectures import build_network
from stockrnn.models.runtime import seed_keras, seeded_layers
from stockrnn.models.saving import forget_networks
from stockrnn.models.steps import StepLayout
from stockrnn.models.trainable import TrainableNetwork
from stockrnn.samples.samples import TrainingSamples

# A fit and a refit, of two configs: beyond that all are let go of, so that memory is bounded.
_MOST = 4
# What a training is told anew, and nothing was compiled for.
_OF_A_TRAINING = {"seeds": (), "epochs": 1, "batch_size": 1, "early_stopping": 0, "stride": 1, "refit_epochs": 0}


class KeptNetworks:
    """The networks of one process, a few; each is trained again and again, from new weights every time."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, TrainableNetwork] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def network(self, config: Config, samples: TrainingSamples, seed: int) -> TrainableNetwork:
        """Give a network with the weights of a new one; what was learnt with one like it before is gone.

        Args:
            config: The config.
            samples: What it will be trained on.
            seed: Draws its weights.
        """
        key = _design(config, samples)
        if key not in self._kept:
            if len(self._kept) == _MOST:
                self._kept.clear()
                forget_networks()
            self._kept[key] = TrainableNetwork(new_network(config, samples, seed), samples, config.train)
            return self._kept[key]
        kept = self._kept[key]
        kept.network.set_weights(_untrained(config, samples, seed).get_weights())
        return kept


def new_network(config: Config, samples: TrainingSamples, seed: int) -> keras.Model:
    """Build an untrained network.

    Args:
        config: The config.
        samples: What it will be trained on.
        seed: Draws its weights.
    """
    seed_keras(seed)
    return _untrained(config, samples, seed)


def _untrained(config: Config, samples: TrainingSamples, seed: int) -> keras.Model:
    encoding = samples.encoding
    with seeded_layers(seed):
        network = build_network(config.model, config.window, encoding.width, encoding.layout.width)
    if config.target.kind == "log_return":
        _start_at_the_naive_forecast(network)
    return network


def _start_at_the_naive_forecast(network: keras.Model) -> None:
    """Let the outputs begin at 0, which is no move, or none but the expected one."""
    weights = network.layers[-1].get_weights()
    network.layers[-1].set_weights([np.zeros_like(weight) for weight in weights])


def _design(config: Config, samples: TrainingSamples) -> Hashable:
    """Return all that a compiled network depends on."""
    layouts = [StepLayout.of(windows) for windows in (samples.windows, samples.validation) if windows]
    train = config.train.model_copy(update=_OF_A_TRAINING)
    return (config.model, config.window, train, samples.encoding.layout, *layouts)
