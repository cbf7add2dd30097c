"""Train a stack of LSTM layers on one fused operation a layer, and save it as the plain Keras layers it is.

Keras runs an LSTM on the processor as a loop of a dozen small operations a time step. TensorFlow also has BlockLSTM: a
whole layer over a whole sequence, with its gradient, in one operation. `StackedLSTM` calls that operation with the
weights of the Keras layers that it is given. It owns no weights: a model around it trains the plain model's own.

One BlockLSTM uses one core. But layer 2 at step t only needs layer 1 at t and itself at t - 1, so time is cut into
chunks, and each chunk of a layer goes straight into the same chunk of the layer above, never joined in between:

    core 1:   layer 1 chunk 1 | layer 1 chunk 2 | layer 2 chunk 2 | ...
    core 2:                   | layer 2 chunk 1 | layer 3 chunk 1 | ...

TensorFlow's executor finds that wavefront by itself where it may run several operations at once (see `processor`),
and once more, reversed, in the gradient.

Truncated backpropagation through time needs the same chunks: the state goes from one to the next, the gradient does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

Tensor = Any  # tf.Tensor or a symbolic one
Chunks = list[Tensor]  # consecutive in time, each (steps, batch, width)

CHUNKS = 3  # measured on two cores; two and four are within a tenth of it
MERGES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "concat": lambda forward, backward: tf.concat([forward, backward], axis=-1),
    "sum": lambda forward, backward: forward + backward,
    "ave": lambda forward, backward: (forward + backward) / 2,
    "mul": lambda forward, backward: forward * backward,
}


class StackedLSTM(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Run LSTM, Bidirectional LSTM and Dropout layers as fused operations; for training only, never saved.

    Args:
        stack: Built layers, the last one recurrent. They stay the plain model's: nothing is copied.
        chunks: Pieces into which time is cut; fewer where the sequence is shorter.
        truncate_steps: Steps of a stretch at whose start the gradient stops, as in `truncated_rnn`; 0 stops it nowhere.
    """

    def __init__(self, stack: list[keras.layers.Layer], chunks: int = CHUNKS, truncate_steps: int = 0) -> None:
        super().__init__()
        self.stack = stack
        self.chunks = chunks
        self.truncate_steps = truncate_steps
        self.supports_jit = False  # XLA does not know BlockLSTM

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Give the shape that the plain layers give."""
        for layer in self.stack:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def call(self, sequence: Tensor, training: bool = False) -> Tensor:  # (batch, lookback, features)
        """Give what the plain layers give, one after the other."""
        chunks = self._cut(tf.transpose(sequence, (1, 0, 2)))
        for layer in self.stack[:-1]:
            if not is_recurrent(layer):
                chunks = [_drop(layer, chunk) if training else chunk for chunk in chunks]
            else:
                chunks = [_merge(layer, outputs) for outputs in zip(*self._directions(layer, chunks), strict=True)]
        last = self.stack[-1]
        directions = self._directions(last, chunks)
        if last.return_sequences:
            joined = [tf.concat(outputs, axis=0) for outputs in directions]
            return tf.transpose(_merge(last, joined), (1, 0, 2))
        ends = [directions[0][-1][-1], *(outputs[0][0] for outputs in directions[1:])]
        return _merge(last, ends)  # a backward layer ends at the first step

    def _directions(self, layer: keras.layers.Layer, chunks: Chunks) -> list[Chunks]:
        """Give the outputs of a layer, or of both directions of a Bidirectional, each in the order of time."""
        if isinstance(layer, keras.layers.LSTM):
            return [_scan(layer.cell, chunks, tf.stop_gradient if self.truncate_steps else tf.identity)]
        reversed_time = [tf.reverse(chunk, axis=[0]) for chunk in reversed(chunks)]
        backward = _scan(layer.backward_layer.cell, reversed_time)
        return [_scan(layer.forward_layer.cell, chunks), [tf.reverse(chunk, axis=[0]) for chunk in reversed(backward)]]

    def _cut(self, sequence: Tensor) -> Chunks:
        """Cut a sequence (steps, batch, features) into chunks: at the borders of its stretches where it is truncated."""
        steps, stretch = sequence.shape[0], self.truncate_steps
        if not stretch:
            return _cut(sequence, self.chunks)
        if not self.stack[-1].return_sequences:
            # No gradient enters a stretch before the newest, so that any chunks will do there.
            older, newest = tf.split(sequence, [steps - stretch, stretch])
            return [*_cut(older, self.chunks), newest]
        remainder = [steps % stretch] if steps % stretch else []
        return list(tf.split(sequence, [*remainder, *[stretch] * (steps // stretch)]))


def is_recurrent(layer: keras.layers.Layer) -> bool:
    """Tell recurrent layers, wrapped or not, from all others."""
    return isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional)


def _merge(layer: keras.layers.Layer, outputs: Sequence[Tensor]) -> Tensor:
    return outputs[0] if len(outputs) == 1 else MERGES[layer.merge_mode](*outputs)


def _scan(cell: keras.layers.LSTMCell, chunks: Chunks, carry: Callable[[Tensor], Tensor] = tf.identity) -> Chunks:
    """Run one direction of one layer, handing the last state of a chunk on to the next through `carry`.

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
        state, output = carry(block.cs[-1]), carry(block.h[-1])
        outputs.append(block.h)
    return outputs


def _block_order(weights: Tensor) -> Tensor:
    """Reorder the gates on the last axis: Keras has input, forget, cell, output; BlockLSTM input, cell, forget, output."""
    gate_i, gate_f, gate_c, gate_o = tf.split(weights, 4, axis=-1)
    return tf.concat([gate_i, gate_c, gate_f, gate_o], axis=-1)


def _drop(layer: keras.layers.Dropout, chunk: Tensor) -> Tensor:
    """Apply dropout with 16 random bits an element, drawn in a third of the time that Keras needs for its 32.

    The share that is dropped is the layer's to within 1 in 65,536, and the seed is the layer's, so that runs repeat.
    """
    if layer.rate in (0, 1):
        return layer(chunk, training=True)
    count = tf.size(chunk)
    seed = tf.cast(layer.seed_generator.next(), tf.int32)
    words = tf.random.stateless_uniform([(count + 1) // 2], seed, minval=None, maxval=None, dtype=tf.int32)
    halves = tf.reshape(tf.bitcast(words, tf.int16), [-1])[:count]  # uniform in -32768 ... 32767
    kept = tf.cast(halves >= min(round(layer.rate * 65536) - 32768, 32767), tf.float32)
    return chunk * tf.reshape(kept / (1 - layer.rate), tf.shape(chunk))


def _cut(sequence: Tensor, count: int) -> Chunks:
    """Cut a sequence (steps, batch, features) into at most `count` chunks of nearly equal length."""
    steps = sequence.shape[0]
    if steps is None:
        return [sequence]
    count = min(count, steps)
    sizes = [steps // count + (part < steps % count) for part in range(count)]
    return list(tf.split(sequence, sizes))
