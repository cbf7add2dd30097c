"""`stockrnn backtest`."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from stockrnn.cli.options import (
    DAY,
    as_overrides,
    calendar_option,
    config_options,
    everything_option,
    force_option,
    json_option,
    name_option,
    notify,
    print_json,
    read_options_from,
    reading_options,
    runs_option,
)
from stockrnn.cli.progress import task_progress
from stockrnn.cores import usable_cores
from stockrnn.interruption import one_interruption


class Origins(click.ParamType):  # type: ignore[type-arg]
    """`every-session`, or a number: every so many-th session."""

    name = "every-session|N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return how many sessions lie between two origins."""
        if isinstance(value, int):
            return value
        text = "1" if value == "every-session" else value
        if not text.isdigit() or int(text) < 1:
            self.fail(f"{value!r} is neither every-session nor a number of sessions", param, ctx)
        return int(text)


class Rolling(click.ParamType):  # type: ignore[type-arg]
    """`expanding`, or `rolling:N`."""

    name = "expanding|rolling:N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        """Return how many sessions a fit knows, None for all."""
        kind, colon, sessions = str(value).partition(":")
        if kind == "expanding" and not colon:
            return None
        if kind != "rolling" or not sessions.isdigit() or int(sessions) < 2:
            self.fail(f"{value!r} is neither expanding nor rolling:N with a number of sessions", param, ctx)
        return int(sessions)


@click.command()
@click.argument("prices", nargs=-1, type=click.Path(), metavar="[PRICES]...")
@config_options
@click.option("--from", "first", type=DAY, help="First session to test.  [default: that of data.test]")
@click.option("--to", "last", type=DAY, help="Last session to test.  [default: that of data.test]")
@click.option("--origins", type=Origins(), default="every-session", show_default=True, help="When to forecast.")
@click.option("--refit-every", type=click.IntRange(1), default=63, show_default=True, help="Sessions between two fits.")
@click.option("--window", type=Rolling(), default="expanding", show_default=True, help="What a fit knows.")
@click.option(
    "--pool",
    type=click.Choice(["together", "each"]),
    default="together",
    show_default=True,
    help="One network for all tickers, or one for each.",
)
@click.option(
    "--seeds", type=click.IntRange(1, 1000), help="Networks a fit, seeds 1, 2, ...; their forecasts are averaged."
)
@name_option
@runs_option
@click.option("--jobs", type=click.IntRange(1), help="Processes.  [default: all cores]")
@click.option(
    "--cluster", metavar="ADDRESS", help="A Dask scheduler, such as tcp://host:8786, whose workers do the work."
)
@click.option(
    "--store",
    metavar="PLACE",
    help="Folder or URI (s3://...) where workers read prices, a Parquet file a ticker.  [default: beside the run]",
)
@click.option(
    "--resume",
    is_flag=False,
    flag_value="",
    metavar="[NAME]",
    help="Go on with a backtest of this name (or --name), whatever there is of it.",
)
@calendar_option
@reading_options
@everything_option
@force_option
@json_option
@click.pass_context
def backtest(context: click.Context, /, **options: Any) -> None:
    """Walk forward through years of prices: refit, forecast until the next refit, judge it all.

    PRICES are price files; without any, the prices of the recipe. Each fit knows the sessions before it and no other.

    \b
    Examples:
      stockrnn backtest --config smoke --from 2017-01-01 --to 2017-12-31
      stockrnn backtest prices/ --config gru --pool each --jobs 4 --name walk
      stockrnn backtest --resume walk
    """
    from stockrnn.cli.results import backtest_json, backtest_text
    from stockrnn.errors import UnfinishedError

    with one_interruption(), task_progress() as on_done:
        result = _result(context, options, on_done)
    if options["as_json"]:
        print_json(backtest_json(result))
    elif result.judged is not None:
        click.echo(backtest_text(result, options["everything"]))
    if result.failed:
        named = "; ".join(f"{each.task.label}: {each.problem}" for each in result.failed[:5])
        more = f"; and {len(result.failed) - 5} more" if len(result.failed) > 5 else ""
        raise UnfinishedError(
            f"{len(result.failed)} of the tasks failed three times ({named}{more}); the others are kept. "
            f"Try these again by: {result.resume}"
        )


def _result(context: click.Context, options: dict[str, Any], on_done: Any) -> Any:
    from stockrnn.workflows import backtest as workflow

    hooks = workflow.BacktestHooks(notify, on_done, options["jobs"] or usable_cores(), options["cluster"])
    resume = options["resume"]
    if resume is None:
        return workflow.backtest(_request(options, options["name"]), hooks)
    asked = _is_asked(context)
    request = _request(options, resume or options["name"]) if asked or not resume else None
    name = resume or options["name"] or (request.train.place.default_name if request else "")
    if not asked:
        request = None
    return workflow.resume_backtest(options["runs"], name, request, hooks)


def _is_asked(context: click.Context) -> bool:
    """Return whether the user says what is to be tested on what."""
    how = {"resume", "runs", "jobs", "cluster", "everything", "as_json", "name", "force"}
    given = click.core.ParameterSource.COMMANDLINE
    return any(context.get_parameter_source(name) == given for name in context.params if name not in how)


def _request(options: dict[str, Any], name: str | None) -> Any:
    from stockrnn.runs.places import RunPlace
    from stockrnn.samples.folds import WalkForward
    from stockrnn.workflows.backtest import walk_forward_recipe
    from stockrnn.workflows.backtest_stages import BacktestRequest
    from stockrnn.workflows.preparation import TrainRequest

    chosen = as_overrides(options["seeds"], options["calendar"])
    recipe = walk_forward_recipe(
        options["config"], [*options["overrides"], *chosen], _day(options["first"]), _day(options["last"])
    )
    reading = read_options_from(options)
    place = RunPlace(options["runs"], name, recipe.name, options["force"])
    plan = WalkForward(options["refit_every"], options["window"], options["origins"])
    train = TrainRequest(recipe, place, options["prices"], (), reading)
    return BacktestRequest(train, plan, options["pool"], options["store"])


def _day(value: dt.datetime | None) -> dt.date | None:
    return value.date() if value else None
