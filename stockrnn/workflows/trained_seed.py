"""What the training of one seed gives, and who hears of it while it trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from stockrnn.forecasts.table import Forecast
from stockrnn.samples.encoding import Encoding
from stockrnn.samples.outputs import HeadValues

# Number of a finished epoch, from 1, and its losses.
EpochHook = Callable[[int, dict[str, float]], None]
# Seed, its number from 0; gives what hears of each epoch.
SeedHook = Callable[[int, int], EpochHook]


def unheard(_seed: int, _number: int) -> EpochHook:
    """Give what hears nothing of the epochs of a seed."""
    return lambda _epoch, _losses: None


@dataclass(frozen=True)
class TrainedSeed:
    """What the training of one seed gave; its network and its state are files in the work folder.

    Attributes:
        seed: The seed.
        history: Losses a finished epoch.
        engine: What computed the layers.
        interrupted: The user stopped it.
        windows: Windows an epoch.
        encoding: What was fitted beside the network.
        head: What its head has learnt; None where it forecasts points.
        test: Forecasts of the test sessions.
        held_out: Forecasts of validation sessions that were not watched; None without.
        proven: A regression foretold moves of the sessions that were fitted first; the network started from it.
        is_last: The user wants no further seed to be begun.
    """

    seed: int
    history: Sequence[Mapping[str, float]]
    engine: str
    interrupted: bool
    windows: int
    encoding: Encoding
    head: HeadValues | None
    test: Forecast
    held_out: Forecast | None
    proven: bool = False
    is_last: bool = False
