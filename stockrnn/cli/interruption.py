"""Ctrl-C while a network is trained."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_interruption() -> Iterator[None]:
    """Let Ctrl-C interrupt the block once: a second one must not interrupt the saving of what is trained."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are not for other threads to handle
        return

    def interrupt(_signum: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
