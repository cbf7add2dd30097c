"""One adjustment for all price columns, from the adjusted close of a file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.errors import PriceDataError
from stockrnn.prices.table import PRICE_COLUMNS, PriceNote


def adjust_rows(rows: pd.DataFrame, source: str) -> tuple[pd.DataFrame, tuple[PriceNote, ...]]:
    """Multiply open, high, low and close by Adj Close / Close, so that splits and dividends leave no jump.

    Args:
        rows: Long rows with `close` and, where the file has it, `adj_close`, in the quote currency.
        source: What the rows came from, for messages.

    Returns:
        The adjusted rows without `adj_close`, and a note where there is nothing to adjust by.

    Raises:
        PriceDataError: Rows with a close whose adjusted close is missing, zero or negative: half an adjustment is none.
    """
    if "adj_close" not in rows or "close" not in rows:
        note = PriceNote(
            "no_adjustment", len(rows), f"{source}: no column of adjusted closes; the prices are taken as they are"
        )
        return rows, (note,)
    close, adjusted = rows["close"].to_numpy(), rows["adj_close"].to_numpy()
    bad = np.isfinite(close) & ~(np.isfinite(adjusted) & (adjusted > 0) & (close > 0))
    if bad.any():
        first = [f"{session:%Y-%m-%d}" for session in rows.loc[bad, "session"].head(3)]
        raise PriceDataError(
            f"{source}: the adjusted close is missing, zero or negative in {int(bad.sum())} rows, first on {', '.join(first)}; "
            f"mend these rows or read the file with --adjust none"
        )
    factor = adjusted / close
    prices = {name: rows[name].to_numpy() * factor for name in PRICE_COLUMNS if name in rows}
    return rows.assign(**prices).drop(columns="adj_close"), ()
