"""`stockrnn diagram`."""

from __future__ import annotations

from pathlib import Path

import click

from stockrnn.cli.options import tell_pictures

# Those of stockrnn.reports.diagrams, which is not imported for a --help.
NAMES = ("layers", "unrolled", "shapes", "bptt", "lstm")


@click.command()
@click.argument("name", type=click.Choice(NAMES), metavar="NAME")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to draw into: PNG, SVG or PDF by its name.  [default: NAME.png]",
)
def diagram(name: str, out: Path | None) -> None:
    """Draw how recurrent networks are built: what no trained run can show.

    \b
    NAME is one of
      layers     a feed-forward network beside a recurrent one
      unrolled   one layer in a loop, and unrolled over its steps
      shapes     one-to-one, one-to-many, many-to-one, many-to-many
      bptt       backpropagation through time, full and truncated
      lstm       the cell's three steps: forget, add, output

    \b
    Example:
      stockrnn diagram lstm --out lstm.png
    """
    from stockrnn.reports.diagrams import save_diagram

    path = out or Path(f"{name}.png")
    save_diagram(name, path)
    tell_pictures(path)
