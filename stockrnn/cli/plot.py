"""`stockrnn plot`."""

from __future__ import annotations

from pathlib import Path

import click

from stockrnn.cli.options import run_argument, tell_pictures


@click.command()
@run_argument
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to draw into: PNG, SVG or PDF by its name.  [default: PNG and SVG in the run folder]",
)
def plot(run: Path, out: Path | None) -> None:
    """Draw real against predicted price over a run's test sessions.

    \b
    Examples:
      stockrnn plot runs/google
      stockrnn plot runs/google --out google.svg
    """
    from stockrnn.workflows.plot import plot as draw_run

    tell_pictures(*draw_run(run, out))
