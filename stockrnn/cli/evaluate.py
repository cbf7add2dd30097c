"""`stockrnn evaluate`."""

from __future__ import annotations

from pathlib import Path

import click

from stockrnn.cli.options import everything_option, json_option, print_json, run_argument


@click.command()
@run_argument
@everything_option
@json_option
def evaluate(run: Path, everything: bool, as_json: bool) -> None:
    """Score a run's forecasts of its test sessions beside the naive ones.

    \b
    Examples:
      stockrnn evaluate runs/google
      stockrnn evaluate runs/google --all
    """
    from stockrnn.cli.results import judgement_text
    from stockrnn.workflows.evaluate import evaluate as judge_run

    config, split, judgement = judge_run(run)
    if as_json:
        print_json(judgement.to_json())
    else:
        click.echo(judgement_text(config, split, judgement, everything))
