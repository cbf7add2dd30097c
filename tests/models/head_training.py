"""Small networks with a head, and their training."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras
import numpy as np

from stockrnn.config import Config, parse_config
from stockrnn.models.architectures import build_network
from stockrnn.models.runtime import seed_keras
from stockrnn.models.training import TrainingOutcome, TrainingState, train_network
from stockrnn.samples.encoding import Encoding, output_layout
from stockrnn.samples.samples import TrainingSamples
from stockrnn.samples.windows import Windows

LOOKBACK, WARM_UP, STRIDE, ROWS = 8, 3, 4, 120


def config_of(model: dict[str, Any] | None = None, **train: Any) -> Config:
    document = {
        "data": {"validation": 0.2},
        "window": {"lookback": LOOKBACK},
        "target": {"column": "close", "kind": "log_return", "beside": ["range"]},
        "model": {
            "shape": "many_to_many",
            "layers": 1,
            "units": 3,
            "dropout": 0.3,
            "skip": True,
            "head": "quantiles",
            **(model or {}),
        },
        "train": {
            "batch_size": 10,
            "optimizer": "adamw",
            "learning_rate": 0.02,
            "warm_up": WARM_UP,
            "stride": STRIDE,
            "epochs": 4,
            **train,
        },
    }
    return parse_config(document, "test")


def samples_of(config: Config, watched: bool = True, seed: int = 5) -> TrainingSamples:
    """Lay windows over rows whose scale follows what is read, the last ones for validation."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(ROWS, 2)).astype(np.float32)
    layout = output_layout(config)
    targets = random.normal(size=(ROWS, len(layout.targets))) * np.exp(0.5 * features[:, :1])
    windows = Windows(
        features,
        targets.astype(np.float32),
        np.arange(LOOKBACK - 1, 80),
        LOOKBACK,
        True,
        random.uniform(0.5, 1.5, ROWS).astype(np.float32),
        config.train.warm_up,
        config.train.stride,
    )
    encoding = Encoding((), (), layout, {})
    return TrainingSamples(windows, replace(windows, origins=np.arange(90, ROWS)) if watched else None, encoding)


def network_of(config: Config, seed: int = 3) -> keras.Model:
    seed_keras(seed)
    return build_network(config.model, config.window, 2, output_layout(config).width)


def fit(config: Config, network: Any = None, start: TrainingState | None = None, **more: Any) -> TrainingOutcome:
    samples = more.pop("samples", None) or samples_of(config)
    on_epoch = more.pop("on_epoch", lambda _: None)
    return train_network(network or network_of(config), samples, config.train, 3, on_epoch, start)
