"""Ctrl-C: where it interrupts at once, where it only is noted, and where nobody hears it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def one_interruption() -> Iterator[None]:
    """Let Ctrl-C interrupt the block once: a second one must not interrupt the keeping of what is trained."""

    def interrupt(_signum: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    with _handled_by(interrupt):
        yield


@contextmanager
def noted_interruption() -> Iterator[Callable[[], bool]]:
    """Let the block finish whatever comes; gives a function that says whether Ctrl-C came."""
    noted: list[int] = []
    with _handled_by(lambda signum, _frame: noted.append(signum)):
        yield lambda: bool(noted)


@contextmanager
def unheard_interruption() -> Iterator[None]:
    """Hear no Ctrl-C in the block, nor in the processes that it starts, until they say what to do about it."""
    with _handled_by(signal.SIG_IGN):
        yield


@contextmanager
def delayed_interruption() -> Iterator[None]:
    """Let Ctrl-C wait until the block is done; the processes that the block starts never hear it."""
    if not hasattr(signal, "pthread_sigmask"):
        with unheard_interruption():  # Windows cannot keep a signal for later
            yield
        return
    # Blocked here, and so in the processes; noted where another thread of ours takes it nevertheless.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    came = False
    try:
        with noted_interruption() as stop_asked:
            try:
                yield
            finally:
                came = stop_asked()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if came:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def _handled_by(handler: Any) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are not for other threads to handle
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
