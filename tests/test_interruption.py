from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from stockrnn.interruption import delayed_interruption, noted_interruption, one_interruption, unheard_interruption

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a single process")


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Hear Ctrl-C, also where the tests themselves run in the background, whose processes a shell lets ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def test_the_first_ctrl_c_interrupts_and_the_second_does_not() -> None:
    before = signal.getsignal(signal.SIGINT)
    with one_interruption():
        with pytest.raises(KeyboardInterrupt):
            interrupt()
        interrupt()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_noted_ctrl_c_lets_the_block_finish() -> None:
    with one_interruption(), noted_interruption() as stop_asked:
        assert not stop_asked()
        interrupt()
        assert stop_asked()
    with pytest.raises(KeyboardInterrupt):
        interrupt()


def test_an_unheard_ctrl_c_is_lost() -> None:
    with unheard_interruption():
        interrupt()
    with pytest.raises(KeyboardInterrupt):
        interrupt()


def test_a_delayed_ctrl_c_comes_when_the_block_is_done() -> None:
    reached = []

    def interrupted_block() -> None:
        with delayed_interruption():
            interrupt()
            reached.append(True)

    with one_interruption(), pytest.raises(KeyboardInterrupt):
        interrupted_block()
    assert reached
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
