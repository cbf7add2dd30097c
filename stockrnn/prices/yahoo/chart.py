"""What Yahoo's chart says, made into bars and events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from stockrnn.prices.table import COLUMNS, PRICE_COLUMNS
from stockrnn.prices.yahoo.bars import empty_bars, has_prices
from stockrnn.prices.yahoo.exchanges import Listing
from stockrnn.prices.yahoo.intervals import MINUTES
from stockrnn.prices.yahoo.trading_days import exchange_date, final_through


@dataclass(frozen=True)
class Chart:
    """The final bars of one answer.

    Attributes:
        bars: Raw bars, see `stockrnn.prices.yahoo.bars`.
        listing: Where the ticker trades.
        final_through: The last day of which the prices can no longer change.
        incomplete: Sessions that came with some of their prices missing and were left out.
        reason: Why there are no bars, in Yahoo's words; empty where it gave none.
    """

    bars: pd.DataFrame
    listing: Listing
    final_through: date
    incomplete: tuple[date, ...] = ()
    reason: str = ""


def chart_of(frame: pd.DataFrame | None, metadata: Mapping[str, Any], interval: str, now: datetime) -> Chart:
    """Make a chart of what the client returned.

    Args:
        frame: The client's frame, not adjusted by it, with an index in the exchange's zone; None or empty without bars.
        metadata: The chart's metadata.
        interval: The interval of the bars.
        now: The time it is, with its zone; today's prices count when the session is over.
    """
    listing = _listing(metadata)
    final = final_through(
        now, listing.time_zone, listing.calendar, _hours(metadata), _instant(metadata.get("regularMarketTime"))
    )
    if frame is None or frame.empty:
        return Chart(empty_bars(), listing, final)
    bars = _bars(frame, interval)
    with_prices = has_prices(bars)
    some = bars[list(PRICE_COLUMNS)].notna().any(axis=1)
    incomplete = tuple(session.date() for session in bars.index[some & ~with_prices])
    still_open = ~_final(pd.DatetimeIndex(bars.index), interval, listing.time_zone, final, now)
    bars.loc[still_open | ~with_prices, list(COLUMNS)] = float("nan")
    has_event = (bars["dividend"] != 0) | (bars["split"] != 1)
    return Chart(bars[has_prices(bars) | has_event], listing, final, incomplete)


def _bars(frame: pd.DataFrame, interval: str) -> pd.DataFrame:
    columns = {name: frame[name.capitalize()] for name in COLUMNS}
    bars = pd.DataFrame(columns).astype("float64")
    bars["dividend"] = frame["Dividends"].fillna(0.0).astype("float64") if "Dividends" in frame else 0.0
    splits = frame["Stock Splits"].fillna(0.0).astype("float64") if "Stock Splits" in frame else 0.0
    bars["split"] = splits
    bars["split"] = bars["split"].where(bars["split"] > 0, 1.0)
    sessions = pd.DatetimeIndex(frame.index)
    # The wall clock of the exchange: converting to UTC would date sessions east of it a day too early.
    sessions = sessions.tz_localize(None) if sessions.tz is not None else sessions
    bars.index = (sessions if interval in MINUTES else sessions.normalize()).as_unit("ns").rename("session")
    return bars[~bars.index.duplicated(keep="last")].sort_index()


def _final(
    sessions: pd.DatetimeIndex, interval: str, time_zone: str | None, final: date, now: datetime
) -> pd.Series[bool]:
    if interval not in MINUTES:
        return pd.Series(sessions <= pd.Timestamp(final), index=sessions)
    clock = pd.Timestamp(now).tz_convert(time_zone or "UTC").tz_localize(None)
    return pd.Series(sessions + timedelta(minutes=MINUTES[interval]) <= clock, index=sessions)


def _listing(metadata: Mapping[str, Any]) -> Listing:
    time_zone = _text(metadata.get("exchangeTimezoneName"))
    first, last = (_instant(metadata.get(key)) for key in ("firstTradeDate", "regularMarketTime"))
    return Listing(
        currency=_text(metadata.get("currency")),
        exchange=_text(metadata.get("exchangeName")),
        time_zone=time_zone,
        instrument=_text(metadata.get("instrumentType")),
        first_trade=exchange_date(first, time_zone) if first else None,
        last_trade=exchange_date(last, time_zone) if last else None,
    )


def _hours(metadata: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    period = metadata.get("currentTradingPeriod")
    regular = period.get("regular") if isinstance(period, Mapping) else None
    if not isinstance(regular, Mapping):
        return None
    start, end = _instant(regular.get("start")), _instant(regular.get("end"))
    return (start, end) if start and end else None


def _instant(value: Any) -> datetime | None:
    # The client formats some of these and leaves others as seconds.
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
