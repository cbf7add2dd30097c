"""Read price files of any kind into one prices table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from stockrnn.errors import PriceDataError
from stockrnn.prices.csv_reader import read_csv
from stockrnn.prices.table import PriceNote, Prices, join_prices

Adjustment = Literal["none", "all"]


@dataclass(frozen=True)
class ReadOptions:
    """What the user says about files that cannot say it themselves.

    Attributes:
        adjust: `all` multiplies open, high, low and close by Adj Close / Close where the file has it.
        date_order: `dmy`, `mdy` or `ymd` for dates such as 03/04/2017; None lets the file decide.
        decimal: `.` or `,`; None lets the file decide.
        columns: Price column to header in the file, such as `{"close": "Last"}`.
    """

    adjust: Adjustment = "none"
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    decimal: Literal[".", ","] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PriceRead:
    """Prices as read, and what the reader noticed on the way."""

    prices: Prices
    notes: tuple[PriceNote, ...] = ()


def read_prices(sources: str | Path | Sequence[str | Path], options: ReadOptions | None = None) -> Prices:
    """Read one or several price files into one prices table; see `read_prices_with_notes`."""
    return read_prices_with_notes(sources, options).prices


def read_prices_with_notes(sources: str | Path | Sequence[str | Path], options: ReadOptions | None = None) -> PriceRead:
    """Read one or several price files into one prices table, with notes on what is odd about them.

    Args:
        sources: A file, or several of them; rows of the same ticker are joined.
        options: What the files cannot say themselves.

    Raises:
        PriceDataError: A file that is missing, empty, not a table, without dates or without prices.
    """
    paths = [Path(source) for source in ([sources] if isinstance(sources, str | Path) else sources)]
    reads = [_read_file(path, options or ReadOptions()) for path in paths]
    if len(reads) == 1:
        return reads[0]
    prices = join_prices([read.prices for read in reads], ", ".join(path.name for path in paths))
    return PriceRead(prices, tuple(note for read in reads for note in read.notes))


def _read_file(path: Path, options: ReadOptions) -> PriceRead:
    if not path.exists():
        raise PriceDataError(f"{path}: no such file")
    return read_csv(path, options)
