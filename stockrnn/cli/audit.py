"""`stockrnn audit`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from stockrnn.cli.options import complete_config, json_option, notify, print_json, read_options_from, reading_options

if TYPE_CHECKING:
    from stockrnn.evaluation.leaks import Finding
    from stockrnn.samples.folds import WalkForward
    from stockrnn.workflows.audit import Audit
    from stockrnn.workflows.job import TrainJob


@click.command()
@click.argument("subject", metavar="RUN|CONFIG", shell_complete=complete_config)
@click.argument("prices", nargs=-1, type=click.Path(), metavar="[PRICES]...")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Override a value of the config; repeatable.",
)
@reading_options
@json_option
def audit(subject: str, prices: tuple[str, ...], overrides: tuple[str, ...], as_json: bool, **reading: Any) -> None:
    """Look for leaks: whether anything made before a day knows the prices after it.

    Every price after a day is changed at random and everything is made again, an epoch of training too: features,
    scaling, windows, weights, forecasts and opponents made before that day must be the same to the last bit. Tried on
    the days of the training, on some of refits and of single rows. A leak ends with 1.

    \b
    Examples:
      stockrnn audit google
      stockrnn audit recommended AAPL.csv --set target.column=open
      stockrnn audit runs/google --json
    """
    from stockrnn.workflows.audit import audit as look_for_leaks

    job, plan = _job(subject, prices, overrides, reading)
    result = look_for_leaks(job, subject, notify, plan)
    if as_json:
        print_json(result.to_json())
    else:
        click.echo(_text(result))
    result.require_clean()


def _job(
    subject: str, prices: tuple[str, ...], overrides: tuple[str, ...], reading: dict[str, Any]
) -> tuple[TrainJob, WalkForward | None]:
    """Return what is trained on what, and how it was backtested, if it was."""
    from pathlib import Path

    from stockrnn.recipes import load_recipe
    from stockrnn.runs.folder import load_run, names_run
    from stockrnn.runs.places import RunPlace
    from stockrnn.samples.folds import WalkForward
    from stockrnn.workflows.job import job_of_run
    from stockrnn.workflows.preparation import TrainRequest, prepare

    if names_run(subject):
        run = load_run(Path(subject))
        if prices or overrides or any(reading.values()):
            raise click.UsageError("a run is audited with its own config and prices; give a config to choose others.")
        plan = run.document.get("plan")
        return job_of_run(run), WalkForward(**plan) if plan else None
    recipe = load_recipe(subject, overrides)
    # Nothing is written there.
    place = RunPlace(Path("runs"), None, recipe.name)
    return prepare(TrainRequest(recipe, place, prices, options=read_options_from(reading)), notify), None


def _text(result: Audit) -> str:
    from stockrnn.reports.terminal import plain_table

    headers, rows = _table(result)
    lines = [
        f"Rebuilt with every price after a day changed at random, {result.draws} times, and with tickers that end then or some days",
        "later; each network was trained for an epoch.",
        "",
        plain_table(headers, rows),
        "",
    ]
    if result.leak is None:
        return "\n".join([*lines, "No leak was found: nothing that was made before these days knows a later price."])
    leaks = [_told(stage, found) for stage, found in result.leaks.items()]
    return "\n".join([*lines, *leaks, "Mend the first stage that leaks first: those after it are built on it."])


def _told(stage: str, found: Sequence[Finding]) -> str:
    first, more = found[0], len(found) - 1
    days = f" (and on {more} more day{'s' * (more > 1)})" if more else ""
    return f"{stage}, prices after {first.cutoff.session:%Y-%m-%d}, {first.cutoff.name}{days}: {first.changes}."


def _table(result: Audit) -> tuple[list[str], list[list[str]]]:
    """Return headers and a row a stage: a column for each day of the training, one for all refits, one for all rows."""
    from stockrnn.evaluation.leaks import STAGES

    columns = {f"{each.session:%Y-%m-%d}\n{each.name}": [each] for each in result.cutoffs if each.kind == "training"}
    for kind, name in (("refit", "refit"), ("row", "further day")):
        days = [each for each in result.cutoffs if each.kind == kind]
        if days:
            columns[f"{len(days)} {name}{'s' * (len(days) > 1)}"] = days
    outcomes = {(each.stage, each.cutoff): each.outcome for each in result.findings}
    rows = []
    for stage in STAGES:
        found = [{outcomes.get((stage, day), "nothing") for day in days} for days in columns.values()]
        rows.append([stage, *("LEAKS" if "leaks" in some else "ok" if "ok" in some else "-" for some in found)])
    return ["stage", *columns], rows
