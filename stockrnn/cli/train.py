"""`stockrnn train`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import click

from stockrnn.cli.options import (
    INTERRUPTED,
    as_overrides,
    calendar_option,
    config_options,
    everything_option,
    force_option,
    json_option,
    name_option,
    networks_option,
    notify,
    print_json,
    read_options_from,
    reading_options,
    required_skill,
    runs_option,
    skill_options,
)
from stockrnn.cli.progress import training_progress
from stockrnn.cores import usable_cores
from stockrnn.interruption import one_interruption

if TYPE_CHECKING:
    from stockrnn.workflows.train import TrainResult

# What a training was begun with, and --resume goes on with.
_NOT_RESUMED = ("config", "overrides", "test", "name", "seeds", "calendar", "force")


@click.command()
@click.argument("prices", nargs=-1, type=click.Path(), metavar="[PRICES]...")
@config_options
@click.option(
    "--test",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="Prices that follow the others and are the test sessions.",
)
@name_option
@runs_option
@click.option(
    "--seeds",
    type=click.IntRange(1, 1000),
    help="Train so many networks, seeds 1, 2, ..., and average their forecasts.",
)
@networks_option
@click.option("--resume", metavar="NAME", help="Go on with an interrupted run, as if it had not been.")
@calendar_option
@reading_options
@everything_option
@skill_options
@force_option
@json_option
def train(prices: tuple[str, ...], everything: bool, as_json: bool, **options: Any) -> None:
    """Train a recipe's network and judge it on sessions it has not seen.

    PRICES are price files; without any, the prices of the recipe: the tutorial's, bundled with stockrnn.

    \b
    Examples:
      stockrnn train
      stockrnn train AAPL.csv --set train.epochs=20
      stockrnn train Google_Stock_Price_Train.csv --test Google_Stock_Price_Test.csv
    """
    required = required_skill(options["require_skill"], options["part"])
    if options["resume"] and (prices or any(options[name] for name in _NOT_RESUMED)):
        raise click.UsageError("--resume goes on with what the run was begun with; leave the other options out.")

    from stockrnn.cli.results import train_json, train_text

    with one_interruption(), training_progress() as on_seed:
        result = _result(prices, options, on_seed)
    if as_json:
        print_json(train_json(result))
    else:
        click.echo(train_text(result, everything))
    if result.facts.interrupted:
        _tell_interrupted(result)
    result.judgement.require(required)


def _result(prices: tuple[str, ...], options: dict[str, Any], on_seed: Any) -> TrainResult:
    from stockrnn.recipes import load_recipe
    from stockrnn.runs.places import RunPlace
    from stockrnn.workflows import train as workflow
    from stockrnn.workflows.preparation import TrainRequest

    hooks = workflow.TrainHooks(notify, on_seed, options["jobs"] or usable_cores())
    if options["resume"]:
        return workflow.resume(options["runs"], options["resume"], hooks)
    chosen = as_overrides(options["seeds"], options["calendar"])
    recipe = load_recipe(options["config"], [*options["overrides"], *chosen])
    place = RunPlace(options["runs"], options["name"], recipe.name, options["force"])
    reading = read_options_from(options)
    return workflow.train(TrainRequest(recipe, place, prices, options["test"], reading), hooks)


def _tell_interrupted(result: TrainResult) -> NoReturn:
    from stockrnn.runs.unfinished import resume_command

    notify(
        f"Interrupted: {result.run} holds the network after epoch {result.facts.epochs}. "
        f"Go on with: {resume_command(result.run)}"
    )
    raise click.exceptions.Exit(INTERRUPTED)
