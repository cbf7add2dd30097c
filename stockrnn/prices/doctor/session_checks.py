"""Checks of the sessions themselves: which come twice, which are missing, which cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.prices.doctor.bars import Bars, Rows, Sessions, runs_of, usable
from stockrnn.prices.doctor.findings import Finding, Remedy, date_text, first_dates, rows_text
from stockrnn.prices.sessions import calendar_advice

# Of two rows for one session, one agrees with its neighbours when the other is this much farther away (log price).
_CLEARLY_FARTHER = 0.05
# A calendar that this share of the days does not follow is not the calendar of these prices.
STRANGE_SHARE = 0.01


def check_duplicates(bars: Bars) -> tuple[list[Finding], Bars]:
    """Find sessions that come twice.

    Returns:
        Findings `duplicate_rows` (the same prices again) and `conflicting_rows` (different prices), and the bars
        with one row a session.
    """
    if len(bars) < 2 or not (bars.sessions[1:] == bars.sessions[:-1]).any():
        return [], bars
    table = np.column_stack(list(bars.columns.values()))
    starts = np.flatnonzero(np.concatenate(([True], bars.sessions[1:] != bars.sessions[:-1])))
    stops = np.append(starts[1:], len(bars))
    identical: list[int] = []
    beaten: list[int] = []
    conflicting: list[int] = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        if stop - start < 2:
            continue
        distinct = [start]
        for row in range(start + 1, stop):
            same = any(np.array_equal(table[row], table[other], equal_nan=True) for other in distinct)
            (identical if same else distinct).append(row)
        if len(distinct) > 1:
            conflicting += distinct
            best = _best_row(bars, distinct)
            beaten += [row for row in distinct if row != best]
    findings = _duplicate_findings(bars, np.array(identical, np.intp), np.array(conflicting, np.intp), beaten)
    return findings, bars.take(np.setdiff1d(np.arange(len(bars)), identical + beaten))


def _best_row(bars: Bars, rows: list[int]) -> int:
    """Choose one of several rows for one session: the fullest, then the one near its neighbours, then the last."""
    filled = [sum(bool(usable(values[row : row + 1])[0]) for values in bars.columns.values()) for row in rows]
    fullest = [row for row, count in zip(rows, filled, strict=True) if count == max(filled)]
    main = bars.columns[bars.main_column]
    good = usable(main)
    before, after = np.flatnonzero(good[: rows[0]])[-1:], np.flatnonzero(good[rows[-1] + 1 :])[:1] + rows[-1] + 1
    near = np.concatenate((before, after))
    if len(fullest) < 2 or len(near) == 0 or not good[fullest].all():
        return fullest[-1]
    distances = np.abs(np.log(main[fullest]) - np.log(main[near]).mean())
    agreeing = [row for row, far in zip(fullest, distances, strict=True) if far <= distances.min() + _CLEARLY_FARTHER]
    return agreeing[-1]


def _duplicate_findings(bars: Bars, identical: Rows, conflicting: Rows, beaten: list[int]) -> list[Finding]:
    findings = []
    if len(identical):
        sessions = bars.sessions[identical]
        text = (
            f"{rows_text(len(identical))} repeat a session with the same values, first {first_dates(np.unique(sessions))}; "
            f"stockrnn inspect --repair duplicates drops them"
        )
        remedy = Remedy("duplicates", "the same row again", sessions, drop=identical)
        findings.append(Finding("duplicate_rows", bars.ticker, sessions, text, (), (remedy,)))
    if len(conflicting):
        sessions = bars.sessions[conflicting]
        text = (
            f"{rows_text(len(conflicting))} give different values for the same session, first {first_dates(np.unique(sessions))}; "
            f"stockrnn inspect --repair duplicates keeps the fullest row, then the one near its neighbours, else the last"
        )
        dropped = np.array(beaten, np.intp)
        reason = "another row for this session is fuller, nearer to its neighbours or later in the file"
        remedy = Remedy("duplicates", reason, bars.sessions[dropped], drop=dropped)
        findings.append(Finding("conflicting_rows", bars.ticker, sessions, text, (), (remedy,)))
    return findings


def check_calendar_days(bars: Bars, calendar: str, known: Sessions, *, named: bool) -> list[Finding]:
    """Compare daily bars with the sessions of an exchange.

    Args:
        bars: Daily bars with one row a session.
        calendar: The exchange's name.
        known: The exchange's sessions over at least the range of the bars, sorted.
        named: Whether the user named the calendar; one that was only supposed is doubted when the days do not follow it.

    Returns:
        Findings `not_sessions` and `missing_sessions`; or one `calendar_unclear` in their place.
    """
    days = bars.sessions.astype("datetime64[D]")
    expected = known.astype("datetime64[D]")
    expected = expected[(expected >= days[0]) & (expected <= days[-1])]
    if np.array_equal(days, expected):
        return []
    days = np.unique(days)
    strange = np.setdiff1d(days, expected, assume_unique=True).astype("datetime64[ns]")
    missing = np.setdiff1d(expected, days, assume_unique=True).astype("datetime64[ns]")
    if not named and len(strange) > STRANGE_SHARE * len(days):
        return [_unclear(bars, calendar, strange, days)]
    findings = []
    if len(strange):
        text = (
            f"{_days_text(len(strange))} no session of {calendar}: {first_dates(strange)}; stockrnn inspect --repair "
            f"sessions drops them, --calendar names another exchange"
        )
        touched = bars.sessions[np.isin(bars.sessions.astype("datetime64[D]"), strange.astype("datetime64[D]"))]
        remedy = Remedy("sessions", f"no session of {calendar}", touched)
        findings.append(Finding("not_sessions", bars.ticker, touched, text, (), (remedy,)))
    if len(missing):
        findings.append(_missing(bars, calendar if named else f"{calendar} (supposed)", missing, len(expected)))
    return findings


def _days_text(count: int) -> str:
    return "1 day is" if count == 1 else f"{count} days are"


def _unclear(bars: Bars, calendar: str, strange: Sessions, days: Sessions) -> Finding:
    text = (
        f"{len(strange)} of {len(days)} days are no session of {calendar}, first {first_dates(strange)}, so missing "
        f"sessions cannot be told; {calendar_advice(pd.DatetimeIndex(days))}"
    )
    return Finding("calendar_unclear", bars.ticker, strange, text)


def _missing(bars: Bars, calendar: str, missing: Sessions, expected: int) -> Finding:
    gaps = np.diff(bars.sessions.astype("datetime64[D]")).astype(np.int64)
    longest = int(np.argmax(gaps))
    where = f"; the longest gap follows {date_text(bars.sessions[longest])}" if len(missing) > 3 else ""
    text = (
        f"{len(missing)} of {expected} sessions of {calendar} {'is' if len(missing) == 1 else 'are'} missing, first {first_dates(missing)}{where}; fetch the "
        f"prices again, or name another exchange with --calendar"
    )
    return Finding("missing_sessions", bars.ticker, missing, text)


def check_stale(bars: Bars, shortest: int = 5) -> list[Finding]:
    """Find runs of at least `shortest` sessions with the same prices in all columns: `stale_prices`."""
    if bars.intraday or len(bars) < shortest:
        return []
    same = np.ones(len(bars) - 1, dtype=bool)
    for values in bars.prices.values():
        same &= values[1:] == values[:-1]
    runs = [(start, stop + 1) for start, stop in runs_of(same) if stop + 1 - start >= shortest]
    if not runs:
        return []
    sessions = np.concatenate([bars.sessions[start:stop] for start, stop in runs])
    start, stop = max(runs, key=lambda run: run[1] - run[0])
    longest = (
        f"from {date_text(bars.sessions[start])} to {date_text(bars.sessions[stop - 1])} ({stop - start} sessions)"
    )
    what = "a run repeats" if len(runs) == 1 else f"{len(runs)} runs repeat"
    text = (
        f"{what} the same prices over at least {shortest} sessions, longest {longest}; a halt, or a source that fills "
        f"gaps: leave these sessions out of the training range"
    )
    return [Finding("stale_prices", bars.ticker, sessions, text, tuple(bars.prices))]
