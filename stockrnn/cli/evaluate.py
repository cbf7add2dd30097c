"""`stockrnn evaluate`."""

from __future__ import annotations

from pathlib import Path

import click

from stockrnn.cli.options import (
    cost_option,
    everything_option,
    json_option,
    notify,
    print_json,
    required_skill,
    run_argument,
    skill_options,
)


@click.command()
@run_argument
@everything_option
@cost_option
@skill_options
@json_option
def evaluate(
    run: Path, everything: bool, cost_bps: float, require_skill: float | None, part: str | None, as_json: bool
) -> None:
    """Score a run's forecasts of its test sessions beside the naive ones.

    \b
    Examples:
      stockrnn evaluate runs/google
      stockrnn evaluate runs/google --all
      stockrnn evaluate runs/google --require-skill 0.02
    """
    required = required_skill(require_skill, part)

    from stockrnn.cli.results import evaluation_text
    from stockrnn.workflows.evaluate import evaluate as judge_run

    config, split, judgement = judge_run(run, cost_bps, notify)
    if as_json:
        print_json(judgement.to_json())
    else:
        click.echo(evaluation_text(config, split, judgement, everything))
    judgement.require(required)
