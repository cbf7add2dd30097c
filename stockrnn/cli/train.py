"""`stockrnn train`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stockrnn.cli.options import (
    INTERRUPTED,
    calendar_option,
    config_options,
    everything_option,
    force_option,
    json_option,
    notify,
    print_json,
    read_options_from,
    reading_options,
    required_skill,
    runs_option,
    seeds_override,
    skill_options,
)
from stockrnn.cli.progress import training_progress
from stockrnn.cores import usable_cores
from stockrnn.interruption import one_interruption


@click.command()
@click.argument("prices", nargs=-1, metavar="[PRICES]...")
@config_options
@click.option("--test", multiple=True, metavar="FILE", help="Prices that follow the others and are the test sessions.")
@click.option("--name", help="Name of the run folder.  [default: the recipe's name, then -2, -3, ...]")
@runs_option
@click.option(
    "--seeds",
    type=click.IntRange(1, 1000),
    help="Train so many networks, seeds 1, 2, ..., and average their forecasts.",
)
@click.option(
    "--jobs", type=click.IntRange(1), help="Networks trained at a time, each in a process.  [default: all cores]"
)
@click.option("--resume", metavar="NAME", help="Go on with an interrupted run, as if it had not been.")
@calendar_option
@reading_options
@everything_option
@skill_options
@force_option
@json_option
def train(
    prices: tuple[str, ...],
    config: str | None,
    overrides: tuple[str, ...],
    test: tuple[str, ...],
    name: str | None,
    runs: Path,
    seeds: int | None,
    jobs: int | None,
    resume: str | None,
    calendar: str | None,
    everything: bool,
    require_skill: float | None,
    part: str | None,
    force: bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Train a recipe's network and judge it on sessions it has not seen.

    PRICES are price files; without any, the prices of the recipe: the tutorial's, bundled with stockrnn.

    \b
    Examples:
      stockrnn train
      stockrnn train AAPL.csv --set train.epochs=20
      stockrnn train Google_Stock_Price_Train.csv --test Google_Stock_Price_Test.csv
    """
    required = required_skill(require_skill, part)

    from stockrnn.cli.results import train_json, train_text
    from stockrnn.recipes import load_recipe
    from stockrnn.runs.places import RunPlace, resume_command
    from stockrnn.workflows import train as workflow
    from stockrnn.workflows.preparation import TrainRequest

    if resume and (prices or config or overrides or test or name or seeds or calendar or force):
        raise click.UsageError("--resume goes on with what the run was begun with; leave the other options out.")
    with one_interruption(), training_progress() as on_seed:
        hooks = workflow.TrainHooks(notify, on_seed, jobs or usable_cores())
        if resume:
            result = workflow.resume(runs, resume, hooks)
        else:
            recipe = load_recipe(config, [*overrides, *_as_overrides(seeds, calendar)])
            place = RunPlace(runs, name, recipe.name, force)
            result = workflow.train(TrainRequest(recipe, place, prices, test, read_options_from(**reading)), hooks)
    if as_json:
        print_json(train_json(result))
    else:
        click.echo(train_text(result, everything))
    if result.facts.interrupted:
        notify(
            f"Interrupted: {result.run} holds the network after epoch {result.facts.epochs}. "
            f"Go on with: {resume_command(result.run)}"
        )
        raise click.exceptions.Exit(INTERRUPTED)
    result.judgement.require(required)


def _as_overrides(seeds: int | None, calendar: str | None) -> list[str]:
    chosen = seeds_override(seeds)
    return [*chosen, f"data.calendar='{calendar}'"] if calendar else chosen
