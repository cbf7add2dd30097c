"""The fused stack against the Keras layers that it stands for, which are the oracle throughout."""

from __future__ import annotations

import itertools
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from stockrnn.models.fused_lstm import StackedLSTM

# Real networks are trained here.
pytestmark = pytest.mark.slow

L = keras.layers
FEATURES = 3


def stack(units: tuple[int, ...], lookback: int, bidirectional: str = "", every_step: bool = False) -> list[Any]:
    """Build LSTM layers with random biases too, so that a wrong gate order shows in every weight."""
    keras.utils.set_random_seed(7)
    layers = []
    for place, width in enumerate(units):
        layer = L.LSTM(
            width,
            return_sequences=every_step or place < len(units) - 1,
            bias_initializer=keras.initializers.RandomNormal(stddev=0.5),
            unit_forget_bias=False,
        )
        layers.append(L.Bidirectional(layer, merge_mode=bidirectional) if bidirectional else layer)
    keras.Sequential([keras.Input((lookback, FEATURES)), *layers])
    return layers


def outputs_and_gradients(call: Any, layers: list[Any], windows: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Give a call's outputs and the gradients of a loss that weighs each output differently."""
    x = tf.constant(windows)
    weights = [weight.value for layer in layers for weight in layer.trainable_variables]
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = call(x)
        weighing = np.linspace(-1, 2, int(np.prod(y.shape)), dtype=windows.dtype).reshape(y.shape)
        loss = tf.reduce_sum(weighing * y + y**2)
    return y.numpy(), [gradient.numpy() for gradient in tape.gradient(loss, [x, *weights])]


def assert_exact(layers: list[Any], batch: int, lookback: int, chunks: int) -> None:
    windows = np.random.default_rng(batch).normal(size=(batch, lookback, FEATURES)).astype(np.float32)
    y, gradients = outputs_and_gradients(StackedLSTM(layers, chunks), layers, windows)
    expected_y, expected = outputs_and_gradients(keras.Sequential(layers), layers, windows)
    np.testing.assert_allclose(y, expected_y, rtol=0, atol=1e-6)
    if relative_error(gradients, expected) > 1e-5:
        assert_as_near_as_float32_can_be(layers, windows, gradients, expected)


def relative_error(found: list[np.ndarray], wanted: list[np.ndarray]) -> float:
    """Give the largest error of any weight's gradient, against the largest element of that gradient."""
    pairs = zip(found, wanted, strict=True)
    return max(float(np.abs(ours - theirs).max() / max(np.abs(theirs).max(), 1e-12)) for ours, theirs in pairs)


def assert_as_near_as_float32_can_be(layers: Any, windows: np.ndarray, gradients: Any, expected: Any) -> None:
    """Excuse what Keras in float32 misses itself: a gradient that is the small difference of large sums.

    One such case is known (four layers of one unit, 31 steps, batch 32): 1.4e-5 from Keras, which is 1.7e-5 from itself
    in float64. Where Keras is exact, nothing is excused.
    """
    configs = [{**layer.get_config(), "dtype": "float64", "name": f"{layer.name}_64"} for layer in layers]
    doubles = [type(layer).from_config(config) for layer, config in zip(layers, configs, strict=True)]
    network = keras.Sequential([keras.Input(windows.shape[1:], dtype="float64"), *doubles])
    network.set_weights([weights for layer in layers for weights in layer.get_weights()])
    _, truth = outputs_and_gradients(network, doubles, windows.astype(np.float64))
    keras_error = relative_error(expected, truth)
    assert keras_error > 1e-5, f"{relative_error(gradients, expected)} from Keras, which is exact to {keras_error}"
    assert relative_error(gradients, truth) <= 3 * keras_error


@pytest.mark.parametrize(
    ("units", "batch", "lookback", "chunks"),
    [((1,), 1, 1, 1), ((7,), 5, 2, 4), ((50, 50), 32, 60, 2), ((50, 7, 1, 32), 33, 13, 4), ((32, 1), 1, 3, 2)],
)
@pytest.mark.parametrize(
    ("bidirectional", "every_step"), [("", False), ("", True), ("concat", False), ("concat", True)]
)
def test_outputs_and_gradients_are_those_of_keras(units, batch, lookback, chunks, bidirectional, every_step):
    assert_exact(stack(units, lookback, bidirectional, every_step), batch, lookback, chunks)


@pytest.mark.parametrize("merge_mode", ["sum", "ave", "mul"])
@pytest.mark.parametrize("every_step", [False, True])
def test_both_directions_are_merged_as_keras_merges_them(merge_mode, every_step):
    assert_exact(stack((4, 6), 7, merge_mode, every_step), batch=3, lookback=7, chunks=3)


@pytest.mark.slow
@pytest.mark.parametrize(("units", "depth"), list(itertools.product((1, 7, 50), (1, 2, 4))))
@pytest.mark.parametrize("bidirectional", ["", "concat"])
def test_outputs_and_gradients_are_those_of_keras_for_every_shape(units, depth, bidirectional):
    for lookback, every_step in itertools.product((1, 3, 60), (False, True)):
        layers = stack((units,) * depth, lookback, bidirectional, every_step)
        for batch, chunks in ((1, 1), (32, 2), (33, 4)):
            assert_exact(layers, batch, lookback, chunks)


def test_a_cell_state_far_above_three_is_not_clipped():
    """BlockLSTM clips the cell state at 3 unless told otherwise; open gates let it grow by one a step."""
    layers = stack((1,), lookback=40)
    layers[0].set_weights([np.zeros((FEATURES, 4)), np.zeros((1, 4)), np.full(4, 20.0)])
    layers[0].cell.bias.assign([20.0, 20.0, 20.0, 0.0])
    block = StackedLSTM(layers, chunks=2)(np.zeros((1, 40, FEATURES), np.float32))
    assert block.numpy().item() == pytest.approx(0.5, abs=1e-6)  # half-open output gate times tanh(40)
    layers[0].cell.recurrent_kernel.assign([[0.0, 0.0, 0.0, 0.0]])
    layers[0].cell.bias.assign(
        [20.0, 20.0, np.arctanh(0.1), 0.0]
    )  # the state reaches 4: 0.9993 shows it, clipped 0.9951
    slow = StackedLSTM(layers, chunks=2)(np.zeros((1, 40, FEATURES), np.float32))
    assert slow.numpy().item() == pytest.approx(0.5 * np.tanh(4.0), abs=1e-6)


def test_a_layer_without_bias_is_computed_without_bias():
    layer = L.LSTM(5, use_bias=False)
    keras.Sequential([keras.Input((6, FEATURES)), layer])
    assert_exact([layer], batch=2, lookback=6, chunks=2)


def test_a_lookback_that_is_not_known_beforehand_is_one_chunk():
    layers = stack((4, 3), lookback=5)
    windows = np.random.default_rng(0).normal(size=(2, 5, FEATURES)).astype(np.float32)
    signature = tf.TensorSpec((None, None, FEATURES), tf.float32)
    fused = tf.function(StackedLSTM(layers).__call__, input_signature=[signature])(windows)
    np.testing.assert_allclose(fused, keras.Sequential(layers)(windows), rtol=0, atol=1e-6)


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.999, 1.0])
def test_dropout_drops_the_named_share_while_training_only_and_keeps_the_mean(rate):
    below, dropout, above = L.LSTM(1, return_sequences=True), L.Dropout(rate, seed=1), L.LSTM(1, return_sequences=True)
    keras.Sequential([keras.Input((51, 1)), below, dropout, above])
    stacked = StackedLSTM([below, dropout, above], chunks=2)
    below.set_weights([np.zeros((1, 4)), np.zeros((1, 4)), np.array([20.0, -20.0, 20.0, 20.0])])  # always tanh(1)
    above.set_weights(
        [np.array([[0, 0, 1e-3, 0]]), np.zeros((1, 4)), np.array([20.0, -20.0, 0.0, 20.0])]
    )  # nearly linear
    windows = np.zeros((400, 51, 1), np.float32)
    resting = stacked(windows, training=False).numpy()
    np.testing.assert_allclose(resting, keras.Sequential([below, above])(windows), rtol=0, atol=1e-6)
    trained, again = (stacked(windows, training=True).numpy() for _ in range(2))
    share = float((np.abs(trained) < 1e-9).mean())
    assert share == pytest.approx(rate, abs=0.01)
    np.testing.assert_array_equal(share in (0.0, 1.0), np.array_equal(trained, again))
    if rate == 0.3:
        assert trained.mean() == pytest.approx(resting.mean(), rel=0.02)
        assert np.corrcoef(trained[:, 1:].ravel(), trained[:, :-1].ravel())[0, 1] == pytest.approx(0, abs=0.03)
