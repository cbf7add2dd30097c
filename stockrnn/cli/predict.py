"""`stockrnn predict`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stockrnn.cli.options import (
    calendar_option,
    json_option,
    notify,
    print_json,
    read_options_from,
    reading_options,
    run_argument,
)


def _levels(_context: click.Context, _option: click.Parameter, text: str | None) -> tuple[float, ...]:
    """Turn `50,90` into shares."""
    if text is None:
        return ()
    try:
        return tuple(dict.fromkeys(round(float(part) / 100, 9) for part in text.split(",")))
    except ValueError:
        raise click.BadParameter(f"{text!r}: expected per cents, such as 50,90") from None


@click.command()
@run_argument
@click.argument("prices", nargs=-1, type=click.Path(), metavar="[PRICES]...")
@click.option("--days", type=click.IntRange(1, 250), default=1, show_default=True, help="Sessions to forecast.")
@click.option(
    "--level",
    "levels",
    callback=_levels,
    metavar="PERCENT[,...]",
    help="Intervals, any from 1 to 99 %, such as 50,90.  [default: 90 where the run has a distribution]",
)
@calendar_option
@reading_options
@click.option("--csv", "as_csv", is_flag=True, help="Print the forecasts as CSV.")
@json_option
def predict(
    run: Path,
    prices: tuple[str, ...],
    days: int,
    levels: tuple[float, ...],
    calendar: str | None,
    as_csv: bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Forecast the sessions to come, beside the last close and the run's verdict.

    PRICES are newer price files; without any, the prices that the run was trained on.

    \b
    Examples:
      stockrnn predict runs/google --days 5
      stockrnn predict runs/google prices/GOOGL.csv --json
      stockrnn predict runs/recommended --days 10 --level 50,90
    """
    from stockrnn.cli.predictions import prediction_csv, prediction_json, prediction_text
    from stockrnn.workflows.predict import PredictRequest
    from stockrnn.workflows.predict import predict as forecast

    if as_csv and as_json:
        raise click.UsageError("--csv and --json exclude each other.")
    prediction = forecast(PredictRequest(run, prices, days, calendar, levels, read_options_from(reading)), notify)
    if as_json:
        print_json(prediction_json(prediction))
    elif as_csv:
        click.echo(prediction_csv(prediction), nl=False)
    else:
        click.echo(prediction_text(prediction))
