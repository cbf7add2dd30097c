from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from stockrnn.arrays import Positions
from stockrnn.config import Config
from stockrnn.models.saving import load_state, save_state
from stockrnn.models.steps import Steps, training_steps
from stockrnn.models.training import TrainingOutcome, TrainingState, train_network
from tests.models.training_samples import tiny_config, tiny_network, walk_samples

# Real networks are trained here.
pytestmark = pytest.mark.slow

SLOW = pytest.mark.slow


def fit(config: Config, network: Any = None, start: TrainingState | None = None, **more: Any) -> TrainingOutcome:
    network = network or tiny_network(config)
    samples, seed = more.pop("samples", walk_samples()), more.pop("seed", 3)
    return train_network(network, samples, config.train, seed, more.pop("on_epoch", lambda _: None), start)


def assert_same(first: list[np.ndarray], second: list[np.ndarray], tolerance: float = 0.0) -> None:
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance)


def assert_differ(first: list[np.ndarray], second: list[np.ndarray]) -> None:
    assert max(np.abs(one - other).max() for one, other in zip(first, second, strict=True)) > 1e-5


def test_an_epoch_is_a_step_a_batch() -> None:
    steps = fit(tiny_config(epochs=2), samples=walk_samples(windows=173)).state.optimizer[0]
    assert steps == 2 * 18


@SLOW
@pytest.mark.parametrize("loss", ["mean_squared_error", "huber"])
def test_an_epoch_is_every_window_once_and_nothing_more(loss: str) -> None:
    samples = walk_samples(windows=173, validation=21)
    config = tiny_config(epochs=5, learning_rate=0.001, model={"dropout": 0.0}, loss=loss)
    outcome = fit(config, samples=samples)
    # Keras itself, fed the same windows in the same order.
    oracle = tiny_network(config)
    oracle.compile(optimizer=keras.optimizers.Adam(config.train.learning_rate), loss=loss)
    for epoch, losses in enumerate(outcome.history):
        order = tf.random.experimental.stateless_shuffle(np.arange(173), seed=[3, epoch]).numpy()
        assert sorted(order) == list(range(173))
        sums = []
        for start in range(0, 173, 10):
            batch = order[start : start + 10]
            oracle.reset_metrics()
            mean = oracle.train_on_batch(samples.windows.inputs(batch), samples.windows.targets(batch))
            sums.append(float(mean) * len(batch))
        assert losses["loss"] == pytest.approx(sum(sums) / 173, rel=5e-5)
        held_out = oracle.evaluate(samples.validation.inputs(), samples.validation.targets(), batch_size=10, verbose=0)
        assert losses["val_loss"] == pytest.approx(held_out, rel=5e-5)
    assert_same(outcome.state.weights, oracle.get_weights(), 1e-4)


@pytest.mark.parametrize(
    ("cell", "optimizer"),
    [
        pytest.param(cell, optimizer, marks=() if (cell, optimizer) == ("lstm", "adam") else SLOW)
        for cell, optimizer in itertools.product(("lstm", "gru"), ("adam", "rmsprop", "sgd", "adamw"))
    ],
)
def test_two_epochs_saved_and_gone_on_with_are_four_epochs(tmp_path: Path, cell: str, optimizer: str) -> None:
    config = tiny_config(epochs=4, optimizer=optimizer, model={"cell": cell})
    whole = fit(config)
    half = fit(tiny_config(epochs=2, optimizer=optimizer, model={"cell": cell}))
    save_state(tmp_path / "state.npz", half.state)
    network = tiny_network(config, seed=99)  # what it begins with does not matter
    rest = fit(config, network, load_state(tmp_path / "state.npz"))
    assert_same(rest.state.weights, whole.state.weights, 1e-6)
    assert_same(rest.state.optimizer, whole.state.optimizer, 1e-6)
    assert_same(network.get_weights(), rest.state.weights)
    assert [epoch["loss"] for epoch in rest.history] == pytest.approx([epoch["loss"] for epoch in whole.history])
    assert_differ(half.state.weights, whole.state.weights)


@SLOW
def test_the_order_and_the_dropout_follow_from_the_seed_whatever_was_drawn_before() -> None:
    config = tiny_config(epochs=1)
    weights = []
    for seed in (3, 3, 4):
        network = tiny_network(config)
        keras.utils.set_random_seed(len(weights))
        network.layers[1](np.ones((2, 5, 3)), training=True)  # draws from its generator
        weights.append(fit(config, network, seed=seed).state.weights)
    assert_same(weights[0], weights[1])
    assert_differ(weights[0], weights[2])


def coarse(**train: Any) -> Config:
    """Steps so coarse that the validation loss soon rises."""
    return tiny_config(epochs=40, learning_rate=0.3, early_stopping=3, **train)


@SLOW
def test_early_stopping_keeps_the_best_weights_and_waits_no_longer_than_its_patience(tmp_path: Path) -> None:
    config, samples = coarse(), walk_samples(validation=8)
    network = tiny_network(config)
    seen: list[TrainingState] = []
    outcome = fit(config, network, samples=samples, on_epoch=seen.append)
    losses = [epoch["val_loss"] for epoch in outcome.history]
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 3 < 40
    assert_same(network.get_weights(), seen[best].weights)
    network.compile(loss="mse")
    held_out = network.evaluate(samples.validation.inputs(), samples.validation.targets(), verbose=0)
    assert held_out == pytest.approx(losses[best], rel=1e-4)
    # The patience that was used up before an interruption is not given again.
    save_state(tmp_path / "state.npz", seen[best + 1])
    again = tiny_network(config, seed=99)
    rest = fit(config, again, load_state(tmp_path / "state.npz"), samples=samples)
    assert [epoch["val_loss"] for epoch in rest.history] == pytest.approx(losses)
    assert_same(again.get_weights(), network.get_weights(), 1e-6)
    # A finished training has nothing left to do.
    finished = tiny_network(config, seed=98)
    assert fit(config, finished, outcome.state, samples=samples).history == outcome.history
    assert_same(finished.get_weights(), network.get_weights())


def test_an_interruption_after_an_epoch_keeps_that_epoch() -> None:
    config = tiny_config(epochs=9)

    def interrupt(state: TrainingState) -> None:
        if len(state.history) == 2:
            raise KeyboardInterrupt

    network = tiny_network(config)
    outcome = fit(config, network, on_epoch=interrupt)
    assert outcome.interrupted
    assert len(outcome.history) == 2
    expected = fit(tiny_config(epochs=2))
    assert not expected.interrupted
    assert_same(network.get_weights(), expected.state.weights)


def interrupt_in_epoch(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Interrupt after two of the three batches of an epoch, counted from 1, when the weights have moved already."""

    def interrupted_steps(*arguments: Any) -> Steps:
        steps, whole_batches = training_steps(*arguments), itertools.count(1)

        def interrupted(origins: Positions, *rows: Any) -> Any:
            losses = steps(origins, *rows)
            if len(losses) == 2 and next(whole_batches) == number:
                raise KeyboardInterrupt
            return losses

        return interrupted

    monkeypatch.setattr("stockrnn.models.trainable.training_steps", interrupted_steps)


def test_an_interruption_within_an_epoch_keeps_the_epoch_before(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = fit(tiny_config(epochs=2))
    interrupt_in_epoch(monkeypatch, 3)
    config = tiny_config(epochs=9)
    network = tiny_network(config)
    outcome = fit(config, network)
    assert outcome.interrupted
    assert outcome.history == expected.history
    assert_same(network.get_weights(), expected.state.weights)
    assert_same(outcome.state.optimizer, expected.state.optimizer)


def test_an_interruption_before_the_first_epoch_is_finished_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_in_epoch(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        fit(tiny_config(epochs=2))


def first_gradients(**train: Any) -> list[np.ndarray]:
    """Read the gradient of the first step out of Adam: its first momentum is a tenth of it."""
    config = tiny_config(epochs=1, batch_size=100, model={"dropout": 0.0, "cell": "lstm"}, **train)
    network = tiny_network(config)
    state = fit(config, network).state
    moments = state.optimizer[-2 * len(state.weights) :]
    shapes = [weight.shape for weight in state.weights]
    alternating = [array.shape for array in moments[::2]] == shapes
    return [array / 0.1 for array in (moments[::2] if alternating else moments[: len(shapes)])]


def norm(gradients: list[np.ndarray]) -> float:
    return float(np.sqrt(sum(np.sum(np.square(gradient)) for gradient in gradients)))


def test_clipping_reaches_the_optimiser_and_bounds_the_gradient() -> None:
    free = first_gradients()
    bound = norm(free) / 3
    by_norm = first_gradients(clip_norm=bound)
    # All weights together are shortened to the bound, in the same direction.
    assert norm(by_norm) == pytest.approx(bound, rel=1e-4)
    assert_same(by_norm, [gradient / 3 for gradient in free], 1e-5 * norm(free))
    value = max(np.abs(gradient).max() for gradient in free) / 3
    by_value = first_gradients(clip_value=value)
    assert_same(by_value, [np.clip(gradient, -value, value) for gradient in free], 1e-5 * norm(free))


@SLOW
@pytest.mark.parametrize("optimizer", ["adamw", "rmsprop", "sgd"])
@pytest.mark.parametrize("clip", ["clip_norm", "clip_value"])
def test_clipping_reaches_the_other_optimisers(optimizer: str, clip: str) -> None:
    config = tiny_config(epochs=1, optimizer=optimizer, **{clip: 1e-12})
    network = tiny_network(config)
    before = network.get_weights()
    after = fit(config, network).state.weights
    decay = 0.004 * 0.01 * 3 * 3  # AdamW also shrinks the weights
    bound = 1e-4 if optimizer == "sgd" else 0.05
    assert max(np.abs(a - b).max() for a, b in zip(after, before, strict=True)) < bound + decay


def test_truncation_and_its_engine_are_those_of_the_config() -> None:
    full, truncated = first_gradients(), first_gradients(truncate_steps=2)
    assert_differ(full, truncated)
    # The head sees only the newest output, which truncation leaves alone.
    assert_same(full[-2:], truncated[-2:], 1e-6)
    outcome = fit(tiny_config(epochs=1, truncate_steps=2))
    assert outcome.engine == "fused"


@SLOW
@pytest.mark.parametrize("cell", ["gru", "simple_rnn"])
def test_other_cells_are_truncated_by_keras(cell: str) -> None:
    outcomes = [fit(tiny_config(epochs=2, truncate_steps=steps, model={"cell": cell})) for steps in (0, 2)]
    assert [outcome.engine for outcome in outcomes] == ["keras", "keras"]
    assert_differ(outcomes[0].state.weights, outcomes[1].state.weights)
