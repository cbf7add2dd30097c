"""Stored bars made into the prices that were asked for, and the words that describe them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from stockrnn import __version__
from stockrnn.errors import NoDataError
from stockrnn.prices.yahoo.adjustment import EXPLAINED, FetchAdjustment, adjusted
from stockrnn.prices.yahoo.bars import has_prices, within
from stockrnn.prices.yahoo.cache import StoredPrices
from stockrnn.prices.yahoo.intervals import PERIODS
from stockrnn.prices.yahoo.periods import whole_periods
from stockrnn.prices.yahoo.price_file import session_text


@dataclass(frozen=True)
class Selection:
    """What to make of stored bars: sessions from `first` to `last`, in an interval and an adjustment."""

    first: date
    last: date
    interval: str
    adjustment: FetchAdjustment


def select_prices(stored: StoredPrices, selection: Selection) -> pd.DataFrame:
    """Return the prices of the sessions in the range, adjusted in one way.

    Returns:
        Frame with index `session` and columns `open high low close volume`.

    Raises:
        NoDataError: No session in the range, or splits to undo that are not known.
    """
    if selection.adjustment == "none" and not stored.splits_complete:
        raise NoDataError(
            f"{stored.ticker}: the splits since {stored.last} are not stored, so they cannot be undone; "
            f"run once without --offline"
        )
    inside = within(stored.bars, selection.first, selection.last)
    # Undoing splits takes those after the range too; a dividend after it changes nothing in it.
    bars = stored.bars if selection.adjustment == "none" else stored.bars[inside]
    prices = adjusted(bars, selection.adjustment, stored.ticker)
    prices = prices[within(prices, selection.first, selection.last)]
    if selection.interval in PERIODS:
        first, last = _known_range(stored, selection)
        prices = whole_periods(prices, selection.interval, first, last, stored.listing.calendar)
    if prices.empty:
        kind = f"whole {selection.interval} period" if selection.interval in PERIODS else "session"
        raise NoDataError(
            f"{stored.ticker}: no {kind} with prices from {selection.first} to {selection.last}; {_what_exists(stored)}"
        )
    return prices


def describe(stored: StoredPrices, selection: Selection, prices: pd.DataFrame) -> dict[str, Any]:
    """Return the metadata of selected prices as JSON values."""
    listing = stored.listing
    return {
        "source": "Yahoo Finance",
        "ticker": stored.ticker,
        "interval": selection.interval,
        "sessions": len(prices),
        "first": session_text(prices.index[0]),
        "last": session_text(prices.index[-1]),
        "adjustment": selection.adjustment,
        "adjustment_means": EXPLAINED[selection.adjustment],
        "currency": listing.currency,
        "exchange": listing.exchange,
        "time_zone": listing.time_zone,
        "instrument": listing.instrument,
        "calendar": listing.calendar,
        "fetched_at": stored.fetched_at.isoformat(timespec="seconds"),
        "written_by": f"stockrnn {__version__}",
    }


def age_text(stored: StoredPrices, now: datetime) -> str:
    """Return in words how long ago the source was asked."""
    minutes = (now - stored.fetched_at).total_seconds() / 60
    for unit, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= size:
            count = int(minutes // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _known_range(stored: StoredPrices, selection: Selection) -> tuple[date, date]:
    begun = stored.listing.first_trade
    from_the_beginning = begun is not None and stored.first <= begun
    first = selection.first if from_the_beginning else max(selection.first, stored.first)
    return first, min(selection.last, stored.last)


def _what_exists(stored: StoredPrices) -> str:
    listing = stored.listing
    if listing.first_trade and listing.last_trade:
        return f"Yahoo has it from {listing.first_trade} to {listing.last_trade}"
    priced = stored.bars.index[has_prices(stored.bars)]
    return (
        f"stored are {priced[0]:%Y-%m-%d} to {priced[-1]:%Y-%m-%d}" if len(priced) else "Yahoo does not say what it has"
    )
