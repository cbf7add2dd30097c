from __future__ import annotations

import itertools
from typing import NamedTuple

import pytest

from stockrnn.evaluation.memory_recall import NETWORK_NAMES, conclude, longest_recalled, summarise


class Training(NamedTuple):
    network: str
    lag: int
    accuracy: float
    seconds: float = 1.0
    batches: int = 10


def trainings_of(network: str, *accuracies: float) -> list[Training]:
    """One seed a lag, at lags 5, 20, 60, 100."""
    return [Training(network, lag, accuracy) for lag, accuracy in zip((5, 20, 60, 100), accuracies, strict=False)]


def test_a_cell_holds_mean_deviation_and_extremes_of_its_seeds() -> None:
    (cell,) = summarise([Training("gru", 5, 0.5, 1.0, 10), Training("gru", 5, 0.7, 3.0, 20)])
    assert (cell.network, cell.lag, cell.lowest, cell.highest) == ("gru", 5, 0.5, 0.7)
    assert cell.mean == pytest.approx(0.6)
    assert cell.deviation == pytest.approx(0.02**0.5)
    assert (cell.seconds, cell.batches) == (2.0, 15.0)


def test_a_single_seed_has_no_deviation() -> None:
    assert summarise([Training("lstm", 5, 1.0)])[0].deviation is None


def test_how_far_back_a_network_recalls_ends_at_the_first_lag_that_it_does_not() -> None:
    cells = summarise(trainings_of("lstm", 1.0, 0.95, 0.5, 1.0) + trainings_of("gru", 0.6, 1.0))
    assert longest_recalled(cells) == {"lstm": 20, "gru": None}


def test_one_seed_that_does_not_recall_is_enough() -> None:
    cells = summarise([Training("lstm", 5, 1.0), Training("lstm", 5, 0.89)])
    assert longest_recalled(cells) == {"lstm": None}


def test_the_conclusion_puts_each_network_at_its_lag() -> None:
    cells = summarise(
        trainings_of("feed_forward_last", 0.5)
        + trainings_of("feed_forward_window", 1.0, 1.0, 1.0, 1.0)
        + trainings_of("simple_rnn", 1.0, 0.6)
        + trainings_of("lstm", 1.0, 1.0, 1.0, 1.0)
    )
    assert conclude(cells) == (
        "With every seed, and in at least 90 % of unseen sequences, the value is recalled by the "
        "feed-forward network on the whole window and the LSTM up to 100 steps back; by the simple RNN up to 5 steps "
        "back; by the feed-forward network on the last step at none of the lags."
    )


@pytest.mark.parametrize("recalls", list(itertools.product([0.5, 1.0], repeat=3)))
def test_every_network_is_in_the_conclusion_once(recalls) -> None:
    networks = ["simple_rnn", "lstm", "gru"]
    cells = summarise([Training(network, 5, accuracy) for network, accuracy in zip(networks, recalls, strict=True)])
    sentence = conclude(cells)
    assert sentence.endswith(".")
    assert [sentence.count(NETWORK_NAMES[network]) for network in networks] == [1, 1, 1]
