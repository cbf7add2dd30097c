"""`stockrnn inspect`: say what price files hold and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stockrnn.cli.options import (
    calendar_option,
    force_option,
    json_option,
    notify,
    print_json,
    read_options_from,
    reading_options,
    tell_pictures,
)

if TYPE_CHECKING:
    from stockrnn.prices.doctor.findings import RepairKind

# Named here too because `--help` must not load the pandas behind stockrnn.prices; a test says that both are the same.
REPAIRS = ("split", "units", "duplicates", "sessions")


@click.command("inspect")
@click.argument("prices", nargs=-1, required=True, type=click.Path(), metavar="PRICES...")
@json_option
@calendar_option
@reading_options
@click.option(
    "--repair",
    "repairs",
    type=click.Choice(REPAIRS),
    multiple=True,
    help="Write a repaired copy: one adjustment for splits, one unit, one row a session, no rows on days without trading.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="The repaired copy.  [default: NAME-repaired.csv beside PRICES]"
)
@click.option(
    "--plot", type=click.Path(path_type=Path), help="Draw the prices and what was found: a PNG, SVG or PDF file."
)
@force_option
def inspect_command(
    prices: tuple[str, ...],
    as_json: bool,
    calendar: str | None,
    repairs: tuple[RepairKind, ...],
    out: Path | None,
    plot: Path | None,
    force: bool,
    **reading: Any,
) -> None:
    """Say what price files hold and what is wrong with them, and repair a copy.

    PRICES are files, folders or bundled:googl. A repair never changes an input, and logs each change.

    \b
    Examples:
      stockrnn inspect prices.csv
      stockrnn inspect prices.csv --repair split --out fixed.csv
      stockrnn inspect prices.csv --calendar XLON --plot found.png
    """
    from stockrnn.reports.price_report import inspection_document, inspection_lines
    from stockrnn.workflows.inspect import draw, inspect, write_repaired

    if out is not None and not repairs:
        raise click.UsageError("--out is the name of a repaired copy; say what to repair with --repair.")
    inspection = inspect(prices, read_options_from(reading), calendar)
    if repairs:
        notify("\n".join(write_repaired(inspection, repairs, out, force).summary))
    if plot is not None:
        draw(inspection, plot, force)
    if as_json:
        print_json(inspection_document(inspection.diagnoses, inspection.notes))
    else:
        click.echo("\n".join(inspection_lines(inspection.diagnoses, inspection.notes)))
        tell_pictures(plot)
