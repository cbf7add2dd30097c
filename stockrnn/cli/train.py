"""`stockrnn train`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stockrnn.cli.options import (
    INTERRUPTED,
    config_options,
    everything_option,
    force_option,
    json_option,
    notify,
    print_json,
    read_options_from,
    reading_options,
    runs_option,
)
from stockrnn.cli.progress import training_progress


@click.command()
@click.argument("prices", nargs=-1, metavar="[PRICES]...")
@config_options
@click.option("--test", multiple=True, metavar="FILE", help="Prices that follow the others and are the test sessions.")
@click.option("--name", help="Name of the run folder.  [default: the recipe's name, then -2, -3, ...]")
@runs_option
@reading_options
@everything_option
@force_option
@json_option
def train(
    prices: tuple[str, ...],
    config: str | None,
    overrides: tuple[str, ...],
    test: tuple[str, ...],
    name: str | None,
    runs: Path,
    everything: bool,
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
    from stockrnn.cli.results import train_json, train_text
    from stockrnn.recipes import load_recipe
    from stockrnn.runs.folder import RunPlace
    from stockrnn.workflows.preparation import TrainRequest
    from stockrnn.workflows.train import train as run_training

    recipe = load_recipe(config, overrides)
    request = TrainRequest(recipe, RunPlace(runs, name, recipe.name, force), prices, test, read_options_from(**reading))
    with training_progress(recipe.config.train.epochs, len(recipe.config.train.seeds)) as on_seed:
        result = run_training(request, notify, on_seed)
    if as_json:
        print_json(train_json(result))
    else:
        click.echo(train_text(result, everything))
    if result.facts.interrupted:
        notify(f"Interrupted: {result.run} holds the network after epoch {result.facts.epochs}.")
        raise click.exceptions.Exit(INTERRUPTED)
