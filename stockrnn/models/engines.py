"""Choose what trains a plain Keras network: fused operations where they can, Keras itself where they cannot."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import keras
import tensorflow as tf

from stockrnn.models.fused_lstm import CHUNKS, MERGES, StackedLSTM, is_recurrent
from stockrnn.models.truncated_rnn import TruncatedRNN


@dataclass(frozen=True)
class TrainingModel:
    """The model to compile and fit in place of the plain one, whose weights it trains.

    Attributes:
        model: Shares every layer and weight with the plain model; the plain model itself where nothing can be fused
            and the gradient is not truncated.
        engine: `fused` or `keras`.
        reason: Why the engine is not `fused`; empty where it is.
    """

    model: keras.Model
    engine: str
    reason: str = ""


def training_model(plain: keras.Model, truncate_steps: int = 0, chunks: int = CHUNKS) -> TrainingModel:
    """Build the fastest model that trains the weights of a plain network; without dropout, to the same values.

    Train this model and save, load and forecast with the plain one. `get_weights` of both is the same list, so a
    callback that keeps the best weights of the one has those of the other.

    Args:
        plain: The model that is saved and forecasts: a stack whose first layer is an Input, or a network with a head.
        truncate_steps: Steps that a gradient goes back, as in `truncated_rnn`; 0, or no fewer than there are, is all of them.
        chunks: Pieces of time in the wavefront; a number for all machines, because the sums of a gradient depend on it.

    Raises:
        ValueError: The gradient of a layer that does not run forwards from a zero state cannot be truncated.
    """
    if not isinstance(plain, keras.Sequential):
        return _headed_model(plain, truncate_steps, chunks)
    reason = _reason_against(plain)
    if truncate_steps and truncate_steps < plain.input_shape[1]:
        _check_forwards(plain.layers)
    else:
        truncate_steps = 0
    if not reason:
        return TrainingModel(_model_of(plain, _fused_layers(plain.layers, truncate_steps, chunks)), "fused")
    if not truncate_steps:
        return TrainingModel(plain, "keras", reason)
    layers = [TruncatedRNN(layer, truncate_steps) if is_recurrent(layer) else layer for layer in plain.layers]
    return TrainingModel(_model_of(plain, layers), "keras", reason)


def _headed_model(plain: keras.Model, truncate_steps: int, chunks: int) -> TrainingModel:
    """Build the training model of a network with a head out of that of the stack under the head."""
    stack = [layer for layer in plain.layers if is_recurrent(layer) or type(layer) is keras.layers.Dropout]
    if not any(is_recurrent(layer) for layer in stack):
        return TrainingModel(plain, "keras", "the model has no LSTM layer")
    inputs = newest = keras.Input(plain.input_shape[1:])
    under = training_model(_model_of(plain, stack), truncate_steps, chunks)
    seen = under.model(inputs)
    for layer in plain.layers:
        if isinstance(layer, keras.layers.Cropping1D | keras.layers.Flatten):
            newest = layer(newest)
        elif isinstance(layer, keras.layers.Concatenate):
            seen = layer([seen, newest])
    return TrainingModel(keras.Model(inputs, plain.layers[-1](seen)), under.engine, under.reason)


def _model_of(plain: keras.Model, layers: list[keras.layers.Layer]) -> keras.Sequential:
    return keras.Sequential([keras.Input(plain.input_shape[1:]), *layers])


def _check_forwards(layers: list[keras.layers.Layer]) -> None:
    for layer in layers:
        if is_recurrent(layer) and (
            isinstance(layer, keras.layers.Bidirectional) or layer.go_backwards or layer.stateful or layer.return_state
        ):
            raise ValueError(
                f"the gradient of {layer.name} cannot be truncated: it must run forwards from a zero state"
            )


def _fused_layers(layers: list[keras.layers.Layer], truncate_steps: int, chunks: int) -> list[keras.layers.Layer]:
    """Put each run of recurrent layers, with the Dropout layers between them, into one StackedLSTM."""
    fused: list[keras.layers.Layer] = []
    for _, group in itertools.groupby(layers, lambda layer: is_recurrent(layer) or type(layer) is keras.layers.Dropout):
        run = list(group)
        recurrent = [place for place, layer in enumerate(run) if is_recurrent(layer)]
        if recurrent:
            first, end = recurrent[0], recurrent[-1] + 1
            run[first:end] = [StackedLSTM(run[first:end], chunks, truncate_steps)]
        fused.extend(run)
    return fused


def _reason_against(plain: keras.Sequential) -> str:
    """Say why a model has to be trained by Keras itself; empty where it can be fused."""
    if keras.config.backend() != "tensorflow":
        return f"Keras runs on {keras.config.backend()}"
    accelerators = {device.device_type for device in tf.config.list_physical_devices()} - {"CPU"}
    if accelerators:
        return f"Keras is fast on this machine's {accelerators.pop()}"
    if not plain.built:
        return "the model has no Input layer"
    reasons = (f"{layer.name} {reason}" for layer in plain.layers if (reason := _layer_reason(layer)))
    return next(reasons, "" if any(is_recurrent(layer) for layer in plain.layers) else "the model has no LSTM layer")


def _layer_reason(layer: keras.layers.Layer) -> str:
    """Say what about a layer forbids the fused operation."""
    if isinstance(layer, keras.Model):
        return "is a nested model"
    if isinstance(layer, keras.layers.Masking) or getattr(layer, "mask_zero", False):
        return "masks steps"
    if getattr(layer, "noise_shape", None) is not None:
        return "has its own noise_shape"
    if isinstance(layer, keras.layers.Bidirectional):
        ordered = layer.merge_mode in MERGES and layer.backward_layer.go_backwards
        reason = _direction_reason(layer.forward_layer) or _direction_reason(layer.backward_layer, backward=True)
        return reason if ordered else "merges its directions in another way"
    return _direction_reason(layer) if is_recurrent(layer) else ""


def _direction_reason(layer: keras.layers.Layer, backward: bool = False) -> str:
    if type(layer) is not keras.layers.LSTM:
        return f"is a {type(layer).__name__}"
    plain_lstm = {
        "activation": keras.activations.tanh,
        "recurrent_activation": keras.activations.sigmoid,
        "dropout": 0,
        "recurrent_dropout": 0,
        "stateful": False,
        "unroll": False,
        "return_state": False,
        "go_backwards": backward,
        "activity_regularizer": None,
        "dtype_policy": keras.DTypePolicy("float32"),
    }
    return next((f"has its own {name}" for name, value in plain_lstm.items() if getattr(layer, name) != value), "")
