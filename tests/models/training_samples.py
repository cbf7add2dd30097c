"""Small windows and networks for the tests of training."""

from __future__ import annotations

import keras
import numpy as np

from stockrnn.config import Config, parse_config
from stockrnn.models.architectures import build_network
from stockrnn.models.runtime import seed_keras
from stockrnn.samples.encoding import Encoding
from stockrnn.samples.outputs import OutputLayout
from stockrnn.samples.samples import TrainingSamples
from stockrnn.samples.windows import Windows, targets_ahead

LOOKBACK = 5
POINTS = Encoding((), (), OutputLayout(("open",), 1), {})


def walk_samples(windows: int = 24, validation: int = 0) -> TrainingSamples:
    """Lay windows over a random walk between 0 and 1, the last ones for validation."""
    walk = np.random.default_rng(5).normal(size=windows + validation + LOOKBACK).cumsum()
    walk = ((walk - walk.min()) / np.ptp(walk)).astype(np.float32)
    origins = np.arange(LOOKBACK - 1, LOOKBACK - 1 + windows + validation)

    def lay(which: slice) -> Windows:
        return Windows(walk[:, None], targets_ahead(walk, 1), origins[which], LOOKBACK)

    return TrainingSamples(lay(slice(windows)), lay(slice(windows, None)) if validation else None, POINTS)


def tiny_config(**train: object) -> Config:
    """Give a config of two small layers with dropout; `model` may be given too."""
    model = {"layers": 2, "units": 3, "dropout": 0.3, **train.pop("model", {})}  # type: ignore[dict-item]
    document = {"data": {"validation": 0.2}, "window": {"lookback": LOOKBACK}, "model": model}
    return parse_config({**document, "train": {"batch_size": 10, "learning_rate": 0.01, **train}}, "test")


def tiny_network(config: Config, seed: int = 3) -> keras.Sequential:
    seed_keras(seed)
    return build_network(config.model, config.window, 1, 1)
