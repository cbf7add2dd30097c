"""`stockrnn explain`: one group, a topic a command.

A topic of another module takes the run folder with `@click.pass_obj` as its first argument and joins `TOPICS`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stockrnn.cli.explain_memory import memory
from stockrnn.cli.options import DAY, json_option, notify, print_json, run_argument, tell_pictures

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class TopicGroup(click.Group):
    """A group that names its topics where none of them is given."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the topic."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise click.UsageError(f"no topic {args[0]!r}; the topics are {', '.join(self.commands)}.", ctx)
        return super().resolve_command(ctx, args)


@click.group("explain", cls=TopicGroup, no_args_is_help=False, invoke_without_command=True)
@run_argument
@click.pass_context
def explain(context: click.Context, run: Path) -> None:
    """Look inside a run: gradients, gates, memory, and what moves its forecast.

    \b
    Examples:
      stockrnn explain runs/google gradients --compare-cells --out gradients.png
      stockrnn explain runs/google gates --date 2017-06-09 --out gates.png
      stockrnn explain runs/google importance
    """
    if context.invoked_subcommand is None:
        raise click.UsageError(f"{run}: add what to explain, one of {', '.join(explain.commands)}.", context)
    context.obj = run


def _picture(_context: click.Context, _option: click.Parameter, out: Path | None) -> Path | None:
    """Refuse a picture of no known format before anything is computed."""
    if out is not None:
        from stockrnn.reports.picture_files import check_picture_name

        check_picture_name(out)
    return out


_out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_picture,
    help="Draw a picture too: PNG, SVG or PDF by its name.",
)

_ticker_option = click.option("--ticker", help="Which ticker of the run.  [default: its first]")


@click.command()
@click.option(
    "--compare-cells", is_flag=True, help="Untrained simple RNN, LSTM and GRU of the run's size, side by side."
)
@json_option
@_out_option
@click.pass_obj
def gradients(run: Path, compare_cells: bool, as_json: bool, out: Path | None) -> None:
    """Say whether the gradient vanishes or explodes on its way back through the window, layer by layer.

    \b
    Examples:
      stockrnn explain runs/google gradients
      stockrnn explain runs/google gradients --compare-cells --out gradients.png
    """
    from stockrnn.reports.explain_gradients import gradients_json, gradients_text
    from stockrnn.workflows.explain_gradients import explain_gradients

    report = explain_gradients(run, compare_cells, notify)
    if out is not None:
        from stockrnn.reports.explain_figures import draw_gradients

        _save(lambda: draw_gradients(report), out)
    if as_json:
        print_json({"run": str(run), **gradients_json(report)})
    else:
        click.echo(gradients_text(report))
        tell_pictures(out)


@click.command()
@click.option(
    "--date",
    type=DAY,
    metavar="YYYY-MM-DD",
    help="Last session of the window (the origin); the forecast is for the session after it.  [default: the last of the test]",
)
@click.option(
    "--layer", type=click.IntRange(1), default=1, show_default=True, help="Which recurrent layer, from the input."
)
@_ticker_option
@json_option
@_out_option
@click.pass_obj
def gates(run: Path, date: dt.datetime | None, layer: int, ticker: str | None, as_json: bool, out: Path | None) -> None:
    """Show what a cell kept, added and let out over one window, beside the prices and the plain cell's one tanh.

    Of a layer that reads in both directions, the forward one; of several seeds, the first network.

    \b
    Examples:
      stockrnn explain runs/google gates --date 2017-06-09 --out gates.png
      stockrnn explain runs/google gates --layer 4 --json
    """
    import pandas as pd

    from stockrnn.reports.explain_gates import gates_json, gates_text
    from stockrnn.workflows.explain_gates import explain_gates

    dated = explain_gates(run, None if date is None else pd.Timestamp(date), layer, ticker)
    if out is not None:
        from stockrnn.reports.explain_figures import draw_gates

        _save(lambda: draw_gates(dated), out)
    if as_json:
        print_json({"run": str(run), **gates_json(dated)})
    else:
        click.echo(gates_text(dated))
        tell_pictures(out)


@click.command()
@_ticker_option
@click.option(
    "--repeats", type=click.IntRange(2, 1000), default=5, show_default=True, help="Permutations of each part."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Draws the permutations.")
@json_option
@_out_option
@click.pass_obj
def importance(run: Path, ticker: str | None, repeats: int, seed: int, as_json: bool, out: Path | None) -> None:
    """Say how much each feature and each block of lags moves the forecasts of the test sessions, in price units.

    Each part of the windows is exchanged between them at random; what the error of the forecasts grows by is what it was
    worth: RMSE, or CRPS where the network forecasts a distribution. What the run's gate leaves out counts for nothing.

    \b
    Examples:
      stockrnn explain runs/google importance
      stockrnn explain runs/google importance --repeats 20 --out importance.png
    """
    from stockrnn.reports.explain_importance import importance_json, importance_text
    from stockrnn.workflows.explain_importance import explain_importance

    report = explain_importance(run, ticker, repeats, seed, notify)
    if out is not None:
        from stockrnn.reports.explain_figures import draw_importance

        _save(lambda: draw_importance(report), out)
    if as_json:
        print_json({"run": str(run), **importance_json(report)})
    else:
        click.echo(importance_text(report))
        tell_pictures(out)


def _save(draw: Callable[[], Figure], out: Path) -> None:
    """Save a picture."""
    from stockrnn.reports.picture_files import save_picture

    save_picture(draw, out)


TOPICS: tuple[click.Command, ...] = (gradients, gates, memory, importance)

for _topic in TOPICS:
    explain.add_command(_topic)
