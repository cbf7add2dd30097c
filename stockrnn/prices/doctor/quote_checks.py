"""Checks of the values in a row: prices that cannot be, that contradict each other, or that jump and return."""

from __future__ import annotations

import numpy as np

from stockrnn.arrays import Bools, Floats
from stockrnn.messages import enumerated
from stockrnn.prices.doctor.bars import Bars, usable
from stockrnn.prices.doctor.findings import Finding, first_dates, rows_text
from stockrnn.prices.doctor.noise import local_noise, tick_of

# Prices that were adjusted and rounded contradict each other by less than this (share of the price).
_ROUNDING = 2e-5
# A spike is more than so many of the smallest steps of its column.
_TICKS = 3


def check_values(bars: Bars) -> list[Finding]:
    """Find what is no price: `missing_prices`, `infinite_prices`, `non_positive_prices`, `missing_volume`, `zero_volume`."""
    prices = bars.prices
    findings = []
    for code, what, todo, test in (
        ("missing_prices", "without a price", "fetch them again or delete these rows", np.isnan),
        ("infinite_prices", "with an infinite price", "correct or delete these rows", np.isinf),
        ("non_positive_prices", "with a price of zero or below", "correct or delete these rows", _non_positive),
    ):
        touched = {name: test(values) for name, values in prices.items()}
        bad = np.any(list(touched.values()), axis=0)
        if bad.any():
            columns = tuple(name for name, own in touched.items() if own.any())
            sessions = bars.sessions[bad]
            text = f"{rows_text(len(sessions))} {what} in {enumerated(columns)}, first {first_dates(sessions)}; {todo}"
            findings.append(Finding(code, bars.ticker, sessions, text, columns))
    return findings + check_volume(bars)


def _non_positive(values: Floats) -> Bools:
    bad: Bools = np.isfinite(values) & (values <= 0)
    return bad


def check_volume(bars: Bars) -> list[Finding]:
    """Find rows whose volume is missing or negative (`missing_volume`) or zero (`zero_volume`)."""
    if "volume" not in bars.columns:
        return []
    volume = bars.columns["volume"]
    findings = []
    bad = ~np.isfinite(volume) | (volume < 0)
    if bad.any():
        sessions = bars.sessions[bad]
        text = (
            f"{rows_text(len(sessions))} without a usable volume, first {first_dates(sessions)}; "
            f"leave volume out of the features or correct these rows"
        )
        findings.append(Finding("missing_volume", bars.ticker, sessions, text, ("volume",)))
    zero = volume == 0
    if zero.any():
        sessions = bars.sessions[zero]
        text = (
            "the volume is zero in all rows: the source has none; leave it out of the features"
            if zero.all()
            else f"{rows_text(len(sessions))} with zero volume, first {first_dates(sessions)}; the prices of these "
            f"sessions may be carried over from the day before"
        )
        findings.append(Finding("zero_volume", bars.ticker, sessions, text, ("volume",)))
    return findings


def check_contradictions(bars: Bars) -> list[Finding]:
    """Find rows with low above high, or open or close outside of low to high: `ohlc_contradiction`."""
    prices = bars.prices
    if "high" not in prices and "low" not in prices:
        return []
    broken = {name: np.zeros(len(bars), dtype=bool) for name in prices}
    for upper, lower in (("high", "low"), ("high", "open"), ("high", "close"), ("open", "low"), ("close", "low")):
        if upper in prices and lower in prices:
            wrong = prices[upper] < prices[lower] * (1 - _ROUNDING)
            broken[upper] |= wrong
            broken[lower] |= wrong
    bad = np.any(list(broken.values()), axis=0)
    if not bad.any():
        return []
    sessions, first = bars.sessions[bad], int(np.argmax(bad))
    example = ", ".join(f"{name} {values[first]:g}" for name, values in prices.items())
    text = (
        f"{rows_text(len(sessions))} where open, high, low and close contradict each other, first {first_dates(sessions)} "
        f"({example}); correct these rows or train on one column only"
    )
    return [Finding("ohlc_contradiction", bars.ticker, sessions, text, _touched(broken))]


def _touched(broken: dict[str, Bools]) -> tuple[str, ...]:
    return tuple(name for name, own in broken.items() if own.any())


def check_spikes(bars: Bars) -> list[Finding]:
    """Find single rows that jump far away and return with the next row: `price_spike`, bad ticks."""
    spikes = {name: _spikes(bars, name) for name in bars.prices}
    bad = np.any(list(spikes.values()), axis=0)
    if not bad.any():
        return []
    columns = tuple(name for name, own in spikes.items() if own.any())
    sessions, row = bars.sessions[bad], int(np.argmax(bad))
    name = next(name for name in columns if spikes[name][row])
    values = bars.columns[name]
    others = np.flatnonzero(usable(values))
    beside = values[others[others != row][np.argmin(np.abs(others[others != row] - row))]]
    text = (
        f"{rows_text(len(sessions))} with a price that jumps away for a single session, first {first_dates(sessions)} "
        f"({name} {values[row]:g} beside {beside:g}); a bad tick or a flash crash: look at these rows and correct them"
    )
    return [Finding("price_spike", bars.ticker, sessions, text, columns)]


def _spikes(bars: Bars, name: str) -> Bools:
    spikes = np.zeros(len(bars), dtype=bool)
    rows = np.flatnonzero(usable(bars.columns[name]))
    if len(rows) < 6:
        return spikes
    price = bars.columns[name][rows]
    log_price = np.log(price)
    steps = np.diff(log_price)
    # A day's extreme wanders more than its open and close do, and flash crashes are real.
    least, times = (0.45, 12.0) if name in {"high", "low"} else (0.25, 8.0)
    there, back = steps[:-1], steps[1:]
    away = np.minimum(np.abs(there), np.abs(back))
    # From .0003 to .0004 and back is a third, and the smallest move there is.
    moved = np.minimum(np.abs(np.diff(price))[:-1], np.abs(np.diff(price))[1:]) > _TICKS * tick_of(price)
    candidates = np.flatnonzero(moved & (away > least) & (there * back < 0) & (np.abs(there + back) < 0.3 * away))
    for step in candidates.tolist():
        if away[step] > times * local_noise(steps, step, step + 2):
            spikes[rows[step + 1]] = True
    # The first and the last row have one neighbour only: nothing moves fivefold between two sessions and then rests.
    for end, step in ((0, 0), (-1, len(steps) - 1)):
        if abs(steps[step]) > np.log(5) and abs(steps[step]) > 20 * local_noise(steps, step, step + 1):
            spikes[rows[end]] = True
    return spikes
