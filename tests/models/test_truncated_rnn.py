"""Truncated gradients against finite differences of a loss in NumPy whose carried states are frozen."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from stockrnn.models.engines import training_model

# Real networks are trained here.
pytestmark = pytest.mark.slow

L = keras.layers
LOOKBACK, FEATURES, UNITS = 7, 2, (3, 2)
WINDOWS = np.random.default_rng(4).normal(size=(2, LOOKBACK, FEATURES))
CELLS = {"lstm": L.LSTM, "gru": L.GRU, "simple_rnn": L.SimpleRNN}
Arrays = list[np.ndarray]
Step = Callable[..., Arrays]


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def lstm_step(x: np.ndarray, states: Arrays, weights: Arrays) -> Arrays:
    i, f, c, o = np.split(x @ weights[0] + states[0] @ weights[1] + weights[2], 4, axis=1)
    memory = sigmoid(f) * states[1] + sigmoid(i) * np.tanh(c)
    return [sigmoid(o) * np.tanh(memory), memory]


def gru_step(x: np.ndarray, states: Arrays, weights: Arrays) -> Arrays:
    z, r, h = np.split(x @ weights[0] + weights[2][0], 3, axis=1)
    rz, rr, rh = np.split(states[0] @ weights[1] + weights[2][1], 3, axis=1)
    gate = sigmoid(z + rz)
    return [gate * states[0] + (1 - gate) * np.tanh(h + sigmoid(r + rr) * rh)]


def simple_rnn_step(x: np.ndarray, states: Arrays, weights: Arrays) -> Arrays:
    return [np.tanh(x @ weights[0] + states[0] @ weights[1] + weights[2])]


STEPS: dict[str, Step] = {"lstm": lstm_step, "gru": gru_step, "simple_rnn": simple_rnn_step}


def weigh(y: Any) -> Any:
    """Weigh each output differently, the newest most."""
    return np.linspace(0.5, 2, int(np.prod(y.shape))).reshape(y.shape)


def numpy_states(cell: str, weights: Arrays, frozen: dict[int, list[Arrays]]) -> list[list[Arrays]]:
    """Run the stack in float64; before a step in `frozen`, its states are put in place of those that were reached.

    Returns:
        The states of every layer after every step.
    """
    states = [[np.zeros((len(WINDOWS), units))] * (2 if cell == "lstm" else 1) for units in UNITS]
    history = []
    for step in range(LOOKBACK):
        states = list(frozen.get(step, states))
        x = WINDOWS[:, step]
        for layer in range(len(UNITS)):
            states[layer] = STEPS[cell](x, states[layer], weights[3 * layer : 3 * layer + 3])
            x = states[layer][0]
        history.append(states)
    return history


def finite_differences(cell: str, weights: Arrays, every_step: bool, borders: list[int]) -> Arrays:
    """Differentiate the loss with the states before each border held at what they are."""
    reached = numpy_states(cell, weights, {})
    frozen = {border: reached[border - 1] for border in borders}

    def loss() -> float:
        outputs = [states[-1][0] for states in numpy_states(cell, weights, frozen)]
        y = np.stack(outputs, axis=1) if every_step else outputs[-1]
        return float(np.sum(weigh(y) * y**2))

    gradients = [np.zeros_like(array) for array in weights]
    for array, gradient in zip(weights, gradients, strict=True):
        for place in np.ndindex(array.shape):
            kept = array[place]
            array[place] = kept + 1e-5
            above = loss()
            array[place] = kept - 1e-5
            gradient[place] = (above - loss()) / 2e-5
            array[place] = kept
    return gradients


def network(cell: str, every_step: bool = False, rate: float = 0.0) -> tuple[keras.Sequential, Arrays]:
    first, last = (CELLS[cell](units, return_sequences=True) for units in UNITS)
    last.return_sequences = every_step
    plain = keras.Sequential([keras.Input((LOOKBACK, FEATURES)), first, L.Dropout(rate, seed=5), last])
    random = np.random.default_rng(9)
    weights = [random.normal(size=array.shape) for array in plain.get_weights()]
    plain.set_weights(weights)
    return plain, weights


def gradients_of(model: Any) -> Arrays:
    """Give the gradient with respect to the windows, then to the weights."""
    x = tf.constant(WINDOWS, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = model(x)
        loss = tf.reduce_sum(weigh(y).astype(np.float32) * y**2)
    return [array.numpy() for array in tape.gradient(loss, [x, *(w.value for w in model.trainable_variables)])]


def assert_close(found: Arrays, expected: Arrays, tolerance: float) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()


@pytest.mark.parametrize(
    ("truncate_steps", "borders"),
    [
        (3, [1, 4]),
        *(pytest.param(*rest, marks=pytest.mark.slow) for rest in ((1, [*range(1, 7)]), (4, [3]), (6, [1]), (0, []))),
    ],
)
@pytest.mark.parametrize(("cell", "every_step"), list(itertools.product(CELLS, (False, True))))
def test_the_gradient_is_that_of_the_loss_with_the_states_at_the_borders_held_fast(
    cell, every_step, truncate_steps, borders
):
    plain, weights = network(cell, every_step)
    found = gradients_of(training_model(plain, truncate_steps).model)[1:]
    expected = finite_differences(cell, weights, every_step, borders)
    assert_close(found, expected, 1e-4)
    if truncate_steps == 1 and not every_step:
        # A border that is not held fast would show.
        full = finite_differences(cell, weights, every_step, [])
        assert max(np.abs(a - b).max() for a, b in zip(expected, full, strict=True)) > 0.01


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "every_step"), list(itertools.product(CELLS, (False, True))))
def test_a_stretch_as_long_as_the_window_is_the_full_gradient(cell, every_step):
    plain, _ = network(cell, every_step)
    expected = gradients_of(plain)
    for truncate_steps in (LOOKBACK, LOOKBACK + 1, 0):
        assert_close(gradients_of(training_model(plain, truncate_steps).model), expected, 1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "every_step"), list(itertools.product(CELLS, (False, True))))
def test_truncation_leaves_the_outputs_alone(cell, every_step):
    plain, _ = network(cell, every_step)
    windows = WINDOWS.astype(np.float32)
    for truncate_steps in (1, 3):
        np.testing.assert_allclose(training_model(plain, truncate_steps).model(windows), plain(windows), atol=1e-6)


@pytest.mark.parametrize("truncate_steps", [3, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("cell", CELLS)
def test_a_forecast_after_the_last_session_has_no_gradient_before_the_newest_stretch(cell, truncate_steps):
    plain, _ = network(cell)
    gradient = gradients_of(training_model(plain, truncate_steps).model)[0]
    assert not gradient[:, :-truncate_steps].any()
    assert gradient[:, -truncate_steps:].all()


@pytest.mark.parametrize("cell", ["lstm", pytest.param("gru", marks=pytest.mark.slow), "simple_rnn"])
def test_dropout_between_truncated_layers_is_drawn_while_training_only(cell):
    plain, _ = network(cell, every_step=True, rate=0.5)
    truncated = training_model(plain, 3).model
    windows = WINDOWS.astype(np.float32)
    resting = truncated(windows, training=False).numpy()
    np.testing.assert_allclose(resting, plain(windows), atol=1e-6)
    first, second = (truncated(windows, training=True).numpy() for _ in range(2))
    assert np.abs(first - resting).max() > 1e-3
    assert np.abs(first - second).max() > 1e-3
    if cell != "lstm":  # the fused stack draws its own bits
        plain.layers[1].seed_generator.state.assign([1, 2])
        expected = plain(windows, training=True).numpy()
        plain.layers[1].seed_generator.state.assign([1, 2])
        np.testing.assert_allclose(truncated(windows, training=True), expected, atol=1e-6)


@pytest.mark.parametrize(("cell", "engine"), [("lstm", "fused"), ("gru", "keras"), ("simple_rnn", "keras")])
def test_the_truncated_model_trains_the_weights_of_the_plain_one(cell, engine):
    plain, _ = network(cell, rate=0.1)
    choice = training_model(plain, 3)
    assert choice.engine == engine
    assert [id(weight) for weight in choice.model.trainable_variables] == [id(w) for w in plain.trainable_variables]
    before = plain.get_weights()
    choice.model.compile(keras.optimizers.SGD(0.1), "mse")
    choice.model.fit(WINDOWS, np.ones((2, UNITS[-1])), verbose=0)
    for old, new, shared in zip(before, plain.get_weights(), choice.model.get_weights(), strict=True):
        np.testing.assert_array_equal(new, shared)
        assert np.abs(new - old).max() > 0


@pytest.mark.parametrize(
    "layer",
    [L.Bidirectional(L.LSTM(3)), L.Bidirectional(L.GRU(3)), L.GRU(3, go_backwards=True), L.SimpleRNN(3, stateful=True)],
    ids=lambda layer: type(layer).__name__,
)
def test_a_layer_that_does_not_run_forwards_from_nothing_cannot_be_truncated(layer):
    plain = keras.Sequential([keras.Input(batch_shape=(2, LOOKBACK, FEATURES)), layer])
    with pytest.raises(ValueError, match="cannot be truncated"):
        training_model(plain, 3)
