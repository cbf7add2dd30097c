"""The training model through `fit`: same losses as plain Keras, same weights, same file."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from stockrnn.models.engines import training_model
from stockrnn.models.fused_lstm import StackedLSTM

# Real networks are trained here.
pytestmark = pytest.mark.slow

L = keras.layers
LOOKBACK, FEATURES, WINDOWS, BATCH = 5, 2, 44, 16


def tutorial_network(rate: float = 0.0, units: int = 8, bidirectional: bool = False, every_step: bool = False) -> Any:
    keras.utils.set_random_seed(3)
    layers = []
    for place in range(2):
        layer = L.LSTM(units + place, return_sequences=every_step or place < 1)
        layers += [L.Bidirectional(layer) if bidirectional else layer, L.Dropout(rate)]
    return keras.Sequential([keras.Input((LOOKBACK, FEATURES)), *layers, L.Dense(1)])


def random_walk(every_step: bool = False) -> tuple[np.ndarray, np.ndarray]:
    walk = np.random.default_rng(5).normal(size=(WINDOWS + LOOKBACK, FEATURES)).cumsum(axis=0).astype(np.float32) / 5
    windows = np.stack([walk[start : start + LOOKBACK] for start in range(WINDOWS)])
    targets = np.stack([walk[start + 1 : start + 1 + LOOKBACK, :1] for start in range(WINDOWS)])
    return windows, targets if every_step else targets[:, -1]


def fit(
    model: Any,
    data: tuple[np.ndarray, np.ndarray],
    epochs: int = 5,
    clip: dict[str, float] | None = None,
    **compiling: Any,
) -> dict[str, list[float]]:
    """Train with a last batch that is smaller than the others, and validate."""
    keras.utils.set_random_seed(11)
    model.compile(keras.optimizers.Adam(0.01, **clip or {}), "mse", **compiling)
    history = model.fit(*data, batch_size=BATCH, epochs=epochs, validation_split=0.1, verbose=0)
    return history.history


@pytest.mark.parametrize(
    ("shape", "compiling"),
    [
        ({}, {}),
        pytest.param({"bidirectional": True, "every_step": True}, {"clip": {"clipnorm": 0.1}}, marks=pytest.mark.slow),
        pytest.param({"bidirectional": True}, {}, marks=pytest.mark.slow),
        pytest.param({"every_step": True}, {}, marks=pytest.mark.slow),
        pytest.param({}, {"clip": {"clipvalue": 0.01}}, marks=pytest.mark.slow),
        pytest.param({}, {"steps_per_execution": 2}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_five_epochs_lose_what_plain_keras_loses(shape, compiling):
    data = random_walk(shape.get("every_step", False))
    plain, twin = tutorial_network(**shape), tutorial_network(**shape)
    fused = training_model(twin)
    assert (fused.engine, fused.reason) == ("fused", "")
    by_step = {key: value for key, value in compiling.items() if key != "steps_per_execution"}
    expected = fit(plain, data, run_eagerly=True, **by_step)  # Keras needs ten times as long to trace its loops
    found = fit(fused.model, data, **compiling)
    assert expected["loss"][-1] < expected["loss"][0]
    np.testing.assert_allclose(found["loss"], expected["loss"], rtol=1e-5)
    np.testing.assert_allclose(found["val_loss"], expected["val_loss"], rtol=1e-5)
    assert [weight.path for weight in fused.model.trainable_variables] == [w.path for w in twin.trainable_variables]


@pytest.mark.slow
def test_two_runs_with_the_same_seed_and_dropout_end_at_the_same_bits():
    networks = [tutorial_network(rate=0.3) for _ in range(2)]
    for network in networks:
        fit(training_model(network).model, random_walk(), epochs=2)
    for first, second in zip(networks[0].get_weights(), networks[1].get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.slow
def test_callbacks_restore_the_best_weights_of_the_plain_model():
    network = tutorial_network(rate=0.1)
    fused = training_model(network).model
    fused.compile(keras.optimizers.Adam(0.5), "mse")  # so coarse that it soon gets worse
    windows, targets = random_walk()
    stopping = keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)
    history = fused.fit(windows, targets, epochs=12, validation_split=0.2, callbacks=[stopping], verbose=0)
    network.compile(loss="mse")
    held_out = network.evaluate(windows[-9:], targets[-9:], verbose=0)
    assert held_out == pytest.approx(min(history.history["val_loss"]), rel=1e-4)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras 3.15 saves so on NumPy 2.4
@pytest.mark.slow
def test_the_plain_model_saved_after_fused_training_opens_elsewhere_without_this_package(tmp_path):
    network = tutorial_network(rate=0.2)
    windows, targets = random_walk()
    fused = training_model(network).model
    fit(fused, (windows, targets), epochs=1)
    network.save(tmp_path / "x.keras")
    np.save(tmp_path / "windows.npy", windows)
    script = (
        "import sys, keras, numpy; model = keras.models.load_model('x.keras');"
        "numpy.save('forecast.npy', model.predict(numpy.load('windows.npy'), verbose=0));"
        "assert 'stockrnn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    forecast = np.load(tmp_path / "forecast.npy")
    np.testing.assert_array_equal(forecast, network.predict(windows, verbose=0))
    np.testing.assert_allclose(forecast, fused.predict(windows, verbose=0), rtol=0, atol=1e-6)


def test_a_run_of_recurrent_layers_is_one_fused_layer_and_the_others_stay():
    network = keras.Sequential(
        [
            keras.Input((LOOKBACK, FEATURES)),
            L.Dropout(0.1),
            L.LSTM(4, return_sequences=True),
            L.Dropout(0.1),
            L.LSTM(3),
            L.Dropout(0.1),
            L.RepeatVector(5),
            L.LSTM(3, return_sequences=True),
            L.TimeDistributed(L.Dense(1)),
        ]
    )
    fused = training_model(network).model
    kinds = [type(layer).__name__ for layer in fused.layers]
    assert kinds == ["Dropout", "StackedLSTM", "Dropout", "RepeatVector", "StackedLSTM", "TimeDistributed"]
    windows, _ = random_walk()
    np.testing.assert_allclose(fused(windows), network(windows), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ([L.GRU(3)], "is a GRU"),
        ([L.SimpleRNN(3)], "is a SimpleRNN"),
        ([L.LSTM(3, return_sequences=True), L.GRU(3)], "is a GRU"),
        ([L.Bidirectional(L.GRU(3))], "is a GRU"),
        ([L.Bidirectional(L.LSTM(3, go_backwards=True), backward_layer=L.LSTM(3))], "in another way"),
        ([L.LSTM(3, recurrent_dropout=0.1)], "recurrent_dropout"),
        ([L.LSTM(3, dropout=0.1)], "its own dropout"),
        ([L.LSTM(3, activation="relu")], "activation"),
        ([L.LSTM(3, recurrent_activation="hard_sigmoid")], "recurrent_activation"),
        ([L.LSTM(3, go_backwards=True)], "go_backwards"),
        ([L.LSTM(3, unroll=True)], "unroll"),
        ([L.LSTM(3, activity_regularizer="l2")], "activity_regularizer"),
        ([L.LSTM(3, dtype="float64")], "dtype_policy"),
        ([L.Masking(), L.LSTM(3)], "masks"),
        ([L.LSTM(3, return_sequences=True), L.Dropout(0.5, noise_shape=(None, 1, 3)), L.LSTM(3)], "noise_shape"),
        ([L.Flatten()], "no LSTM"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_fused_is_left_to_keras_with_the_reason(layers, reason):
    network = keras.Sequential([keras.Input((LOOKBACK, FEATURES)), *layers, L.Dense(1)])
    choice = training_model(network)
    assert choice.model is network
    assert choice.engine == "keras"
    assert reason in choice.reason


def test_a_stateful_layer_is_left_to_keras():
    network = keras.Sequential([keras.Input(batch_shape=(2, 4, 1)), L.LSTM(3, stateful=True)])
    assert "stateful" in training_model(network).reason


def test_an_accelerator_is_left_to_keras(monkeypatch):
    devices = [tf.config.PhysicalDevice("/physical_device:CPU:0", "CPU"), tf.config.PhysicalDevice("/gpu", "GPU")]
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda *_: devices)
    choice = training_model(tutorial_network())
    assert choice.engine == "keras"
    assert "GPU" in choice.reason


def test_frozen_layers_stay_frozen_and_penalties_stay_in_the_loss():
    network = tutorial_network()
    network.layers[0].trainable = False
    network.layers[2].cell.kernel.regularizer = keras.regularizers.L2(0.1)
    frozen = [weight.copy() for weight in network.layers[0].get_weights()]
    fused = training_model(network).model
    assert float(fused.losses[0]) == pytest.approx(float(network.losses[0]))
    fit(fused, random_walk(), epochs=1)
    for before, after in zip(frozen, network.layers[0].get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_asking_for_xla_trains_without_it():
    with pytest.warns(UserWarning, match="jit"):
        losses = fit(training_model(tutorial_network()).model, random_walk(), epochs=1, jit_compile=True)
    assert np.isfinite(losses["loss"]).all()
    assert any(isinstance(layer, StackedLSTM) for layer in training_model(tutorial_network()).model.layers)
