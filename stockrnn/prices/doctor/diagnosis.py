"""The doctor of price tables: all checks, in the order in which one finding explains away the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stockrnn.errors import ConfigError
from stockrnn.prices.doctor.bars import Bars, Sessions, bars_by_ticker
from stockrnn.prices.doctor.column_drift import check_drift
from stockrnn.prices.doctor.column_levels import check_column_levels
from stockrnn.prices.doctor.findings import Finding
from stockrnn.prices.doctor.misplaced_volume import check_volume_in_price
from stockrnn.prices.doctor.price_jumps import check_splits, check_units
from stockrnn.prices.doctor.quote_checks import check_contradictions, check_spikes, check_values
from stockrnn.prices.doctor.session_checks import check_calendar_days, check_duplicates, check_stale
from stockrnn.prices.intervals import DAILY
from stockrnn.prices.sessions import ALWAYS_OPEN, DEFAULT_CALENDAR, check_calendar, sessions_between, trades_on_weekends
from stockrnn.prices.suffixes import SUFFIX_CALENDARS
from stockrnn.prices.table import PriceNote

Treatment = Callable[[Bars], tuple[list[Finding], Bars]]

# Each returns the bars without what it found, so that a close at twice the high is one finding and not two.
_TREATMENTS: tuple[Treatment, ...] = (
    check_volume_in_price,
    check_column_levels,
    check_units,
    check_splits,
    check_drift,
)


@dataclass(frozen=True)
class Diagnosis:
    """What there is of one ticker, and what is wrong with it.

    Attributes:
        bars: The bars as they came, in order of time, duplicates included.
        findings: What the checks object to.
        supposed: The calendar that nobody named and the days were held against; None where one was named, and of bars
            that are held against none.
    """

    bars: Bars
    findings: tuple[Finding, ...]
    supposed: str | None = None

    @property
    def notes(self) -> tuple[PriceNote, ...]:
        """The findings as notes."""
        return tuple(finding.note for finding in self.findings)

    @property
    def session_count(self) -> int:
        """How many different sessions there are."""
        return len(np.unique(self.bars.sessions))


def diagnose(rows: pd.DataFrame, calendar: str | None = None) -> list[Diagnosis]:
    """Check the rows of one or many tickers.

    Args:
        rows: A long frame with columns `ticker`, `session` and any of open, high, low, close, volume; duplicates allowed.
        calendar: The exchange calendar that the user names; None or `auto` supposes one: by the ticker's
            suffix (`.NS`, `.L`), else 24/7 for prices with weekends, else XNYS.

    Returns:
        One diagnosis a ticker, in the tickers' order.

    Raises:
        ConfigError: No such calendar.
    """
    named = calendar if calendar and calendar != "auto" else None
    if named:
        check_calendar(named)
    bars = list(bars_by_ticker(rows))
    known = _calendars(bars, named)
    return [_diagnose(own, named, known) for own in bars]


def level_notes(rows: pd.DataFrame) -> list[PriceNote]:
    """Return what is to be said of columns on another level than the others: all that ranges around a price cannot bear.

    Args:
        rows: As for `diagnose`; needs no calendar.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return [finding.note for bars in bars_by_ticker(rows) for finding in check_column_levels(bars)[0]]


def _diagnose(bars: Bars, named: str | None, known: dict[str, Sessions]) -> Diagnosis:
    supposed = None
    # Logs of what is no price are taken and thrown away.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        findings, treated = check_duplicates(bars)
        findings += check_values(treated)
        if bars.interval == DAILY:
            name = named or _supposed_calendar(bars)
            if name in known:
                supposed = None if named else name
                findings += check_calendar_days(treated, name, known[name], named=named is not None)
        findings += check_stale(treated)
        for treatment in _TREATMENTS:
            found, treated = treatment(treated)
            findings += found
        findings += check_contradictions(treated) + check_spikes(treated)
    return Diagnosis(bars, tuple(findings), supposed)


def _supposed_calendar(bars: Bars) -> str:
    """Suppose a calendar: what the ticker's suffix says, else 24/7 for prices with weekends, else XNYS."""
    suffix = bars.ticker[max(bars.ticker.rfind("."), bars.ticker.rfind("-"), bars.ticker.rfind("=")) :]
    if suffix in SUFFIX_CALENDARS and suffix != bars.ticker:
        return SUFFIX_CALENDARS[suffix]
    return ALWAYS_OPEN if trades_on_weekends(pd.DatetimeIndex(bars.sessions)) else DEFAULT_CALENDAR


def _calendars(bars: list[Bars], named: str | None) -> dict[str, Sessions]:
    """Return the sessions of each calendar that is needed, over the whole range of the daily tickers."""
    daily = [own for own in bars if own.interval == DAILY and len(own)]
    needed: dict[str, list[Bars]] = {}
    for own in daily:
        needed.setdefault(named or _supposed_calendar(own), []).append(own)
    known = {}
    for name, users in needed.items():
        first = pd.Timestamp(min(own.sessions[0] for own in users))
        last = pd.Timestamp(max(own.sessions[-1] for own in users))
        try:
            known[name] = sessions_between(name, first, last).to_numpy().astype("datetime64[ns]")
        except ConfigError:
            # A calendar that was supposed and does not reach that far says nothing about these days.
            if named:
                raise
    return known
