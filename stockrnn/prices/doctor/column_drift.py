"""Check of a column whose adjustment drifts away from the others: a close that is adjusted for dividends, say."""

from __future__ import annotations

import numpy as np

from stockrnn.arrays import Bools
from stockrnn.prices.doctor.bars import Bars, Rows, runs_of, usable
from stockrnn.prices.doctor.findings import Finding, date_text, rows_text

# Single rows outside of the day's range are contradictions; this many, nearly all on one side and in a row, are a rule.
_FEWEST = 20
_SHARE = 0.02
_LONGEST = 5
_OTHER_SIDE = 0.1
_ROUNDING = 2e-5


def check_drift(bars: Bars) -> tuple[list[Finding], Bars]:
    """Find an open or close that lies on one side of low to high for long stretches: `adjustment_mismatch`.

    Returns:
        The findings, which have no remedy (the factors of the dividends are not in the file), and the bars with these
        values taken out.
    """
    if not {"high", "low"} <= set(bars.columns):
        return [], bars
    findings = []
    for name in ("close", "open"):
        if name not in bars.columns:
            continue
        rows = _drifting_rows(bars, name)
        if len(rows):
            findings.append(_finding(bars, name, rows))
            bars = bars.rescaled(rows, {name: np.nan})
    return findings, bars


def _drifting_rows(bars: Bars, name: str) -> Rows:
    values, low, high = (bars.columns[each] for each in (name, "low", "high"))
    known = usable(values) & usable(low) & usable(high)
    below: Bools = known & (values < low * (1 - _ROUNDING))
    above: Bools = known & (values > high * (1 + _ROUNDING))
    side, other = (below, above) if below.sum() >= above.sum() else (above, below)
    few = side.sum() < max(_FEWEST, _SHARE * len(bars)) or other.sum() > _OTHER_SIDE * side.sum()
    if few or max(stop - start for start, stop in runs_of(side)) < _LONGEST:
        return np.empty(0, np.intp)
    return np.flatnonzero(side)


def _finding(bars: Bars, name: str, rows: Rows) -> Finding:
    middle = np.sqrt(bars.columns["high"][rows] * bars.columns["low"][rows])
    ratios = bars.columns[name][rows] / middle
    text = (
        f"{rows_text(len(rows))} in which {name} is adjusted differently from high and low, {ratios.min():.3f} to "
        f"{ratios.max():.3f} times their middle, {date_text(bars.sessions[rows[0]])} to {date_text(bars.sessions[rows[-1]])}, "
        f"as when only {name} is adjusted for dividends; fetch the prices again with one adjustment, or train on {name} only"
    )
    return Finding("adjustment_mismatch", bars.ticker, bars.sessions[rows], text, (name,))
