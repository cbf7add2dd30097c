"""Read one price CSV into a prices table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from stockrnn.errors import PriceDataError
from stockrnn.prices.table import COLUMNS, PriceNote, prices_table

if TYPE_CHECKING:
    from stockrnn.prices.reader import PriceRead, ReadOptions


def read_csv(path: Path, options: ReadOptions) -> PriceRead:
    """Read a CSV with a date column and at least one price column."""
    from stockrnn.prices.reader import PriceRead

    try:
        frame = pd.read_csv(path, thousands=",")
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise PriceDataError(f"{path}: not a price table ({error})") from error
    frame = frame.rename(columns=lambda name: str(name).strip().lower())
    if "date" not in frame.columns:
        raise PriceDataError(f"{path}: no date column; found {', '.join(frame.columns)}")
    columns = [name for name in COLUMNS if name in frame.columns]
    long = frame[columns].assign(ticker=path.stem, session=pd.to_datetime(frame["date"]))
    notes: tuple[PriceNote, ...] = ()
    return PriceRead(prices_table(long, path.name), notes)
