"""Train a stack of LSTM layers on one fused operation a layer, and save it as the plain Keras layers it is.

Keras runs an LSTM on the processor as a loop of a dozen small operations a time step. TensorFlow also has BlockLSTM: a
whole layer over a whole sequence, with its gradient, in one operation. `StackedLSTM` calls that operation with the
weights of the Keras layers that it is given. It owns no weights: a model around it trains the plain model's own.

One BlockLSTM uses one core. But layer 2 at step t only needs layer 1 at t and itself at t - 1, so time is cut into
chunks, and each chunk of a layer goes straight into the same chunk of the layer above, never joined in between:

    core 1:   layer 1 chunk 1 | layer 1 chunk 2 | layer 2 chunk 2 | ...
    core 2:                   | layer 2 chunk 1 | layer 3 chunk 1 | ...

TensorFlow's executor finds that wavefront by itself as soon as it may run several operations at once
(`configure_threads`), and once more, reversed, in the gradient.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

Tensor = Any  # tf.Tensor or a symbolic one
Chunks = list[Tensor]  # consecutive in time, each (steps, batch, width)

CHUNKS = 2
_MERGES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "concat": lambda forward, backward: tf.concat([forward, backward], axis=-1),
    "sum": lambda forward, backward: forward + backward,
    "ave": lambda forward, backward: (forward + backward) / 2,
    "mul": lambda forward, backward: forward * backward,
}


@dataclass(frozen=True)
class TrainingModel:
    """The model to compile and fit in place of the plain one, whose weights it trains.

    Attributes:
        model: Shares every layer and weight with the plain model; the plain model itself where nothing can be fused.
        engine: `fused` or `keras`.
        reason: Why the engine is not `fused`; empty where it is.
    """

    model: keras.Model
    engine: str
    reason: str = ""


def training_model(plain: keras.Sequential, chunks: int = CHUNKS) -> TrainingModel:
    """Build the fastest model that trains the weights of a plain, built stack to the same values.

    Args:
        plain: The model that is saved and forecasts; its first layer is an Input.
        chunks: Pieces of time in the wavefront; a number for all machines, because the sums of a gradient depend on it.
    """
    reason = _reason_against(plain)
    if reason:
        return TrainingModel(plain, "keras", reason)
    layers = _fused_layers(plain.layers, chunks)
    return TrainingModel(keras.Sequential([keras.Input(plain.input_shape[1:]), *layers]), "fused")


def configure_threads(count: int | None = None) -> bool:
    """Let TensorFlow run `count` operations at once, each on one thread.

    One thread an operation, so that no sum depends on the number of cores. Only before TensorFlow's first operation.

    Args:
        count: Cores to use; all that this process may use when None.

    Returns:
        Whether it took effect: False once TensorFlow has started with another number.
    """
    try:
        tf.config.threading.set_inter_op_parallelism_threads(count or _usable_cores())
        tf.config.threading.set_intra_op_parallelism_threads(1)
    except RuntimeError:
        return False
    return True


class StackedLSTM(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Run LSTM, Bidirectional LSTM and Dropout layers as fused operations; for training only, never saved.

    Args:
        stack: Built layers, the last one recurrent. They stay the plain model's: nothing is copied.
        chunks: Pieces into which time is cut; fewer where the sequence is shorter.
    """

    def __init__(self, stack: list[keras.layers.Layer], chunks: int = CHUNKS) -> None:
        super().__init__()
        self.stack = stack
        self.chunks = chunks
        self.supports_jit = False  # XLA does not know BlockLSTM

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Give the shape that the plain layers give."""
        for layer in self.stack:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def call(self, sequence: Tensor, training: bool = False) -> Tensor:  # (batch, lookback, features)
        """Give what the plain layers give, one after the other."""
        chunks = _cut(tf.transpose(sequence, (1, 0, 2)), self.chunks)
        for layer in self.stack[:-1]:
            if not _is_recurrent(layer):
                chunks = _drop(layer, chunks) if training and layer.rate > 0 else chunks
            else:
                chunks = [_merge(layer, outputs) for outputs in zip(*_directions(layer, chunks), strict=True)]
        last = self.stack[-1]
        directions = _directions(last, chunks)
        if last.return_sequences:
            joined = [tf.concat(outputs, axis=0) for outputs in directions]
            return tf.transpose(_merge(last, joined), (1, 0, 2))
        ends = [directions[0][-1][-1], *(outputs[0][0] for outputs in directions[1:])]
        return _merge(last, ends)  # a backward layer ends at the first step


def _directions(layer: keras.layers.Layer, chunks: Chunks) -> list[Chunks]:
    """Give the outputs of a layer, or of both directions of a Bidirectional, each in the order of time."""
    if isinstance(layer, keras.layers.LSTM):
        return [_scan(layer.cell, chunks)]
    reversed_time = [tf.reverse(chunk, axis=[0]) for chunk in reversed(chunks)]
    backward = _scan(layer.backward_layer.cell, reversed_time)
    return [_scan(layer.forward_layer.cell, chunks), [tf.reverse(chunk, axis=[0]) for chunk in reversed(backward)]]


def _merge(layer: keras.layers.Layer, outputs: list[Tensor]) -> Tensor:
    return outputs[0] if len(outputs) == 1 else _MERGES[layer.merge_mode](*outputs)


def _scan(cell: keras.layers.LSTMCell, chunks: Chunks) -> Chunks:
    """Run one direction of one layer, handing the last state of a chunk on to the next.

    Version 1 of the operation: the gradient that is registered for BlockLSTMV2 is wrong.
    """
    kernel = tf.concat([cell.kernel, cell.recurrent_kernel], axis=0)  # (inputs + units, 4 * units)
    bias = tf.convert_to_tensor(cell.bias) if cell.use_bias else tf.zeros(4 * cell.units)
    no_peephole = tf.zeros(cell.units)
    weights = {"w": _block_order(kernel), "b": _block_order(bias), **dict.fromkeys(("wci", "wcf", "wco"), no_peephole)}
    state = output = tf.zeros((tf.shape(chunks[0])[1], cell.units))
    outputs = []
    for chunk in chunks:
        steps = tf.shape(chunk, out_type=tf.int64)[0]
        block = tf.raw_ops.BlockLSTM(
            seq_len_max=steps, x=chunk, cs_prev=state, h_prev=output, forget_bias=0.0, cell_clip=0.0, **weights
        )
        state, output = block.cs[-1], block.h[-1]
        outputs.append(block.h)
    return outputs


def _block_order(weights: Tensor) -> Tensor:
    """Reorder the gates on the last axis: Keras has input, forget, cell, output; BlockLSTM input, cell, forget, output."""
    gate_i, gate_f, gate_c, gate_o = tf.split(weights, 4, axis=-1)
    return tf.concat([gate_i, gate_c, gate_f, gate_o], axis=-1)


def _drop(layer: keras.layers.Dropout, chunks: Chunks) -> Chunks:
    """Apply the mask that the plain layer would draw for the whole sequence, so that both engines train alike."""
    batch, width = tf.shape(chunks[0])[1], chunks[0].shape[2]
    steps = [tf.shape(chunk)[0] for chunk in chunks]
    mask = tf.transpose(layer(tf.ones((batch, sum(steps), width)), training=True), (1, 0, 2))
    return [chunk * piece for chunk, piece in zip(chunks, tf.split(mask, steps), strict=True)]


def _cut(sequence: Tensor, count: int) -> Chunks:
    """Cut a sequence (steps, batch, features) into at most `count` chunks of nearly equal length."""
    steps = sequence.shape[0]
    if steps is None:
        return [sequence]
    count = min(count, steps)
    sizes = [steps // count + (part < steps % count) for part in range(count)]
    return list(tf.split(sequence, sizes))


def _fused_layers(layers: list[keras.layers.Layer], chunks: int) -> list[keras.layers.Layer]:
    """Put each run of recurrent layers, with the Dropout layers between them, into one StackedLSTM."""
    fused: list[keras.layers.Layer] = []
    for in_run, group in itertools.groupby(layers, lambda layer: _is_recurrent(layer) or type(layer) is keras.layers.Dropout):
        run = list(group)
        recurrent = [place for place, layer in enumerate(run) if in_run and _is_recurrent(layer)]
        if recurrent:
            first, end = recurrent[0], recurrent[-1] + 1
            run[first:end] = [StackedLSTM(run[first:end], chunks)]
        fused.extend(run)
    return fused


def _is_recurrent(layer: keras.layers.Layer) -> bool:
    return isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional)


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
    return next(reasons, "" if any(_is_recurrent(layer) for layer in plain.layers) else "the model has no LSTM layer")


def _layer_reason(layer: keras.layers.Layer) -> str:
    """Say what about a layer forbids the fused operation."""
    if isinstance(layer, keras.Model):
        return "is a nested model"
    if isinstance(layer, keras.layers.Masking) or getattr(layer, "mask_zero", False):
        return "masks steps"
    if isinstance(layer, keras.layers.Bidirectional):
        ordered = layer.merge_mode in _MERGES and layer.backward_layer.go_backwards
        reason = _direction_reason(layer.forward_layer) or _direction_reason(layer.backward_layer, backward=True)
        return reason if ordered else "merges its directions in another way"
    return _direction_reason(layer) if _is_recurrent(layer) else ""


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


def _usable_cores() -> int:
    """Count the cores that this process may run on, which a container or `taskset` may have cut."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
