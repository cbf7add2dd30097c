"""Networks built from the config out of plain Keras layers, so that a saved one opens without this package.

The four shapes, with `units` wide recurrent layers; h is the horizon (1 where the network goes on from its own forecasts):

    one_to_one     1 step in          -> layers -> last output                        -> h values
    many_to_one    lookback steps in  -> layers -> last output                        -> h values
    many_to_many   lookback steps in  -> layers -> every output                       -> h values at every step
    sequence       1 or lookback in   -> layers -> last output, h times -> one layer  -> 1 value at each of h steps
"""

from __future__ import annotations

from collections.abc import Iterator

import keras

from stockrnn.config_sections import ModelConfig, WindowConfig

_CELLS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "simple_rnn": keras.layers.SimpleRNN}


def build_network(model: ModelConfig, window: WindowConfig, features: int, outputs: int) -> keras.Model:
    """Build an untrained network.

    Args:
        model: Cell, shape, layers, units, dropout, directions.
        window: Sessions in a window, and the strategy.
        features: Values a session.
        outputs: Values that are forecast at once: the sessions ahead, or the width of the head's layout.

    Returns:
        A network from (windows, lookback, features) to (windows, outputs); with a target at every step to
        (windows, lookback, outputs); sequence to sequence to (windows, outputs, 1).
    """
    if model.skip or model.head != "point":
        return _network_with_head(model, window, features, outputs)
    layers = _feed_forward if model.cell == "feed_forward" else _recurrent
    decodes = window.strategy == "sequence_to_sequence"
    stack = [keras.layers.Input((window.lookback, features)), *layers(model, decodes)]
    if decodes:
        # The decoder gets what the encoder made of the window at each of its steps.
        stack += [keras.layers.RepeatVector(outputs), *_layer(model, sequences=True, directions=1)]
    return keras.Sequential([*stack, keras.layers.Dense(1 if decodes else outputs)])


def _network_with_head(model: ModelConfig, window: WindowConfig, features: int, outputs: int) -> keras.Model:
    """Build a network whose outputs start at zero, so that untrained it forecasts what is usual.

    With `model.skip` the newest session leads past the recurrent layers straight to the outputs: what is linear need not
    be learnt by them.
    """
    inputs = keras.layers.Input((window.lookback, features))
    layers = _feed_forward if model.cell == "feed_forward" else _recurrent
    seen = inputs
    for layer in layers(model, decodes=False):
        seen = layer(seen)
    if model.skip:
        newest = inputs
        if model.shape != "many_to_many":
            newest = keras.layers.Flatten()(keras.layers.Cropping1D((window.lookback - 1, 0))(inputs))
        seen = keras.layers.Concatenate()([seen, newest])
    start = "zeros" if model.head != "point" else "glorot_uniform"
    return keras.Model(inputs, keras.layers.Dense(outputs, kernel_initializer=start)(seen))


def _feed_forward(model: ModelConfig, decodes: bool) -> Iterator[keras.layers.Layer]:
    del decodes
    yield keras.layers.Flatten()
    for _ in range(model.layers):
        yield keras.layers.Dense(model.units, activation="relu")
        if model.dropout:
            yield keras.layers.Dropout(model.dropout)


def _recurrent(model: ModelConfig, decodes: bool) -> Iterator[keras.layers.Layer]:
    every_step = model.shape == "many_to_many" and not decodes
    for number in range(1, model.layers + 1):
        directions = 2 if model.bidirectional else 1
        yield from _layer(model, sequences=every_step or number < model.layers, directions=directions)


def _layer(model: ModelConfig, sequences: bool, directions: int) -> Iterator[keras.layers.Layer]:
    layer = _CELLS[model.cell](model.units, return_sequences=sequences)
    yield keras.layers.Bidirectional(layer) if directions == 2 else layer
    if model.dropout:
        yield keras.layers.Dropout(model.dropout)
