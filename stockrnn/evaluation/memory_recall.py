"""Sum up how far back networks remembered, and say it in a sentence."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stockrnn.messages import enumerated

if TYPE_CHECKING:
    from stockrnn.models.memory_training import Recall

# From here on a value counts as recalled: four fifths of the way from a guess to certainty.
RECALLED = 0.9

NETWORK_NAMES = {
    "feed_forward_last": "feed-forward, last step",
    "feed_forward_window": "feed-forward, window",
    "simple_rnn": "simple RNN",
    "lstm": "LSTM",
    "gru": "GRU",
}
_IN_A_SENTENCE = {
    "feed_forward_last": "the feed-forward network on the last step",
    "feed_forward_window": "the feed-forward network on the whole window",
    "simple_rnn": "the simple RNN",
    "lstm": "the LSTM",
    "gru": "the GRU",
}


@dataclass(frozen=True)
class MemoryCell:
    """All trainings of one network on one lag.

    Attributes:
        network: A key of NETWORK_NAMES.
        lag: Steps between the value and the question.
        mean: Mean accuracy over the seeds.
        deviation: Their standard deviation (n - 1); None for a single seed.
        lowest: Accuracy of the worst seed.
        highest: Accuracy of the best seed.
        seconds: Mean seconds of training.
        batches: Mean number of batches trained on.
    """

    network: str
    lag: int
    mean: float
    deviation: float | None
    lowest: float
    highest: float
    seconds: float
    batches: float


def summarise(recalls: Sequence[Recall]) -> list[MemoryCell]:
    """Sum up the seeds of each network and lag, in the order in which they come."""
    cells: dict[tuple[str, int], list[Recall]] = {}
    for recall in recalls:
        cells.setdefault((recall.network, recall.lag), []).append(recall)
    return [_cell(network, lag, seeds) for (network, lag), seeds in cells.items()]


def _cell(network: str, lag: int, seeds: Sequence[Recall]) -> MemoryCell:
    accuracies = [seed.accuracy for seed in seeds]
    return MemoryCell(
        network,
        lag,
        mean=statistics.fmean(accuracies),
        deviation=statistics.stdev(accuracies) if len(seeds) > 1 else None,
        lowest=min(accuracies),
        highest=max(accuracies),
        seconds=statistics.fmean(seed.seconds for seed in seeds),
        batches=statistics.fmean(seed.batches for seed in seeds),
    )


def longest_recalled(cells: Sequence[MemoryCell]) -> dict[str, int | None]:
    """Return how far back each network recalls: the longest lag up to which every seed does; None where there is none."""
    longest: dict[str, int | None] = {}
    broken = set()
    for cell in sorted(cells, key=lambda cell: cell.lag):
        longest.setdefault(cell.network, None)
        if cell.lowest < RECALLED:
            broken.add(cell.network)
        elif cell.network not in broken:
            longest[cell.network] = cell.lag
    return {network: longest[network] for network in dict.fromkeys(cell.network for cell in cells)}


def conclude(cells: Sequence[MemoryCell]) -> str:
    """Say in a sentence how far back each network recalls."""
    by_lag: dict[int, list[str]] = {}
    for network, lag in longest_recalled(cells).items():
        by_lag.setdefault(lag or 0, []).append(_IN_A_SENTENCE[network])
    parts = [
        f"{enumerated(by_lag[lag])} up to {lag} steps back" if lag else f"{enumerated(by_lag[lag])} at none of the lags"
        for lag in sorted(by_lag, reverse=True)
    ]
    return (
        f"With every seed, and in at least {100 * RECALLED:.0f} % of unseen sequences, "
        f"the value is recalled by {'; by '.join(parts)}."
    )
