"""A network that is trained again and again gives what a new one gives, bit for bit, and is compiled once."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

from stockrnn.config import Config, parse_config
from stockrnn.models import kept_networks
from stockrnn.models.architectures import build_network
from stockrnn.models.kept_networks import KeptNetworks, new_network
from stockrnn.models.runtime import seed_keras
from stockrnn.models.saving import predict_windows
from stockrnn.models.trainable import TrainableNetwork
from stockrnn.models.training import train_network
from stockrnn.samples.encoding import Encoding, output_layout
from stockrnn.samples.samples import TrainingSamples
from stockrnn.samples.windows import Windows, targets_ahead

LOOKBACK = 6

POINTS: dict[str, Any] = {"layers": 2, "units": 3, "dropout": 0.3}
HEAD: dict[str, Any] = {"shape": "many_to_many", "layers": 1, "units": 3, "dropout": 0.3, "skip": True}
DESIGNS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "two layers of LSTM": (POINTS, {}),
    "GRU with RMSprop": ({**POINTS, "cell": "gru"}, {"optimizer": "rmsprop", "clip_norm": 1.0}),
    "both directions": ({**POINTS, "bidirectional": True, "layers": 1}, {}),
    "feed forward with SGD": ({**POINTS, "cell": "feed_forward"}, {"optimizer": "sgd", "clip_value": 0.1}),
    "early stopping": (POINTS, {"early_stopping": 1, "learning_rate": 0.1}),
    "truncated": (POINTS, {"truncate_steps": 2}),
    "cosine": (POINTS, {"schedule": "cosine"}),
    "quantiles": ({**HEAD, "head": "quantiles"}, {"optimizer": "adamw", "schedule": "cosine", "weight_decay": 0.1}),
    "Student-t": ({**HEAD, "head": "student_t"}, {"warm_up": 2, "stride": 2, "early_stopping": 2}),
}


def config_of(design: str, **train: Any) -> Config:
    model, more = DESIGNS[design]
    head = model.get("head")
    target = {"column": "close", "kind": "log_return", "beside": ["range"]} if head else {}
    document = {"data": {"validation": 0.2}, "window": {"lookback": LOOKBACK}, "target": target, "model": model}
    return parse_config({**document, "train": {"batch_size": 10, "epochs": 3, **more, **train}}, "test")


def samples_of(config: Config, windows: int, seed: int) -> TrainingSamples:
    """Lay windows over random rows, and ten more to be watched."""
    generator, layout = np.random.default_rng(seed), output_layout(config)
    rows = LOOKBACK + windows + 12
    features = generator.normal(size=(rows, 1)).astype(np.float32)
    targets = generator.normal(size=(rows, layout.horizon * len(layout.targets))).astype(np.float32)
    if not config.targets_every_step:
        targets = np.ascontiguousarray(targets_ahead(targets[:, 0], 1))
    origins = np.arange(LOOKBACK - 1, LOOKBACK - 1 + windows)
    step = config.targets_every_step, None, config.train.warm_up, config.train.stride
    seen = Windows(features, targets, origins, LOOKBACK, *step)
    watched = replace(seen, origins=np.arange(origins[-1] + 1, origins[-1] + 11))
    return TrainingSamples(seen, watched if config.train.early_stopping else None, Encoding(("close",), (), layout, {}))


def trained(network: keras.Model | TrainableNetwork, config: Config, samples: TrainingSamples) -> list[np.ndarray]:
    """Train, and return the losses, all that was learnt and what is forecast."""
    outcome = train_network(network, samples, config.train, config.train.seeds[0], lambda _: None)
    plain = network.network if isinstance(network, TrainableNetwork) else network
    losses = [np.array([list(epoch.values()) for epoch in outcome.history])]
    quantiles = [outcome.head.quantiles] if outcome.head else []
    forecasts = [predict_windows(plain, samples.windows.inputs())]
    return [*losses, *outcome.state.weights, *outcome.state.optimizer, *plain.get_weights(), *quantiles, *forecasts]


def assert_same(first: list[np.ndarray], second: list[np.ndarray]) -> None:
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
def test_a_kept_network_learns_what_a_new_one_learns_whatever_it_learnt_before(design: str) -> None:
    kept = KeptNetworks()
    tasks = [(config_of(design, epochs=2, seeds=[1]), 43), (config_of(design, seeds=[2], batch_size=7), 95)]
    tasks.append(tasks[0])
    laid = [samples_of(config, windows, seed) for seed, (config, windows) in enumerate(tasks)]
    pairs = list(zip([config for config, _ in tasks], laid, strict=True))
    found = [
        trained(kept.network(config, samples, config.train.seeds[0]), config, samples) for config, samples in pairs
    ]
    assert len(kept) == 1
    for again, (config, samples) in zip(found, pairs, strict=True):
        assert_same(again, trained(new_network(config, samples, config.train.seeds[0]), config, samples))


@pytest.mark.slow
def test_a_seed_draws_the_same_weights_whatever_another_thread_draws_meanwhile() -> None:
    config = config_of("two layers of LSTM")
    samples = samples_of(config, 20, 1)
    seed_keras(5)
    layout = samples.encoding.layout
    expected = build_network(config.model, config.window, samples.encoding.width, layout.width).get_weights()
    stopped = threading.Event()

    def draw() -> None:
        while not stopped.is_set():
            random.random()

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        drawn = [new_network(config, samples, 5).get_weights() for _ in range(5)]
    finally:
        stopped.set()
        thread.join()
    for weights in drawn:
        assert_same(weights, expected)


@pytest.mark.slow
def test_steps_are_compiled_once_for_any_number_of_windows() -> None:
    kept = KeptNetworks()
    for windows, batch_size in ((43, 10), (95, 7), (12, 64)):
        config = config_of("early stopping", batch_size=batch_size)
        samples = samples_of(config, windows, 1)
        network = kept.network(config, samples, 1)
        trained(network, config, samples)
    assert network.learn.experimental_get_tracing_count() == 1
    assert network.look.experimental_get_tracing_count() == 1


@pytest.mark.slow
def test_another_design_is_another_network_and_no_more_than_a_few_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_networks, "_MOST", 2)
    kept = KeptNetworks()
    counts, networks = [], []
    for design in ("two layers of LSTM", "cosine", "truncated", "two layers of LSTM"):
        config = config_of(design)
        networks.append(kept.network(config, samples_of(config, 20, 1), 1))
        counts.append(len(kept))
    assert counts == [1, 2, 1, 2]
    assert len({id(each) for each in networks}) == 4
