"""Progress on a terminal, and what is told while its bar is alive."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from stockrnn.cli.options import notify
from stockrnn.cli.progress import training_progress


class Terminal(io.TextIOWrapper):
    """A terminal that keeps what it is sent, with the bytes beneath that real ones have."""

    def isatty(self) -> bool:
        """Say that somebody looks at it."""
        return True


def test_a_message_begins_its_own_line_above_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with training_progress() as begin:
        on_epoch = begin(SimpleNamespace(epochs=3, refit_epochs=0, seeds=(1,)))(1, 0)
        on_epoch(1, {"loss": 0.5})
        notify("Interrupted: judging.")
    terminal.flush()
    before, told, after = terminal.buffer.getvalue().decode().partition("Interrupted: judging.")  # type: ignore[attr-defined]
    assert told
    # The bar is wiped before the message, and drawn again below it.
    assert before.endswith("\r\x1b[2K")
    assert after.startswith("\n")
    assert "1/3" in after
