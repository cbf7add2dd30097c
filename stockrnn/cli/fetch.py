"""The command `stockrnn fetch`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stockrnn.cli.options import DAY, force_option, json_option, notify, print_json
from stockrnn.prices.yahoo.intervals import DAILY, INTERVALS

if TYPE_CHECKING:
    from stockrnn.workflows.fetch import FetchOutcome, FetchRequest


@click.command()
@click.argument("tickers", nargs=-1)
@click.option("--start", type=DAY, metavar="YYYY-MM-DD", help="First day.  [default: all there is]")
@click.option("--end", type=DAY, metavar="YYYY-MM-DD", help="Last day, included.  [default: the last finished session]")
@click.option("--interval", type=click.Choice(INTERVALS), default=DAILY, show_default=True, help="Step between prices.")
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("prices"),
    show_default=True,
    help="Folder of the CSVs, one a ticker.",
)
@click.option(
    "--adjust",
    "adjustment",
    type=click.Choice(["splits", "all", "none"]),
    default="splits",
    show_default=True,
    help="Take splits out of all prices, dividends too (all), or neither (none).",
)
@click.option("--offline", is_flag=True, help="Answer from the cache only, and say how old it is.")
@click.option("--refresh", is_flag=True, help="Ignore what is stored and fetch all of it again.")
@click.option(
    "--tickers-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with tickers, one a line; # begins a comment.",
)
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait in all when Yahoo asks for fewer requests.",
)
@force_option
@json_option
def fetch(
    tickers: tuple[str, ...],
    start: datetime | None,
    end: datetime | None,
    tickers_file: Path | None,
    patience: float,
    as_json: bool,
    **request: Any,
) -> int:
    """Fetch prices from Yahoo into one CSV a ticker.

    Prices are kept in a local cache: a later fetch asks only for the sessions that are missing. Beside each CSV lies a
    file that says where it comes from, how it is adjusted, and by which exchange calendar.

    \b
    Example:   stockrnn fetch GOOG MSFT --start 2012-01-01 --end 2017-12-31
    """
    from stockrnn.prices.yahoo.source import Yahoo
    from stockrnn.workflows import fetch as workflow

    names = _tickers(tickers, tickers_file)
    if not names:
        raise click.UsageError("Name at least one ticker, or give --tickers-file.")
    wanted = workflow.FetchRequest(first=_day(start), last=_day(end), **request)
    _check(wanted)
    with _progress(len(names)) as (say, advance):
        outcome = workflow.fetch(names, wanted, Yahoo(say, patience), advance)
    for failure in outcome.failed:
        notify(f"Error: {failure.text}")
    if as_json:
        print_json(
            {"tickers": [row.to_json() for row in outcome.fetched], "failed": [vars(row) for row in outcome.failed]}
        )
    elif outcome.fetched:
        click.echo(_table(outcome))
    return outcome.exit_code


def _check(request: FetchRequest) -> None:
    if request.offline and request.refresh:
        raise click.UsageError("--offline and --refresh contradict each other.")
    if request.first and request.last and request.first > request.last:
        raise click.UsageError(f"--start {request.first} is after --end {request.last}.")


def _day(instant: datetime | None) -> date | None:
    return instant.date() if instant else None


def _tickers(tickers: tuple[str, ...], tickers_file: Path | None) -> list[str]:
    """Return the tickers in capitals, each once, in their order."""
    try:
        lines = tickers_file.read_text(encoding="utf-8-sig").splitlines() if tickers_file else []
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{tickers_file} is not UTF-8 text.") from error
    words = " ".join([*tickers, *(line.partition("#")[0] for line in lines)]).replace(",", " ").replace(";", " ")
    return list(dict.fromkeys(word.upper() for word in words.split()))


@contextmanager
def _progress(count: int) -> Iterator[tuple[Callable[[str], None], Callable[[str], None]]]:
    """Give what tells the user something, and what says that a ticker is done; many tickers on a terminal get a bar."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    done: list[str] = []
    try:
        if count < 2 or not console.is_terminal:
            yield notify, done.append
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("fetching", total=count)

            def advance(ticker: str) -> None:
                done.append(ticker)
                bar.update(task, advance=1, description=ticker)

            yield lambda text: bar.console.print(text, markup=False, highlight=False, soft_wrap=True), advance
    except KeyboardInterrupt:
        notify(f"Stopped after {len(done)} of {count} tickers; the same command goes on from there.")
        raise


def _table(outcome: FetchOutcome) -> str:
    head = ("ticker", "sessions", "first", "last", "source", "path")
    rows = [(row.ticker, str(row.sessions), row.first, row.last, row.source, str(row.path)) for row in outcome.fetched]
    widths = [max(len(line[column]) for line in (head, *rows)) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (head, *rows)
    )
