from __future__ import annotations

import keras
import numpy as np
import pytest

from stockrnn.errors import ConfigError
from stockrnn.forecasts.cell_trace import trace_layer
from stockrnn.forecasts.numpy_network import load_numpy_layers, load_numpy_network

LOOKBACK, FEATURES, UNITS = 7, 2, 5
CELLS = {"LSTM": keras.layers.LSTM, "GRU": keras.layers.GRU, "SimpleRNN": keras.layers.SimpleRNN}

each_cell = pytest.mark.parametrize("cell", CELLS)


@pytest.fixture
def window() -> np.ndarray:
    return np.random.default_rng(3).standard_normal((LOOKBACK, FEATURES)).astype(np.float32)


@pytest.fixture
def saved(tmp_path):
    """Return a function that saves a network with weights that are far from zero."""

    def save(*layers):
        network = keras.Sequential([keras.layers.Input((LOOKBACK, FEATURES)), *layers])
        random = np.random.default_rng(11)
        network.set_weights([0.7 * random.standard_normal(weight.shape) for weight in network.get_weights()])
        network.save(tmp_path / "model.keras")
        return network, tmp_path / "model.keras"

    return save


def two_layers(cell):
    return CELLS[cell](UNITS, return_sequences=True), CELLS[cell](UNITS, return_sequences=True)


def sigmoid(values):
    return 1 / (1 + np.exp(-values.astype(np.float64)))


@each_cell
def test_the_traced_states_are_the_outputs_of_keras(saved, window, cell):
    network, path = saved(*two_layers(cell))
    for number in (1, 2):
        upto = keras.Model(network.inputs[0], network.layers[number - 1].output)
        expected = np.asarray(upto(window[None]))[0]
        np.testing.assert_allclose(trace_layer(load_numpy_layers(path), window, number).output, expected, atol=1e-5)


def test_the_cell_state_of_an_lstm_is_what_is_kept_and_what_is_added(saved, window):
    _, path = saved(*two_layers("LSTM"))
    trace = trace_layer(load_numpy_layers(path), window, 2)
    gates, before = trace.gates, np.vstack([np.zeros((1, UNITS)), trace.memory[:-1]])
    np.testing.assert_allclose(trace.memory, gates["forget"] * before + gates["input"] * gates["candidate"], atol=1e-6)
    np.testing.assert_allclose(trace.output, gates["output"] * np.tanh(trace.memory), atol=1e-6)


def test_each_gate_of_an_lstm_is_its_own_layer_of_the_input_and_the_state_before(saved, window):
    network, path = saved(keras.layers.LSTM(UNITS))
    trace = trace_layer(load_numpy_layers(path), window, 1)
    kernel, recurrent, bias = (np.split(weight, 4, axis=-1) for weight in network.get_weights())
    before = np.vstack([np.zeros((1, UNITS)), trace.output[:-1]])
    # The order of the weights in Keras: input, forget, candidate, output.
    for place, (name, activate) in enumerate(
        {"input": sigmoid, "forget": sigmoid, "candidate": np.tanh, "output": sigmoid}.items()
    ):
        expected = activate(window @ kernel[place] + before @ recurrent[place] + bias[place])
        np.testing.assert_allclose(trace.gates[name], expected, atol=1e-5)


def test_the_state_of_a_gru_is_mixed_by_its_update_gate(saved, window):
    _, path = saved(keras.layers.GRU(UNITS))
    trace = trace_layer(load_numpy_layers(path), window, 1)
    before, keep = np.vstack([np.zeros((1, UNITS)), trace.output[:-1]]), trace.gates["update"]
    np.testing.assert_allclose(trace.output, keep * before + (1 - keep) * trace.gates["candidate"], atol=1e-6)
    assert trace.memory is None


@each_cell
def test_the_plain_cell_is_a_simple_rnn_with_the_weights_of_the_candidate(saved, window, cell):
    network, path = saved(CELLS[cell](UNITS))
    kernel, recurrent, bias = (np.split(w, {"LSTM": 4, "GRU": 3}.get(cell, 1), axis=-1) for w in network.get_weights())
    place = 0 if cell == "SimpleRNN" else 2
    plain = keras.Sequential(
        [keras.layers.Input((LOOKBACK, FEATURES)), keras.layers.SimpleRNN(UNITS, return_sequences=True)]
    )
    plain.set_weights([kernel[place], recurrent[place], bias[place].reshape(-1, UNITS).sum(axis=0)])
    trace = trace_layer(load_numpy_layers(path), window, 1)
    np.testing.assert_allclose(trace.plain, np.asarray(plain(window[None]))[0], atol=1e-5)
    if cell == "SimpleRNN":
        np.testing.assert_array_equal(trace.plain, trace.output)
        assert trace.gates == {}


def test_the_forward_direction_of_a_bidirectional_layer_is_shown(saved, window):
    network, path = saved(keras.layers.Bidirectional(keras.layers.LSTM(UNITS, return_sequences=True)))
    trace = trace_layer(load_numpy_layers(path), window, 1)
    assert trace.is_forward_direction
    np.testing.assert_allclose(trace.output, np.asarray(network(window[None]))[0][:, :UNITS], atol=1e-5)


@each_cell
def test_refactored_layers_still_forecast_what_keras_does(saved, window, cell):
    both = keras.layers.Bidirectional(CELLS[cell](UNITS, return_sequences=True))
    network, path = saved(both, keras.layers.Bidirectional(CELLS[cell](UNITS)), keras.layers.Dense(3))
    expected = np.asarray(network(window[None]))
    np.testing.assert_allclose(load_numpy_network(path)(window[None]), expected, atol=1e-5)


def test_a_layer_that_does_not_read_the_window_is_refused(saved, window):
    decoder = (keras.layers.RepeatVector(3), keras.layers.LSTM(UNITS, return_sequences=True))
    layers = load_numpy_layers(saved(keras.layers.LSTM(UNITS), *decoder)[1])
    assert trace_layer(layers, window, 1).layers == 1
    for number in (0, 2):
        with pytest.raises(ConfigError, match="layers 1 to 1; the decoder"):
            trace_layer(layers, window, number)


def test_a_feed_forward_network_has_no_gates(saved, window):
    layers = load_numpy_layers(saved(keras.layers.Flatten(), keras.layers.Dense(1))[1])
    with pytest.raises(ConfigError, match="no recurrent cell"):
        trace_layer(layers, window, 1)
