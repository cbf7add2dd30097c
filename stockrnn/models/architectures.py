"""Networks built from the config out of plain Keras layers, so that a saved one opens without this package."""

from __future__ import annotations

import keras

from stockrnn.config import ModelConfig

_CELLS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "simple_rnn": keras.layers.SimpleRNN}


def build_network(model: ModelConfig, lookback: int, features: int, outputs: int) -> keras.Sequential:
    """Build an untrained network.

    Args:
        model: Cell, layers, units and dropout.
        lookback: Sessions in a window.
        features: Values a session.
        outputs: Values forecast.

    Returns:
        A network from (windows, lookback, features) to (windows, outputs).
    """
    layers: list[keras.layers.Layer] = [keras.layers.Input((lookback, features))]
    if model.cell == "feed_forward":
        layers.append(keras.layers.Flatten())
    for number in range(1, model.layers + 1):
        if model.cell == "feed_forward":
            layers.append(keras.layers.Dense(model.units, activation="relu"))
        else:
            layers.append(_CELLS[model.cell](model.units, return_sequences=number < model.layers))
        if model.dropout:
            layers.append(keras.layers.Dropout(model.dropout))
    return keras.Sequential([*layers, keras.layers.Dense(outputs)])
