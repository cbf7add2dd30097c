"""Permutation importance: what the forecasts lose when one input is swapped between the windows.

Source: Fisher, Rudin and Dominici, "All models are wrong, but many are useful" (2019), section 3, with forecasts of
windows in place of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from stockrnn.arrays import Float32s, Floats

# From scaled windows (windows, lookback, features) to what is forecast, in price units: points of shape (windows, horizon),
# or quantiles of shape (windows, horizon, 19).
PriceForecaster = Callable[[Float32s], Floats]
# How far such forecasts were out, in price units: their RMSE or CRPS.
Loss = Callable[[Floats], float]

# The last lags of the blocks: a day, a week, a month, a quarter, a year of sessions.
_BLOCK_ENDS = (1, 5, 20, 60, 250)


@dataclass(frozen=True)
class InputPart:
    """A part of every window.

    Attributes:
        kind: `feature` or `lags`.
        name: The feature, or the lags such as `2-5`; lag 1 is the origin, the newest session of a window.
        feature: Place of the feature; None is all of them.
        lags: First and last lag, both included.
    """

    kind: str
    name: str
    feature: int | None
    lags: tuple[int, int]


@dataclass(frozen=True)
class Importance:
    """What permuting one part of the windows does, in price units, one value a repeat.

    Attributes:
        part: What was permuted.
        growth: Loss with the part permuted less the loss without; below zero where noise did better.
        movement: Root mean square of how far the forecasts moved.
    """

    part: InputPart
    growth: Floats
    movement: Floats


def input_parts(features: Sequence[str], lookback: int) -> list[InputPart]:
    """Return each feature over all lags, then each block of lags over all features."""
    whole = [InputPart("feature", name, place, (1, lookback)) for place, name in enumerate(features)]
    blocks, first = [], 1
    for end in (*(end for end in _BLOCK_ENDS if end < lookback), lookback):
        name = str(first) if first == end else f"{first}-{end}"
        blocks.append(InputPart("lags", name, None, (first, end)))
        first = end + 1
    return whole + blocks


def permutation_importance(
    forecast: PriceForecaster, inputs: Float32s, loss: Loss, parts: Sequence[InputPart], repeats: int, seed: int
) -> tuple[float, list[Importance]]:
    """Permute each part of the windows between the origins, and measure what becomes of the forecasts.

    The part of a window is exchanged as a whole, so that the sessions inside a block keep their order.

    Args:
        forecast: What is forecast, in price units.
        inputs: Scaled windows, of shape (windows, lookback, features).
        loss: How far forecasts of these windows were out.
        parts: What to permute.
        repeats: Permutations a part; the same ones for each part.
        seed: Draws the permutations.

    Returns:
        The loss of the windows as they are, and the importance of each part.
    """
    random = np.random.default_rng(seed)
    orders = [random.permutation(len(inputs)) for _ in range(repeats)]
    straight = forecast(inputs)
    as_it_is = loss(straight)
    found = []
    for part in parts:
        permuted = [forecast(_permuted(inputs, part, order)) for order in orders]
        growth = np.array([loss(values) - as_it_is for values in permuted])
        found.append(Importance(part, growth, np.array([root_mean_square(values - straight) for values in permuted])))
    return as_it_is, found


def _permuted(inputs: Float32s, part: InputPart, order: np.ndarray) -> Float32s:
    lookback = inputs.shape[1]
    first, last = part.lags
    steps = slice(lookback - last, lookback - first + 1)
    columns = slice(None) if part.feature is None else slice(part.feature, part.feature + 1)
    changed = inputs.copy()
    changed[:, steps, columns] = inputs[order, steps, columns]
    return changed


def root_mean_square(values: Floats) -> float:
    """Return the root of the mean of squares."""
    return float(np.sqrt(np.mean(values**2)))
