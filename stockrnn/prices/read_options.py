"""What a reader of price files is told, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from stockrnn.prices.table import PriceNote, Prices

Adjustment = Literal["none", "all"]
DateOrder = Literal["dmy", "mdy", "ymd"]
Decimal = Literal[".", ","]


@dataclass(frozen=True)
class ReadOptions:
    """What the user says about files that cannot say it themselves.

    Attributes:
        adjust: `all` multiplies open, high, low and close by Adj Close / Close where the file has it; None: the config
            decides, `none` where there is none.
        date_order: `dmy`, `mdy` or `ymd` for dates such as 03/04/2017; None lets the file decide.
        decimal: `.` or `,`; None lets the file decide.
        columns: A role, such as `close` or `adj_close`, to a header in the file, such as `{"close": "Last"}`.
    """

    adjust: Adjustment | None = None
    date_order: DateOrder | None = None
    decimal: Decimal | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RowsRead:
    """The rows of price files before they are checked against each other.

    Attributes:
        rows: Columns `ticker` (categorical; the categories are in the order in which the files name them), `session`
            (time-zone-free), any of `open high low close volume`, and `adj_close` where the file has it. In the order
            of the files; the same session can come twice.
        notes: What the reader noticed on the way.
        named: Whether the files name their tickers; otherwise a ticker is its file's name.
    """

    rows: pd.DataFrame
    notes: tuple[PriceNote, ...] = ()
    named: bool = True


@dataclass(frozen=True)
class PriceRead:
    """Prices as read, and what the reader noticed on the way."""

    prices: Prices
    notes: tuple[PriceNote, ...] = ()
