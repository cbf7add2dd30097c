"""`stockrnn explain RUN memory`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stockrnn.cli.options import json_option, notify, print_json, tell_pictures

if TYPE_CHECKING:
    from stockrnn.workflows.explain_memory import MemoryReport, TrainingHook


@click.command()
@click.option("--seeds", type=click.IntRange(1, 100), default=3, show_default=True, help="Trainings of each network.")
@click.option(
    "--quick", is_flag=True, help="Train for a moment only: shows what the output looks like, not what is true."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to draw accuracy by lag into: PNG, SVG or PDF by its name.",
)
@json_option
@click.pass_context
def memory(context: click.Context, seeds: int, quick: bool, out: Path | None, as_json: bool) -> None:
    """Measure how far back networks as wide as a run's remember.

    A value is shown once and asked for 5, 20, 60 and 100 steps of noise later, of a feed-forward network on the last
    step, one on the whole window, a simple RNN, an LSTM and a GRU, all trained alike. A guess is right half of the time.

    \b
    Examples:
      stockrnn explain runs/google memory
      stockrnn explain runs/google memory --seeds 5 --out memory.png
    """
    from stockrnn.workflows.explain_memory import MemoryRequest, measure

    assert context.parent is not None  # the group has taken RUN
    run: Path = context.parent.params["run"]
    report = measure(MemoryRequest(run, seeds, quick, out), notify, _progress())
    if as_json:
        print_json(_document(report))
    else:
        click.echo(_text(report))
        tell_pictures(out)


_SECONDS = "On a processor the LSTM's seconds are those of a fused operation, the simple RNN's and the GRU's those of Keras' own loops."
_QUICK = (
    "Quick: trained on few batches, this shows what an answer looks like, not what it is. Leave --quick out to measure."
)


def _progress() -> TrainingHook:
    done = 0

    def on_training(recall: Any, trainings: int) -> None:
        nonlocal done
        done += 1
        if done % 5 == 0 or done == trainings:
            notify(f"{done} of {trainings} trainings done")

    return on_training


def _text(report: MemoryReport) -> str:
    from stockrnn.evaluation.memory_recall import NETWORK_NAMES
    from stockrnn.reports.terminal import plain_table

    task = report.task
    rows = [
        [
            NETWORK_NAMES[cell.network],
            str(cell.lag),
            f"{100 * cell.mean:.1f}",
            "-" if cell.deviation is None else f"{100 * cell.deviation:.1f}",
            f"{100 * cell.lowest:.1f}",
            f"{100 * cell.highest:.1f}",
            f"{cell.seconds:.2f}",
            f"{cell.batches:.0f}",
        ]
        for cell in report.cells
    ]
    headers = ["network", "steps\nback", "recalled, %\nmean", "standard\ndeviation", "worst\nseed", "best\nseed"]
    return "\n".join(
        [
            f"A value of +1 or -1, marked once, is asked for after k steps of +1 and -1 as noise; chance: {100 * report.chance:.0f} %.",
            f"{task.units} units, Keras' initial weights, {len(task.seeds)} {'seed' if len(task.seeds) == 1 else 'seeds'}; fresh batches of "
            f"{task.batch_size} until {100 * task.enough:.0f} % are recalled, at most {task.batches} or {task.steps:,} steps.",
            "",
            plain_table([*headers, "seconds of\ntraining", "batches"], rows),
            "",
            *([_QUICK] if report.quick else []),
            report.conclusion,
            _SECONDS,
        ]
    )


def _document(report: MemoryReport) -> dict[str, Any]:
    from stockrnn.evaluation.memory_recall import longest_recalled

    return {
        "task": dataclasses.asdict(report.task),
        "quick": report.quick,
        "chance": report.chance,
        "cells": [dataclasses.asdict(cell) for cell in report.cells],
        "trainings": [dataclasses.asdict(recall) for recall in report.recalls],
        "longest_recalled": longest_recalled(report.cells),
        "conclusion": report.conclusion,
    }
