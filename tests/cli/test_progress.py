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


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make stderr a terminal: not in a fixture, after which pytest would put its own in that place."""
    sent = Terminal(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", sent)
    monkeypatch.setenv("TERM", "xterm")
    return sent


def shown(terminal: Terminal) -> str:
    terminal.flush()
    return terminal.buffer.getvalue().decode()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(("seeds", "width"), [((1,), 70), ((1, 2, 3), 80)])
def test_epochs_losses_and_the_time_left_have_room_on_a_usual_terminal(
    monkeypatch: pytest.MonkeyPatch, seeds: tuple[int, ...], width: int
) -> None:
    terminal = on_terminal(monkeypatch)
    monkeypatch.setenv("COLUMNS", str(width))
    with training_progress() as begin:
        on_seed = begin(SimpleNamespace(epochs=100, refit_epochs=20, seeds=seeds))
        for number, seed in enumerate(seeds):
            on_seed(seed, number)(118, {"loss": 0.61231, "val_loss": 0.63076})
    text = shown(terminal)
    assert "118/120" in text
    assert "loss 0.61231, validation 0.63076" in text
    assert "\u2026" not in text  # no ellipsis


def test_a_message_begins_its_own_line_above_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with training_progress() as begin:
        on_epoch = begin(SimpleNamespace(epochs=3, refit_epochs=0, seeds=(1,)))(1, 0)
        on_epoch(1, {"loss": 0.5})
        notify("Interrupted: judging.")
    before, told, after = shown(terminal).partition("Interrupted: judging.")
    assert told
    # The bar is wiped before the message, and drawn again below it.
    assert before.endswith("\r\x1b[2K")
    assert after.startswith("\n")
    assert "1/3" in after
