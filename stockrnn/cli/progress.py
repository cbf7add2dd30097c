"""Progress of a training on stderr: a live bar on a terminal, a line every ten epochs elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from stockrnn.config_sections import TrainConfig
    from stockrnn.workflows.trained_seed import EpochHook, SeedHook

_EVERY = 10


@contextmanager
def training_progress() -> Iterator[Callable[[TrainConfig], SeedHook]]:
    """Give a hook that, told the config, shows the epochs of each seed."""
    if not sys.stderr.isatty():
        yield lambda train: _lines(train.epochs + train.refit_epochs, len(train.seeds))
        return
    with ExitStack() as stack:
        yield lambda train: stack.enter_context(_live_bar(train.epochs + train.refit_epochs, len(train.seeds)))


def _lines(epochs: int, seeds: int) -> SeedHook:
    def on_seed(seed: int, number: int) -> EpochHook:
        name = f"seed {seed} ({number + 1} of {seeds}), " if seeds > 1 else ""

        def on_epoch(epoch: int, losses: dict[str, float]) -> None:
            if epoch % _EVERY == 0 or epoch in (1, epochs):
                click.echo(f"{name}epoch {epoch} of {epochs}: {_losses(losses)}", err=True)

        return on_epoch

    return on_seed


@contextmanager
def _live_bar(epochs: int, seeds: int) -> Iterator[SeedHook]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    # Where a terminal is narrow it is the bar that gives way.
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[losses]}"),
        TimeRemainingColumn(table_column=Column(no_wrap=True)),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:

        def on_seed(seed: int, number: int) -> EpochHook:
            del number
            name = f"seed {seed}, epoch" if seeds > 1 else "epoch"
            task = bar.add_task(name, total=epochs, losses="starting")
            return lambda epoch, losses: bar.update(task, completed=epoch, losses=_losses(losses, "validation"))

        yield on_seed


@contextmanager
def task_progress() -> Iterator[Callable[[int, int], None]]:
    """Give what hears how many tasks are done: a live bar on a terminal, up to twenty lines elsewhere."""
    if not sys.stderr.isatty():
        yield _task_line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("tasks"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("left"))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        shown = bar.add_task("tasks", total=None)
        yield lambda done, total: bar.update(shown, completed=done, total=total)


def _task_line(done: int, total: int) -> None:
    lines = min(total, 20)
    if done * lines // total > (done - 1) * lines // total:
        click.echo(f"{done} of {total} tasks done", err=True)


def _losses(losses: dict[str, float], watched: str = "validation loss") -> str:
    words = {"loss": "loss", "val_loss": watched}
    return ", ".join(f"{words.get(name, name)} {value:.5f}" for name, value in losses.items())
