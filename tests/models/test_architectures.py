from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from stockrnn.config import Config, parse_config
from stockrnn.forecasts.numpy_network import load_numpy_layers, load_numpy_network
from stockrnn.models.architectures import build_network
from stockrnn.models.engines import training_model
from stockrnn.models.runtime import seed_keras
from stockrnn.samples.encoding import output_layout

# Keras is the oracle, and takes its time to start.
pytestmark = pytest.mark.slow

FEATURES, LOOKBACK = 3, 6


def config_of(**model: Any) -> Config:
    document = {
        "window": {"lookback": LOOKBACK, "strategy": "direct", "horizon": 2},
        "target": {"column": "close", "kind": "log_return", "beside": ["range"]},
        "model": {"layers": 2, "units": 4, "dropout": 0.3, "head": "quantiles", **model},
    }
    return parse_config(document, "test")


def network_of(config: Config, random: bool = True) -> keras.Model:
    seed_keras(3)
    network = build_network(config.model, config.window, FEATURES, output_layout(config).width)
    if random:
        draws = np.random.default_rng(2)
        network.set_weights([draws.normal(scale=0.4, size=array.shape) for array in network.get_weights()])
    return network


def windows(count: int = 7) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(count, LOOKBACK, FEATURES)).astype(np.float32)


SHAPES = ("many_to_one", "many_to_many")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("skip", [False, True])
def test_outputs_of_an_untrained_head_are_zero_whatever_it_reads(shape: str, skip: bool) -> None:
    outputs = network_of(config_of(shape=shape, skip=skip), random=False)(windows())
    assert outputs.shape == ((7, 6) if shape == "many_to_one" else (7, LOOKBACK, 6))
    np.testing.assert_array_equal(outputs, 0)


def test_a_point_behind_a_skip_does_not_start_at_zero() -> None:
    outputs = network_of(config_of(skip=True, head="point"), random=False)(windows())
    assert outputs.shape == (7, 4)
    assert np.abs(outputs).max() > 0.01


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn"])
def test_the_newest_session_leads_straight_to_the_one_output(cell: str) -> None:
    network = network_of(config_of(cell=cell, skip=True))
    kernel, bias = network.layers[-1].get_weights()
    assert kernel.shape == (4 + FEATURES, 6)
    kernel[:4] = 0  # deaf to the recurrent layers
    network.layers[-1].set_weights([kernel, bias])
    np.testing.assert_allclose(network(windows()), windows()[:, -1] @ kernel[4:] + bias, rtol=1e-5, atol=1e-6)


def test_each_session_leads_straight_to_its_own_output_when_every_step_has_one() -> None:
    network = network_of(config_of(shape="many_to_many", skip=True))
    kernel, bias = network.layers[-1].get_weights()
    kernel[:4] = 0
    network.layers[-1].set_weights([kernel, bias])
    np.testing.assert_allclose(network(windows()), windows() @ kernel[4:] + bias, rtol=1e-5, atol=1e-6)


def test_no_output_of_a_step_reads_a_later_session() -> None:
    network, inputs = network_of(config_of(shape="many_to_many", skip=True)), windows()
    changed = inputs.copy()
    changed[:, 4:] += 1
    before, after = np.asarray(network(inputs)), np.asarray(network(changed))
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert np.abs(before[:, 4:] - after[:, 4:]).min() > 1e-6


def test_without_a_skip_the_head_reads_the_recurrent_layers_alone() -> None:
    assert network_of(config_of()).layers[-1].get_weights()[0].shape == (4, 6)


def test_a_feed_forward_network_may_have_a_head() -> None:
    network = network_of(config_of(cell="feed_forward"), random=False)
    np.testing.assert_array_equal(network(windows()), np.zeros((7, 6)))
    fast = training_model(network)
    assert (fast.model is network, fast.engine) == (True, "keras")


HEADED = [
    {"shape": "many_to_one"},
    {"shape": "many_to_one", "skip": True},
    {"shape": "many_to_many"},
    {"shape": "many_to_many", "skip": True},
    {"shape": "many_to_one", "skip": True, "bidirectional": True},
    {"shape": "many_to_one", "skip": True, "head": "point"},
]


@pytest.mark.parametrize("model", HEADED, ids=str)
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_training_model_gives_the_outputs_and_gradients_of_the_plain_one(cell: str, model: dict[str, Any]) -> None:
    import tensorflow as tf

    network = network_of(config_of(cell=cell, dropout=0.0, **model))
    fast = training_model(network)
    assert fast.engine == ("fused" if cell == "lstm" else "keras")
    assert ("GRU" in fast.reason) == (cell == "gru")
    assert {id(each) for each in fast.model.trainable_variables} == {id(each) for each in network.trainable_variables}
    inputs, gradients = tf.constant(windows()), []
    np.testing.assert_allclose(fast.model(inputs), network(inputs), rtol=0, atol=1e-5)
    for each in (network, fast.model):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sin(each(inputs, training=True)))
        gradients.append(tape.gradient(loss, [variable.value for variable in network.trainable_variables]))
    for plain, fused in zip(*gradients, strict=True):
        assert np.abs(plain).max() > 1e-6
        np.testing.assert_allclose(fused, plain, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_truncated_gradient_stops_below_a_head_too(cell: str) -> None:
    import tensorflow as tf

    network = network_of(config_of(cell=cell, dropout=0.0, skip=True))
    inputs = tf.Variable(windows())
    for steps, reaches in ((2, False), (0, True)):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sin(training_model(network, steps).model(inputs)))
        oldest = tape.gradient(loss, inputs)[:, : LOOKBACK - 2]
        assert bool(np.abs(oldest).max() > 1e-9) == reaches


@pytest.mark.parametrize("rate", [0.0, 0.5])
def test_a_head_hears_dropout_in_training_only(rate: float) -> None:
    network = network_of(config_of(dropout=rate))
    fast = training_model(network).model
    np.testing.assert_allclose(fast(windows(), training=False), network(windows()), rtol=0, atol=1e-5)
    moved = float(np.abs(np.asarray(fast(windows(), training=True)) - np.asarray(network(windows()))).max())
    assert (moved > 1e-3) == (rate > 0)


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn", "feed_forward"])
@pytest.mark.parametrize("model", HEADED, ids=str)
def test_numpy_forecasts_what_keras_does(tmp_path: Path, cell: str, model: dict[str, Any]) -> None:
    if cell == "feed_forward":
        # It has neither steps, nor directions, nor a way past them.
        model = {key: value for key, value in model.items() if key == "head"}
    network = network_of(config_of(cell=cell, **model))
    network.save(tmp_path / "x.keras")
    found = load_numpy_network(tmp_path / "x.keras")(windows())
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, network(windows()), rtol=0, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_layers_under_a_head_are_those_of_its_stack(tmp_path: Path, shape: str) -> None:
    network_of(config_of(shape=shape, skip=True)).save(tmp_path / "x.keras")
    kinds = [kind for kind, _ in load_numpy_layers(tmp_path / "x.keras")]
    assert kinds == ["LSTM", "Dropout", "LSTM", "Dropout"]


def test_a_network_with_a_head_opens_with_plain_keras_in_safe_mode(tmp_path: Path) -> None:
    network = network_of(config_of(shape="many_to_many", skip=True))
    network.save(tmp_path / "x.keras")
    again = keras.saving.load_model(tmp_path / "x.keras", compile=False, safe_mode=True)
    np.testing.assert_array_equal(again(windows()), network(windows()))
