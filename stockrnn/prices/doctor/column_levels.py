"""Checks of one price column against the others of the same bars: another adjustment, another unit, another thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from stockrnn.arrays import Floats
from stockrnn.prices.doctor.bars import Bars, Rows, usable
from stockrnn.prices.doctor.findings import Finding, Remedy, date_text, rows_text
from stockrnn.prices.doctor.ratios import UNIT, ratio_text, simple_ratio

# A column sits on another level when it is this far from the others (log price) and this many day's ranges.
_LEVEL = 0.14
_RANGES = 1.5
_SHORTEST = 5
# Within a stretch of one level the distance varies less than this (log price, median absolute deviation).
_STEADY = 0.04
# A cent on a price of ten.
_ROUNDING = 1e-3


@dataclass(frozen=True)
class _Stretch:
    """Neighbouring rows on which a column lies a constant ratio away from the others."""

    column: str
    rows: Rows
    ratio: float


def log_prices(bars: Bars) -> tuple[Rows, dict[str, Floats]]:
    """Return the rows on which all columns are prices, and their logarithms there."""
    rows = np.flatnonzero(np.all([usable(values) for values in bars.prices.values()], axis=0))
    return rows, {name: np.log(values[rows]) for name, values in bars.prices.items()}


def middle_of_others(logs: dict[str, Floats], name: str) -> Floats:
    """Return the median of the other columns, row by row."""
    others = [values for other, values in logs.items() if other != name]
    if len(others) == 3:
        # The median of three, without the cost of a sort.
        return np.maximum(np.minimum(others[0], others[1]), np.minimum(np.maximum(others[0], others[1]), others[2]))
    return others[0] if len(others) == 1 else (others[0] + others[1]) / 2


def check_column_levels(bars: Bars) -> tuple[list[Finding], Bars]:
    """Find columns on another level than the others of the same rows.

    Returns:
        Findings `unit_flip` (a hundred times or a hundredth) and `adjustment_mismatch` (any other constant ratio over at
        least 5 rows), and the bars with all columns on one level.
    """
    if len(bars.prices) < 2:
        return [], bars
    stretches: list[_Stretch] = []
    # Each round brings one column in line; when two are off, the second shows itself once the first is right.
    for _ in range(len(bars.prices) - 1):
        found = _oddest_column(bars)
        if not found:
            break
        stretches += found
        for stretch in found:
            bars = bars.rescaled(stretch.rows, {stretch.column: 1 / stretch.ratio})
    findings = []
    for name in dict.fromkeys(stretch.column for stretch in stretches):
        own = [stretch for stretch in stretches if stretch.column == name]
        units = [stretch for stretch in own if _is_unit(stretch.ratio)]
        splits = [stretch for stretch in own if not _is_unit(stretch.ratio)]
        findings += [_unit_finding(bars, name, units)] if units else []
        findings += [_adjustment_finding(bars, name, splits)] if splits else []
    return findings, bars


def _is_unit(ratio: float, tolerance: float = 0.05) -> bool:
    return bool(abs(abs(np.log(ratio)) - np.log(UNIT)) < tolerance)


def _oddest_column(bars: Bars) -> list[_Stretch]:
    rows, logs = log_prices(bars)
    best: list[_Stretch] = []
    best_score = (0.0, 0.0)
    for name in ("close", "open", "high", "low"):
        distance = logs[name] - middle_of_others(logs, name) if name in logs else np.empty(0)
        if not (np.abs(distance) > _LEVEL).any():
            continue
        others = np.stack([logs[other] for other in _yardsticks(name, logs)])
        pieces = _level_pieces(distance, others.max(axis=0) - others.min(axis=0))
        found = [_Stretch(name, rows[piece], _level_ratio(bars, name, rows[piece])) for piece in pieces]
        # Between columns that are equally often apart, the one that jumps at the edges is the odd one.
        score = (float(sum(len(piece) for piece in pieces)), _edge_jump(logs[name], pieces))
        if found and score > best_score:
            best, best_score = found, score
    return best


def _yardsticks(name: str, columns: Iterable[str]) -> list[str]:
    """Return the columns that bound another: high and low an open or close, else all others."""
    others = [other for other in columns if other != name]
    return ["high", "low"] if {"high", "low"} <= set(others) else others


def _level_pieces(distance: Floats, day_range: Floats) -> list[Rows]:
    """Cut the rows where a column is far from the others into stretches of one steady ratio."""
    step = max(_LEVEL, 3 * float(np.median(day_range)))
    far = np.abs(distance) > _LEVEL
    changes = np.abs(np.diff(distance))
    edges = np.flatnonzero((far[1:] != far[:-1]) | (far[1:] & (changes > step))) + 1
    pieces = []
    for piece in np.split(np.arange(len(distance)), edges):
        middle = float(np.median(distance[piece]))
        if not far[piece[0]] or abs(middle) < _RANGES * float(np.median(day_range[piece])):
            continue
        # An adjustment starts and stops overnight; what grows bit by bit is another matter, such as dividends.
        sudden = all(changes[edge] > _LEVEL for edge in (piece[0] - 1, piece[-1]) if 0 <= edge < len(changes))
        steady = sudden and float(np.median(np.abs(distance[piece] - middle))) < _STEADY
        if steady and (len(piece) >= _SHORTEST or _is_unit(float(np.exp(middle)), 0.15)):
            pieces.append(piece)
    return _bridged(pieces, distance, day_range)


def _bridged(pieces: list[Rows], distance: Floats, day_range: Floats) -> list[Rows]:
    """Join stretches of one ratio over wild days between them, on which a column is as far off as the day allows."""
    joined: list[Rows] = []
    for piece in pieces:
        if joined:
            middle = float(np.median(distance[joined[-1]]))
            between = np.arange(joined[-1][-1] + 1, piece[0])
            off = np.abs(distance[between] - middle)
            bridge = bool(np.all(off <= np.minimum(day_range[between] + _STEADY, abs(middle) / 2)))
            if bridge and abs(float(np.median(distance[piece])) - middle) < _STEADY:
                joined[-1] = np.arange(joined[-1][0], piece[-1] + 1)
                continue
        joined.append(piece)
    return joined


def _edge_jump(log_price: Floats, pieces: list[Rows]) -> float:
    steps = [abs(log_price[piece[0]] - log_price[piece[0] - 1]) for piece in pieces if piece[0] > 0]
    steps += [
        abs(log_price[piece[-1] + 1] - log_price[piece[-1]]) for piece in pieces if piece[-1] + 1 < len(log_price)
    ]
    return float(max(steps, default=0.0))


def _level_ratio(bars: Bars, name: str, rows: Rows) -> float:
    """Estimate the ratio by which a column lies off, so that it fits between low and high once divided by it.

    On a day whose close is its high, close / high is the ratio itself; so the largest close / high is a lower bound and
    the smallest close / low an upper one, and over many days the two leave little room.
    """
    values = bars.columns[name][rows]
    others = np.stack([bars.columns[other][rows] for other in _yardsticks(name, bars.prices)])
    over_highest, over_lowest = values / others.max(axis=0), values / others.min(axis=0)
    lower, upper = float(over_highest.max()), float(over_lowest.min())
    if name == "high":
        lower, upper = 0.0, float(over_highest.min())
    elif name == "low":
        lower, upper = float(over_lowest.max()), np.inf
    middle = float(np.exp(np.median(np.log(values) - np.log(others).mean(axis=0))))
    for ratio in (simple_ratio(middle, 0.15), UNIT if middle > 1 else 1 / UNIT):
        if ratio and abs(np.log(ratio / middle)) < 0.15 and _allows(lower, ratio, upper):
            return ratio
    if name in {"high", "low"}:
        return upper if name == "high" else lower
    # Rounding to cents can make the two bounds pass each other by a little.
    return _roundest(min(lower, upper), max(lower, upper)) if lower <= upper * (1 + _ROUNDING) else middle


def _allows(lower: float, ratio: float, upper: float) -> bool:
    return lower * (1 - 1e-4) <= ratio <= upper * (1 + 1e-4)


def _roundest(lower: float, upper: float) -> float:
    """Return the number between two bounds with the fewest decimals: 2.002 of 2.00197 to 2.00204."""
    middle = float(np.sqrt(lower * upper))
    rounded = (round(middle, places) for places in range(1, 7))
    return next((ratio for ratio in rounded if lower <= ratio <= upper), middle)


def _spans_text(bars: Bars, stretches: list[_Stretch]) -> str:
    spans = [
        f"{date_text(bars.sessions[stretch.rows[0]])} to {date_text(bars.sessions[stretch.rows[-1]])} "
        f"({ratio_text(stretch.ratio)})"
        for stretch in stretches[:3]
    ]
    return ", ".join(spans) + (f" and {len(stretches) - 3} more stretches" if len(stretches) > 3 else "")


def _remedies(bars: Bars, name: str, stretches: list[_Stretch], kind: str) -> tuple[Remedy, ...]:
    return tuple(
        Remedy(
            "units" if kind == "units" else "split",
            f"{name} is {ratio_text(stretch.ratio)} the other prices",
            bars.sessions[stretch.rows],
            {name: 1 / stretch.ratio},
        )
        for stretch in stretches
    )


def _unit_finding(bars: Bars, name: str, stretches: list[_Stretch]) -> Finding:
    sessions = np.sort(np.concatenate([bars.sessions[stretch.rows] for stretch in stretches]))
    text = (
        f"{rows_text(len(sessions))} in which {name} is in another unit than the other prices, such as pence for pounds: "
        f"{_spans_text(bars, stretches)}; stockrnn inspect --repair units"
    )
    return Finding("unit_flip", bars.ticker, sessions, text, (name,), _remedies(bars, name, stretches, "units"))


def _adjustment_finding(bars: Bars, name: str, stretches: list[_Stretch]) -> Finding:
    sessions = np.sort(np.concatenate([bars.sessions[stretch.rows] for stretch in stretches]))
    others = [other for other in bars.prices if other != name]
    text = (
        f"{rows_text(len(sessions))} in which {name} is adjusted differently from {', '.join(others)}: "
        f"{_spans_text(bars, stretches)}; {', '.join(others)} look split-adjusted and {name} does not, or the other way "
        f"round: run stockrnn inspect --repair split"
    )
    return Finding(
        "adjustment_mismatch", bars.ticker, sessions, text, (name,), _remedies(bars, name, stretches, "split")
    )
