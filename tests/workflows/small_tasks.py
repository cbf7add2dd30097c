"""Tasks for the tests: what they do depends on files, so that a test can change it while they run."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def double(number: int, folder: str, seconds: float = 0.0) -> bytes:
    """Note who works on what, take a while, and give twice the number."""
    with (Path(folder) / "begun.txt").open("a", encoding="utf-8") as file:
        file.write(f"{number} {os.getpid()}\n")
    time.sleep(seconds)
    return str(2 * number).encode()


def fail(number: int, folder: str, until: int = 99) -> bytes:
    """Fail so many times."""
    tries = Path(folder) / f"tries-{number}.txt"
    with tries.open("a", encoding="utf-8") as file:
        file.write("x")
    if tries.stat().st_size < until:
        raise ZeroDivisionError("divided by nothing")
    return b"at last"


def die(number: int, folder: str) -> bytes:
    """Take the process along."""
    with (Path(folder) / "begun.txt").open("a", encoding="utf-8") as file:
        file.write(f"{number} {os.getpid()}\n")
    time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


_KEPT: list[bytes] = []


def grow(number: int, folder: str, megabytes: int) -> bytes:
    """Keep so much memory, and take so long that a pool that looks at its processes every second sees it."""
    _KEPT.append(b"x" * (megabytes * 1_000_000))
    return double(number, folder, 1.1)
