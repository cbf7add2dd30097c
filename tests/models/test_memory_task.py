from __future__ import annotations

import dataclasses

import pytest

from stockrnn.models.runtime import start_keras

start_keras(print)

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from stockrnn.cores import usable_cores  # noqa: E402
from stockrnn.models.memory_task import NETWORKS, MemoryTask, draw_sequences  # noqa: E402
from stockrnn.models.memory_training import measure_memory  # noqa: E402

# Real networks are trained here.
pytestmark = pytest.mark.slow

TINY = MemoryTask(lags=(2, 4), seeds=(1, 2), units=8, batch_size=32, batches=50)


@pytest.fixture(scope="module")
def recalls():
    heard = []
    found = measure_memory(TINY, heard.append)
    assert sorted(map(str, heard)) == sorted(map(str, found))
    return found


@pytest.mark.parametrize("lag", [0, 5, 100])
def test_the_label_is_the_marked_value_as_many_steps_back_as_asked(lag: int) -> None:
    inputs, labels = (np.asarray(part) for part in draw_sequences(500, lag, tf.constant([1, 2])))
    assert inputs.shape == (500, lag + 1, 2)
    assert labels.shape == (500, 1)
    np.testing.assert_array_equal(inputs[:, -1 - lag, 0], 2 * labels[:, 0] - 1)
    np.testing.assert_array_equal(inputs[:, :, 1].sum(axis=1), 1)
    assert (inputs[:, -1 - lag, 1] == 1).all()


def test_values_are_fair_coins_that_know_nothing_of_one_another() -> None:
    inputs, _ = draw_sequences(20_000, 3, tf.constant([3, 4]))
    values = np.asarray(inputs)[:, :, 0]
    assert set(np.unique(values)) == {-1.0, 1.0}
    # Five standard errors of 20,000 coins.
    assert np.abs(values.T @ values / len(values) - np.eye(4)).max() < 5 / np.sqrt(20_000)
    assert np.abs(values.mean(axis=0)).max() < 5 / np.sqrt(20_000)


def test_other_seeds_and_batches_draw_other_sequences() -> None:
    drawn = [np.asarray(draw_sequences(4, 50, tf.constant(seed))[0]) for seed in ([1, 0], [1, 1], [2, 0], [1, 0])]
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    np.testing.assert_array_equal(drawn[0], drawn[3])


def test_every_network_is_trained_on_every_lag_with_every_seed(recalls) -> None:
    expected = [(network, lag, seed) for network in NETWORKS for lag in TINY.lags for seed in TINY.seeds]
    assert [(each.network, each.lag, each.seed) for each in recalls] == expected
    assert len(expected) == TINY.trainings
    assert all(0 < each.batches <= TINY.batches and each.seconds > 0 for each in recalls)


def test_a_network_that_sees_the_last_step_alone_guesses(recalls) -> None:
    blind = [each for each in recalls if each.network == "feed_forward_last"]
    # Five standard errors of 2,000 guesses.
    assert all(abs(each.accuracy - 0.5) < 5 * np.sqrt(0.25 / 2000) for each in blind)
    assert all(each.batches == TINY.batches for each in blind)


def test_a_network_that_sees_the_window_recalls_what_is_close(recalls) -> None:
    assert all(each.accuracy > 0.95 for each in recalls if each.network == "feed_forward_window")


def test_a_seed_gives_the_same_accuracies_again_whatever_else_is_trained(recalls) -> None:
    alone = measure_memory(dataclasses.replace(TINY, lags=(4,), seeds=(2,)), lambda _: None)
    together = [each.accuracy for each in recalls if each.seed == 2 and each.lag == 4]
    assert [each.accuracy for each in alone] == together


@pytest.mark.skipif(usable_cores() < 2, reason="the endless training would be the only one")
def test_an_interruption_ends_trainings_that_are_under_way() -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    endless = dataclasses.replace(
        TINY, lags=(1,), seeds=(1,), batches=2**30, steps=2**31
    )  # the last step alone never recalls
    with pytest.raises(KeyboardInterrupt):
        measure_memory(endless, interrupt)


def test_longer_lags_get_fewer_batches_once_the_steps_are_used_up() -> None:
    task = dataclasses.replace(TINY, batches=1000, steps=36_000)
    assert [task.most_batches(lag) for lag in (5, 35, 60, 99)] == [1000, 1000, 590, 360]
