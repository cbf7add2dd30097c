"""`stockrnn judge`: the referee for forecasts of any tool."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stockrnn.cli.options import (
    DAY,
    cost_option,
    everything_option,
    json_option,
    notify,
    print_json,
    read_options_from,
    reading_options,
    required_skill,
    skill_options,
)

if TYPE_CHECKING:
    from stockrnn.workflows.judge import JudgeRequest


@click.command()
@click.argument("forecasts", type=click.Path(path_type=Path), metavar="FORECASTS")
@click.argument("prices", type=click.Path(), metavar="PRICES")
@click.option(
    "--train", metavar="FROM..TO", help="Training years.  [default: those of the run, or all before the forecasts]"
)
@click.option(
    "--target",
    type=click.Choice(["open", "high", "low", "close"]),
    help="The price that is forecast.  [default: what the file says, else close]",
)
@click.option(
    "--horizon", type=click.IntRange(1, 250), help="Sessions ahead, where the file has no origin.  [default: 1]"
)
@click.option("--origin", type=DAY, help="Last day that all the forecasts knew, such as 2016-12-30.")
@click.option("--ticker", metavar="NAME", help="Judge this ticker; the one of a file that names none.")
@click.option(
    "--level", type=click.FloatRange(0, 100, min_open=True, max_open=True), help="Per cent that lower and upper hold."
)
@everything_option
@cost_option
@skill_options
@json_option
@reading_options
def judge(forecasts: Path, prices: str, everything: bool, as_json: bool, **told: Any) -> None:
    """Judge forecasts of any tool: scores beside naive ones, verdicts, and what looks wrong.

    FORECASTS is a CSV or Parquet file: a run's forecasts.parquet, a table of dates and forecasts, or what Nixtla's
    libraries and darts write. PRICES is a price file, a folder of them, or bundled:googl.

    \b
    Examples:
      stockrnn judge runs/google/forecasts.parquet bundled:googl
      stockrnn judge predictions.csv prices.csv --target open --horizon 5
      stockrnn judge cv.parquet prices.csv --train 2010-01-01..2016-12-31 --json
    """
    required = required_skill(told.pop("require_skill"), told.pop("part"))

    from stockrnn.cli.judged import judged_text
    from stockrnn.workflows.judge import judge_forecasts

    judged = judge_forecasts(_request(forecasts, prices, told))
    if as_json:
        print_json(judged.to_json())
    else:
        for note in judged.notes:
            notify(f"Note: {note.text.rstrip('.')}.")
        click.echo(judged_text(judged, everything))
    judged.require(required)


def _request(forecasts: Path, prices: str, told: dict[str, Any]) -> JudgeRequest:
    import pandas as pd

    from stockrnn.forecasts.foreign.layouts import ForeignOptions
    from stockrnn.workflows.judge import JudgeRequest

    level, origin, cost_bps = (told.pop(name) for name in ("level", "origin", "cost_bps"))
    train = _years(told.pop("train"))
    own = {name: told.pop(name) for name in ("target", "horizon", "ticker")}
    options = ForeignOptions(
        **own,
        origin=None if origin is None else pd.Timestamp(origin),
        level=level if level is None or level < 1 else level / 100,
        date_order=told["date_order"],
        decimal=told["decimal"],
    )
    return JudgeRequest(forecasts, prices, train, read_options_from(told), options, cost_bps)


def _years(text: str | None) -> Any:
    import pandas as pd

    if text is None:
        return None
    first, dots, last = text.partition("..")
    try:
        years = (pd.Timestamp(first), pd.Timestamp(last))
    except ValueError:
        dots = ""
    if not dots or pd.isna(years[0]) or pd.isna(years[1]) or years[0] >= years[1]:
        raise click.BadParameter(f"{text!r} is not FROM..TO, such as 2012-01-01..2016-12-31", param_hint="'--train'")
    return years
