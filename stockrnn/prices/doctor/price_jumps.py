"""Checks of all columns together over time: a split that nobody adjusted for, or another unit."""

from __future__ import annotations

import numpy as np

from stockrnn.arrays import Floats
from stockrnn.prices.doctor.bars import Bars, Rows, runs_of, usable
from stockrnn.prices.doctor.findings import Finding, Remedy, date_text, rows_text
from stockrnn.prices.doctor.noise import local_noise, tick_of
from stockrnn.prices.doctor.ratios import UNIT, ratio_text, simple_ratio

# A jump by a hundred may carry this much of ordinary price movement (log price).
_UNIT_SLACK = 0.25
_WILD = 0.5
# How many times the usual step a split must be: with the day's range or the volume to ask, and with a single price a day.
_SEEN, _BLIND = 8.0, 15.0


def _clean_rows(bars: Bars) -> Rows:
    return np.flatnonzero(np.all([usable(values) for values in bars.prices.values()], axis=0))


def check_units(bars: Bars) -> tuple[list[Finding], Bars]:
    """Find rows in which all prices are a hundred times, or a hundredth of, those of most rows: `unit_flip`.

    Returns:
        The finding, and the bars in the unit of most rows.
    """
    rows = _clean_rows(bars)
    if len(rows) < 3:
        return [], bars
    steps = np.stack([np.diff(np.log(values[rows])) for values in bars.prices.values()])
    jumps = np.where(np.all(np.abs(np.abs(steps) - np.log(UNIT)) < _UNIT_SLACK, axis=0), np.sign(steps[0]), 0.0)
    for step in np.flatnonzero(jumps).tolist():
        if _moves_shares(bars, rows, step + 1):
            jumps[step] = 0.0
    # Where half of all steps are as wild as this, a jump by a hundred is one of many.
    if not jumps.any() or np.median(np.abs(steps[0])) > _WILD:
        return [], bars
    levels = np.concatenate(([0.0], np.cumsum(jumps)))
    values, counts = np.unique(levels, return_counts=True)
    levels -= values[len(values) - 1 - int(np.argmax(counts[::-1]))]
    remedies = []
    for level in np.unique(levels[levels != 0]).tolist():
        own = rows[levels == level]
        factors = dict.fromkeys(bars.prices, float(UNIT**-level))
        reason = f"prices are {ratio_text(UNIT**level)} those of most rows"
        remedies.append(Remedy("units", reason, bars.sessions[own], factors))
        bars = bars.rescaled(own, factors)
    flipped = rows[levels != 0]
    return [_unit_finding(bars, flipped, runs_of(levels != 0), rows, tuple(remedies))], bars


def _moves_shares(bars: Bars, rows: Rows, row: int) -> bool:
    """Say whether the volume changes against the price as it does when shares are split or merged."""
    if "volume" not in bars.columns:
        return False
    volume, price = bars.columns["volume"][rows], bars.columns[bars.main_column][rows]
    before, after = volume[max(0, row - 10) : row], volume[row : row + 10]
    before, after = before[usable(before)], after[usable(after)]
    if len(before) < 3 or len(after) < 3:
        return False
    shares = np.log(np.median(after) / np.median(before))
    return bool(shares * np.log(price[row] / price[row - 1]) < 0 and abs(shares) > np.log(10))


def _unit_finding(
    bars: Bars, flipped: Rows, runs: list[tuple[int, int]], rows: Rows, remedies: tuple[Remedy, ...]
) -> Finding:
    spans = [
        f"{date_text(bars.sessions[rows[start]])} to {date_text(bars.sessions[rows[stop - 1]])}"
        for start, stop in runs[:3]
    ]
    more = f" and {len(runs) - 3} more stretches" if len(runs) > 3 else ""
    text = (
        f"{rows_text(len(flipped))} in another unit than most, a hundred times or a hundredth (pence and pounds?): "
        f"{', '.join(spans)}{more}; run stockrnn inspect --repair units"
    )
    return Finding("unit_flip", bars.ticker, bars.sessions[flipped], text, tuple(bars.prices), remedies)


def check_splits(bars: Bars) -> tuple[list[Finding], Bars]:
    """Find overnight jumps of all prices by a simple ratio that stay, and that do not look like news: `unadjusted_split`.

    News that halve a price come with a wide day, many times the usual volume and restless days after; a split with none of them.

    Returns:
        The finding, one session a split, and the bars adjusted to the shares of the last row.
    """
    rows = _clean_rows(bars)
    if len(rows) < 9 or bars.intraday:
        return [], bars
    main = bars.columns[bars.main_column][rows]
    if np.abs(np.diff(np.log(main))).max() < np.log(1.2):
        return [], bars
    history = _History(bars.take(rows))
    splits = [(row, ratio) for row in history.candidates() if (ratio := history.split_at(row)) is not None]
    if not splits:
        return [], bars
    remedies = []
    healed = bars
    for row, ratio in splits:
        before = np.arange(rows[row])
        factors = dict.fromkeys(bars.prices, 1 / ratio)
        if "volume" in bars.columns and history.volume_is_unadjusted(row, ratio):
            factors["volume"] = ratio
        reason = f"before the {_split_text(ratio)} split of {date_text(bars.sessions[rows[row]])}"
        remedies.append(Remedy("split", reason, bars.sessions[before], factors))
        healed = healed.rescaled(before, factors)
    sessions = bars.sessions[rows[[row for row, _ in splits]]]
    shown = ", ".join(
        f"{_split_text(ratio)} on {date_text(session)}"
        for session, (_, ratio) in zip(sessions[:3], splits, strict=False)
    )
    more = f" and {len(splits) - 3} more" if len(splits) > 3 else ""
    text = (
        f"all prices jump by a simple ratio overnight and stay there, as after a split that nobody adjusted for: {shown}{more}; "
        f"if the shares were split then, run stockrnn inspect --repair split"
    )
    return [Finding("unadjusted_split", bars.ticker, sessions, text, (), tuple(remedies))], healed


def _split_text(ratio: float) -> str:
    for old in (1, 2, 3, 4):
        if abs(ratio * old - round(ratio * old)) < 1e-6:
            return f"{ratio * old:.0f}:{old}"
    return f"1:{1 / ratio:.0f}"


class _History:
    """The clean rows of a ticker in logs, and what is usual in them around a row."""

    def __init__(self, bars: Bars) -> None:
        prices = bars.prices
        self.last: Floats = np.log(prices[bars.main_column])
        self.first: Floats = np.log(prices["open"]) if "open" in prices else self.last
        self.steps: Floats = np.diff(self.last)
        self.all_steps: Floats = np.diff(np.log(list(prices.values())), axis=1)
        self.day_range: Floats | None = (
            np.log(prices["high"] / prices["low"]) if {"high", "low"} <= set(prices) else None
        )
        volume = bars.columns.get("volume")
        self.volume = volume if volume is not None and np.mean(usable(volume)) > 0.9 else None
        self.tick = tick_of(prices[bars.main_column])

    def candidates(self) -> list[int]:
        """Return the rows whose prices are all a fifth or more away from those before, on the same side."""
        overnight = self.first[1:] - self.last[:-1]
        steps = np.vstack((self.all_steps, overnight))
        far = np.abs(steps).min(axis=0) > np.log(1.2)
        return [int(row) for row in np.flatnonzero(far & (np.abs(np.sign(steps).sum(axis=0)) == len(steps))) + 1]

    def split_at(self, row: int) -> float | None:
        """Return new shares for one old share when a row is the first after a split, else None."""
        if row < 5 or len(self.last) - row < 3:
            return None
        jump = float(self.last[row - 1] - self.first[row])
        noise = local_noise(self.steps, row - 1, row)
        ratio = simple_ratio(float(np.exp(jump)), min(max(3.5 * noise, 0.012), 0.06))
        if (
            ratio is None
            or not self._stands_out(row, float(abs(np.log(ratio))), noise)
            or not self._is_priced_finely(row)
        ):
            return None
        calm = self._stays(row, float(np.log(ratio)), noise) and self._is_calm(row) and self._has_no_crowd(row, ratio)
        # A fifth to a third is what bad news take; without the volume it cannot be told from them.
        return ratio if calm and (not 1 < ratio < 1.45 or self.volume is not None) else None

    def volume_is_unadjusted(self, row: int, ratio: float) -> bool:
        """Say whether the volume counts old shares before a row and new shares from it on."""
        if self.volume is None:
            return False
        before, after = self._volume_around(row)
        return bool(abs(np.log(after / before) - np.log(ratio)) < abs(np.log(after / before)))

    def _volume_around(self, row: int) -> tuple[float, float]:
        assert self.volume is not None
        before, after = self.volume[max(0, row - 20) : row], self.volume[row : row + 20]
        return float(max(np.median(before), 1.0)), float(max(np.median(after), 1.0))

    def _stands_out(self, row: int, jump: float, noise: float) -> bool:
        """Say whether no other step around comes near a jump; one may, another split."""
        around = np.abs(np.concatenate((self.steps[max(0, row - 60) : row - 1], self.steps[row : row + 60])))
        # Without the day's range or the volume to ask, only the size speaks.
        least = _SEEN if self.day_range is not None or self.volume is not None else _BLIND
        return jump >= least * noise and jump > 2.5 * float(np.partition(around, -2)[-2])

    def _is_priced_finely(self, row: int) -> bool:
        lowest = float(np.exp(min(self.last[row - 1], self.last[row])))
        return lowest > 20 * self.tick

    def _stays(self, row: int, jump: float, noise: float) -> bool:
        change = float(np.median(self.last[row - 5 : row]) - np.median(self.last[row : row + 5]))
        return abs(change - jump) < min(max(8 * noise, 0.05), abs(jump) / 2)

    def _is_calm(self, row: int) -> bool:
        """Say whether the day and those after it move about as much as those before."""
        before = float(np.mean(np.abs(self.steps[max(0, row - 21) : row - 1])))
        after = float(np.mean(np.abs(self.steps[row : row + 10])))
        if not 0.3 * before <= after <= 2.5 * before:
            return False
        if self.day_range is None:
            return True
        return bool(self.day_range[row] <= 3 * np.median(self.day_range[max(0, row - 20) : row]))

    def _has_no_crowd(self, row: int, ratio: float) -> bool:
        """Say whether the volume of the day is no larger than a split alone makes it."""
        if self.volume is None:
            return True
        before, _ = self._volume_around(row)
        return bool(self.volume[row] <= (2.0 if 1 < ratio < 1.45 else 3.0) * max(ratio, 1.0) * before)
