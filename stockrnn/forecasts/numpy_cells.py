"""One step of each recurrent cell in NumPy, with the values of its gates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Weights = list[Floats]
# One step of a cell: inputs already multiplied by the kernel, the states, the recurrent weights; gives the new states,
# output first, and what the gates let through, in the order of `Cell.gates`. All of shape (windows, units).
Step = Callable[[Floats, list[Floats], Weights], tuple[list[Floats], tuple[Floats, ...]]]


@dataclass(frozen=True)
class Cell:
    """A recurrent cell.

    Attributes:
        step: Goes on by one session.
        states: Arrays that it hands on to the next session; its output is the first of them.
        gates: Names of its inner layers.
    """

    step: Step
    states: int
    gates: tuple[str, ...]


def sigmoid(values: Floats) -> Floats:
    """Return 1 / (1 + exp(-values)) of any shape."""
    # The tanh form cannot overflow.
    half = values.dtype.type(0.5)
    result: Floats = half * np.tanh(half * values) + half
    return result


def plain_step(projected: Floats, state: Floats, kernel: Floats, bias: Floats | float = 0.0) -> Floats:
    """Return the next state of the plain cell: one tanh of the input and the state before."""
    result: Floats = np.tanh(projected + state @ kernel + bias)
    return result


def _simple_step(projected: Floats, states: list[Floats], recurrent: Weights) -> tuple[list[Floats], tuple[()]]:
    return [np.tanh(projected + states[0] @ recurrent[0])], ()


def _lstm_step(projected: Floats, states: list[Floats], recurrent: Weights) -> tuple[list[Floats], tuple[Floats, ...]]:
    output, memory = states
    entry, forget, candidate, leave = np.split(projected + output @ recurrent[0], 4, axis=1)
    gates = sigmoid(forget), sigmoid(entry), np.tanh(candidate), sigmoid(leave)
    memory = gates[0] * memory + gates[1] * gates[2]
    return [gates[3] * np.tanh(memory), memory], gates


def _gru_step(projected: Floats, states: list[Floats], recurrent: Weights) -> tuple[list[Floats], tuple[Floats, ...]]:
    (output,) = states
    kernel, bias = recurrent
    update, reset, candidate = np.split(projected, 3, axis=1)
    update_h, reset_h, candidate_h = np.split(output @ kernel + bias[1], 3, axis=1)
    keep, look = sigmoid(update + update_h), sigmoid(reset + reset_h)
    new = np.tanh(candidate + look * candidate_h)
    return [keep * output + (1 - keep) * new], (keep, look, new)


CELLS: dict[str, Cell] = {
    "SimpleRNN": Cell(_simple_step, 1, ()),
    "LSTM": Cell(_lstm_step, 2, ("forget", "input", "candidate", "output")),
    "GRU": Cell(_gru_step, 1, ("update", "reset", "candidate")),
}
