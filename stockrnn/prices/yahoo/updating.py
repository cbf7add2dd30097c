"""Bring stored prices up to date with as few requests as possible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from stockrnn.errors import NetworkError, NoDataError
from stockrnn.prices.table import PRICE_COLUMNS
from stockrnn.prices.yahoo.bars import days_of, has_prices, last_priced_day, within
from stockrnn.prices.yahoo.cache import StoredPrices
from stockrnn.prices.yahoo.chart import Chart
from stockrnn.prices.yahoo.intervals import MINUTES
from stockrnn.prices.yahoo.source import Yahoo
from stockrnn.prices.yahoo.trading_days import DAY, exchange_date, final_through, trading_days

# Sessions asked again beside a gap: they show whether the source still quotes on the same basis.
OVERLAP = 5
# Prices are sent with single precision; a split or a correction changes them by more than this.
TOLERANCE = 1e-4
# The source may be late with the prices of the last days, so their absence says nothing before this.
_LATENESS = timedelta(days=7)


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Attributes:
        ticker: A Yahoo ticker.
        interval: The interval of the bars.
        first: The first exchange date.
        last: The last exchange date; it may lie in the future.
        every_split: Whether all splits up to today must be known, because they are to be undone.
    """

    ticker: str
    interval: str
    first: date
    last: date
    every_split: bool = False


def updated(stored: StoredPrices | None, wanted: Wanted, yahoo: Yahoo, now: datetime) -> tuple[StoredPrices, str]:
    """Return prices that cover what is wanted, asking only for what is missing.

    Args:
        stored: What is stored; None asks for everything.
        wanted: The bars to have.
        yahoo: The source.
        now: The time it is, with its zone.

    Returns:
        The prices (`stored` itself when nothing had to be asked), and why stored prices were replaced, or nothing.
    """
    if stored is None or _out_of_reach(stored, wanted):
        return _whole(wanted, yahoo, now), ""
    for gap in missing_ranges(stored, wanted, now):
        asked = _with_overlap(stored, *gap)
        chart = _chart(yahoo, wanted, *asked, time_zone=stored.listing.time_zone)
        change = _disagreement(stored.bars, chart.bars, asked)
        if change:
            hull = replace(wanted, first=min(stored.first, wanted.first), last=max(stored.last, wanted.last))
            return _replacement(wanted if wanted.interval in MINUTES else hull, yahoo, now), change
        stored = _joined(stored, chart, gap, now)
    return stored, ""


def missing_ranges(stored: StoredPrices, wanted: Wanted, now: datetime) -> list[tuple[date, date]]:
    """Return the ranges on both sides of the stored one that have to be asked for.

    A range without a session that is over is not asked for, nor what lies before the first trade.
    """
    listing = stored.listing
    today = exchange_date(now, listing.time_zone)
    before = (max(wanted.first, listing.first_trade or wanted.first), stored.first - DAY)
    ranges = [before] if trading_days(listing.calendar, *before) else []
    if wanted.every_split and not stored.splits_complete:
        return [*ranges, (stored.last + DAY, today)]
    after = (stored.last + DAY, min(wanted.last, today))
    over = min(after[1], final_through(now, listing.time_zone, listing.calendar))
    return [*ranges, after] if trading_days(listing.calendar, after[0], over) else ranges


def _out_of_reach(stored: StoredPrices, wanted: Wanted) -> bool:
    # Intraday prices can only be had for some days back: what lies between two ranges may be gone.
    apart = wanted.first > stored.last + _LATENESS or wanted.last < stored.first - _LATENESS
    return wanted.interval in MINUTES and apart


def _whole(wanted: Wanted, yahoo: Yahoo, now: datetime) -> StoredPrices:
    last = max(wanted.last, exchange_date(now, None) + DAY) if wanted.every_split else wanted.last
    chart = _chart(yahoo, wanted, wanted.first, last)
    return StoredPrices(
        ticker=wanted.ticker,
        interval=wanted.interval,
        bars=chart.bars,
        listing=chart.listing,
        first=wanted.first,
        last=_settled(chart, wanted.first, last, now),
        fetched_at=now,
        splits_complete=_knows_every_split(chart, last, now),
    )


def _replacement(wanted: Wanted, yahoo: Yahoo, now: datetime) -> StoredPrices:
    prices = _whole(wanted, yahoo, now)
    if not has_prices(prices.bars).any():
        raise NetworkError(f"{wanted.ticker}: Yahoo sent no prices where it had some; what is stored is kept")
    return prices


def _chart(yahoo: Yahoo, wanted: Wanted, first: date, last: date, time_zone: str | None = None) -> Chart:
    chart = yahoo.chart(wanted.ticker, wanted.interval, first, last, time_zone)
    # Yahoo says so of a range before the first trade; any other reason may be gone tomorrow and is not remembered.
    if chart.reason and "doesn't exist" not in chart.reason:
        raise NoDataError(f"{wanted.ticker}: no {wanted.interval} prices; Yahoo says: {chart.reason}")
    if chart.incomplete:
        days = ", ".join(str(day) for day in chart.incomplete[:3]) + (", ..." if len(chart.incomplete) > 3 else "")
        yahoo.notify(f"{wanted.ticker}: left out {len(chart.incomplete)} sessions of which Yahoo lacks a price: {days}")
    return chart


def _joined(stored: StoredPrices, chart: Chart, gap: tuple[date, date], now: datetime) -> StoredPrices:
    kept = stored.bars[~stored.bars.index.isin(chart.bars.index)]
    bars = pd.concat([part for part in (kept, chart.bars) if len(part)] or [kept]).sort_index()
    return replace(
        stored,
        bars=bars,
        listing=chart.listing,
        first=min(stored.first, gap[0]),
        last=stored.last if gap[1] < stored.last else _settled(chart, gap[0], gap[1], now),
        fetched_at=now,
        splits_complete=stored.splits_complete or _knows_every_split(chart, gap[1], now),
    )


def _settled(chart: Chart, first: date, last: date, now: datetime) -> date:
    """Return the last day of a range that need not be asked again."""
    long_ago = exchange_date(now, chart.listing.time_zone) - _LATENESS
    last_day = last_priced_day(chart.bars)
    seen = min(last_day, chart.final_through) if last_day else first - DAY
    return min(last, max(seen, long_ago))


def _knows_every_split(chart: Chart, last: date, now: datetime) -> bool:
    listing = chart.listing
    return not trading_days(listing.calendar, last + DAY, exchange_date(now, listing.time_zone))


def _with_overlap(stored: StoredPrices, first: date, last: date) -> tuple[date, date]:
    days = days_of(stored.bars[has_prices(stored.bars)]).unique()
    if not len(days):
        return first, last
    if last < stored.first:
        return first, max(last, days[:OVERLAP][-1].date())
    return min(first, days[-OVERLAP:][0].date()), last


def _disagreement(stored: pd.DataFrame, new: pd.DataFrame, asked: tuple[date, date]) -> str:
    """Return how the source's prices differ from the stored ones of the same sessions, nothing where they agree."""
    old = stored[within(stored, *asked) & has_prices(stored)]
    both = old.index.intersection(new.index[has_prices(new)])
    if not len(old):
        return ""
    if not len(both):
        return f"no longer has the sessions up to {old.index[-1]:%Y-%m-%d} that are stored"
    prices = list(PRICE_COLUMNS)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = old.loc[both, prices].to_numpy() / new.loc[both, prices].to_numpy()
    if (abs(ratio - 1) <= TOLERANCE).all():
        return ""
    if abs(ratio.mean() - 1) > 0.01 and np.allclose(ratio, ratio.mean(), rtol=0.01):
        return f"quotes {1 / ratio.mean():.4g} of the stored prices up to {both[-1]:%Y-%m-%d}: a split of {ratio.mean():.4g} since"
    return f"has corrected prices between {both[0]:%Y-%m-%d} and {both[-1]:%Y-%m-%d} since"
