"""Repairs of price tables: a changed copy, and a line in a log for each changed value."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stockrnn.arrays import Bools, Floats
from stockrnn.prices.doctor.bars import Bars
from stockrnn.prices.doctor.diagnosis import Diagnosis
from stockrnn.prices.doctor.findings import Remedy, RepairKind

LOG_COLUMNS = ("ticker", "session", "column", "before", "after", "reason")

# Digits that a changed price keeps: more than any source has, fewer than the noise of the division.
_DIGITS = 10


@dataclass(frozen=True)
class Repaired:
    """A repaired copy of price rows.

    Attributes:
        rows: A long frame with columns `ticker`, `session` and the price columns.
        log: One line a changed value: `LOG_COLUMNS`; `after` is empty where a row was dropped.
        changes: Changed and dropped rows by kind of repair.
    """

    rows: pd.DataFrame
    log: pd.DataFrame
    changes: dict[RepairKind, int]


def repair(diagnoses: Iterable[Diagnosis], kinds: Collection[RepairKind]) -> Repaired:
    """Apply the remedies of some kinds; sessions that are missing stay missing, because nobody knows their prices."""
    tables, logs = [], []
    changes: dict[RepairKind, int] = dict.fromkeys(kinds, 0)
    for diagnosis in diagnoses:
        bars = diagnosis.bars
        kept = np.ones(len(bars), dtype=bool)
        touched = {kind: np.zeros(len(bars), dtype=bool) for kind in kinds}
        remedies = [remedy for finding in diagnosis.findings for remedy in finding.remedies if remedy.kind in kinds]
        # What stays is scaled first and rows are dropped last, so that the log shows a dropped row as it was found.
        for remedy in sorted(remedies, key=lambda remedy: bool(remedy.factors)):
            rows = _rows_of(bars, remedy) & kept
            touched[remedy.kind] |= rows
            if remedy.factors:
                bars, lines = _scale(bars, rows, remedy)
                logs += lines
            else:
                kept &= ~rows
                logs += _dropped_lines(bars, rows, remedy)
        tables.append(_frame(bars.take(kept)))
        changes = {kind: count + int(touched[kind].sum()) for kind, count in changes.items()}
    log = pd.concat(logs, ignore_index=True) if logs else pd.DataFrame(columns=list(LOG_COLUMNS))
    return Repaired(
        pd.concat(tables, ignore_index=True), log.sort_values(["ticker", "session"], kind="stable"), changes
    )


def _rows_of(bars: Bars, remedy: Remedy) -> Bools:
    if remedy.drop is None:
        return np.isin(bars.sessions, remedy.sessions)
    rows = np.zeros(len(bars), dtype=bool)
    rows[remedy.drop] = True
    return rows


def _scale(bars: Bars, rows: Bools, remedy: Remedy) -> tuple[Bars, list[pd.DataFrame]]:
    scaled = bars.rescaled(rows, remedy.factors)
    columns, lines = dict(bars.columns), []
    for name in remedy.factors:
        after = scaled.columns[name].copy()
        after[rows] = np.round(after[rows]) if name == "volume" else _rounded(after[rows])
        lines.append(_lines(bars, rows, name, (bars.columns[name][rows], after[rows]), remedy.reason))
        columns[name] = after
    return Bars(bars.ticker, bars.interval, bars.sessions, columns), lines


def _rounded(values: Floats) -> Floats:
    rounded = values.copy()
    good = np.isfinite(values) & (values != 0)
    places = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.abs(values[good]))))
    rounded[good] = np.round(values[good] * places) / places
    return rounded


def _dropped_lines(bars: Bars, rows: Bools, remedy: Remedy) -> list[pd.DataFrame]:
    return [
        _lines(bars, rows, name, (values[rows], np.full(int(rows.sum()), np.nan)), f"row dropped: {remedy.reason}")
        for name, values in bars.columns.items()
    ]


def _lines(bars: Bars, rows: Bools, column: str, values: tuple[Floats, Floats], reason: str) -> pd.DataFrame:
    before, after = values
    cells = (bars.ticker, bars.sessions[rows], column, before, after, reason)
    return pd.DataFrame(dict(zip(LOG_COLUMNS, cells, strict=True)))


def _frame(bars: Bars) -> pd.DataFrame:
    return pd.DataFrame({"ticker": bars.ticker, "session": bars.sessions, **bars.columns})
