"""A price column that holds volume, as when two columns of a file were swapped."""

from __future__ import annotations

import numpy as np

from stockrnn.arrays import Bools, Floats
from stockrnn.prices.doctor.bars import Bars, usable
from stockrnn.prices.doctor.column_levels import log_prices, middle_of_others
from stockrnn.prices.doctor.findings import Finding

_FEWEST = 5


def check_volume_in_price(bars: Bars) -> tuple[list[Finding], Bars]:
    """Find a price column that holds volume, `close_holds_volume` and the like, and return the bars without it."""
    for name, values in bars.prices.items():
        good = usable(values)
        if good.sum() < _FEWEST or not _looks_like_volume(bars, name, good):
            continue
        swapped = "volume" in bars.columns and _close_to_others(bars, name)
        text = (
            f"the {name} column holds whole numbers far away from the other prices"
            f"{', and the volume column holds prices: the two are swapped' if swapped else ': it looks like volume'}; "
            f"name the right one, such as --columns {name}=HEADER"
        )
        columns = (name, "volume") if swapped else (name,)
        finding = Finding(f"{name}_holds_volume", bars.ticker, bars.sessions[good], text, columns)
        return [finding], bars.without(name) if len(bars.prices) > 1 else bars
    return [], bars


def _looks_like_volume(bars: Bars, name: str, good: Bools) -> bool:
    values = bars.columns[name][good]
    if np.median(values) < 1000 or np.mean(values == np.round(values)) < 0.95:
        return False
    if len(bars.prices) == 1:
        # A price that swings like a volume from day to day, in whole numbers: nothing that is quoted does.
        return bool(len(values) > 20 and float(np.median(np.abs(np.diff(np.log(values))))) > 0.15)
    distance = _distance(bars, name)
    return len(distance) > 0 and bool(np.median(distance) > np.log(20) and np.std(distance) > 0.15)


def _close_to_others(bars: Bars, name: str) -> bool:
    if len(bars.prices) == 1:
        return False
    distance = _distance(
        Bars(bars.ticker, bars.interval, bars.sessions, {**bars.prices, name: bars.columns["volume"]}), name
    )
    return len(distance) > 0 and bool(np.median(np.abs(distance)) < 0.2)


def _distance(bars: Bars, name: str) -> Floats:
    """Return the log distance of a column from the others, on the rows where all of them are prices."""
    rows, logs = log_prices(bars)
    return logs[name] - middle_of_others(logs, name) if len(rows) else np.empty(0)
