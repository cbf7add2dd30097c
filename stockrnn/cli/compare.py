"""`stockrnn compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stockrnn.cli.options import (
    INTERRUPTED,
    as_overrides,
    calendar_option,
    complete_config,
    everything_option,
    json_option,
    networks_option,
    notify,
    print_json,
    read_options_from,
    reading_options,
    runs_option,
    tell_pictures,
)
from stockrnn.cli.progress import training_progress
from stockrnn.cores import usable_cores
from stockrnn.interruption import one_interruption

if TYPE_CHECKING:
    from stockrnn.recipes import Recipe


@click.command()
@click.argument("subjects", nargs=-1, required=True, metavar="RUN|CONFIG...", shell_complete=complete_config)
@click.option(
    "--prices",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="Prices for the configs.  [default: each config's own]",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Override a value of each config; repeatable.",
)
@click.option("--seeds", type=click.IntRange(1, 1000), help="Train so many networks a config, and average them.")
@networks_option
@calendar_option
@runs_option
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Draw all of them: PNG, SVG or PDF by its name."
)
@reading_options
@everything_option
@json_option
def compare(
    subjects: tuple[str, ...],
    overrides: tuple[str, ...],
    seeds: int | None,
    calendar: str | None,
    out: Path | None,
    everything: bool,
    as_json: bool,
    **training: Any,
) -> None:
    """Put runs and recipes side by side, and test each two of them.

    Configs are trained first, each into a run folder; runs are taken as they are. Compared are the forecasts that all
    of them made of the same sessions. p-values are corrected for how many tests were made.

    \b
    Examples:
      stockrnn compare google gru --set train.epochs=5
      stockrnn compare runs/google runs/gru --out both.png
      stockrnn compare runs/google gru simple_rnn --seeds 3
    """
    if out:
        from stockrnn.reports.picture_files import check_picture_name

        check_picture_name(out)
    from stockrnn.cli.compared import comparison_text
    from stockrnn.workflows.compare import compare as compare_runs
    from stockrnn.workflows.compare import load_contestants

    comparison = compare_runs(
        load_contestants(_runs_of(subjects, [*overrides, *as_overrides(seeds, calendar)], training))
    )
    if out:
        from stockrnn.reports.figures import save_forecast_figure

        save_forecast_figure(comparison.forecasts, out)
    if as_json:
        print_json(comparison.to_json())
    else:
        text = comparison_text(comparison, everything)
        for note in comparison.notes:
            notify(f"Note: {note}.")
        click.echo(text)
        tell_pictures(out)


def _runs_of(subjects: tuple[str, ...], overrides: list[str], training: dict[str, Any]) -> dict[Path, str | None]:
    """Return the run folders to compare, in the order they were named; everything is checked before a network is trained."""
    from stockrnn.recipes import load_recipe
    from stockrnn.runs.folder import names_run
    from stockrnn.workflows.compare import check_targets, load_contestants

    if len(subjects) < 2:
        raise click.UsageError("give two or more runs or configs to compare.")
    if len(set(subjects)) < len(subjects):
        raise click.UsageError("a run or config is named twice; a comparison with itself says nothing.")
    recipes = {subject: None if names_run(subject) else load_recipe(subject, overrides) for subject in subjects}
    loaded = load_contestants({Path(subject): None for subject, recipe in recipes.items() if recipe is None})
    targets = [(subject, recipe.config.target.column) for subject, recipe in recipes.items() if recipe]
    check_targets([*((each.name, each.terms.target) for each in loaded), *targets])
    if overrides and not any(recipes.values()):
        raise click.UsageError("--set, --seeds and --calendar are for configs; runs are compared as they are.")
    runs: dict[Path, str | None] = {}
    for subject, recipe in recipes.items():
        if recipe is None:
            runs[Path(subject)] = None
        else:
            runs[_trained(recipe, training)] = recipe.name
    return runs


def _trained(recipe: Recipe, training: dict[str, Any]) -> Path:
    from stockrnn.runs.places import RunPlace
    from stockrnn.workflows import train as workflow
    from stockrnn.workflows.preparation import TrainRequest

    request = TrainRequest(
        recipe,
        RunPlace(training["runs"], None, recipe.name),
        training["prices"],
        options=read_options_from(training),
    )
    notify(f"Training {recipe.name}.")
    with one_interruption(), training_progress() as on_seed:
        result = workflow.train(request, workflow.TrainHooks(notify, on_seed, training["jobs"] or usable_cores()))
    if result.facts.interrupted:
        notify(f"Interrupted: {result.run} holds the network after epoch {result.facts.epochs}; nothing was compared.")
        raise click.exceptions.Exit(INTERRUPTED)
    return result.run
