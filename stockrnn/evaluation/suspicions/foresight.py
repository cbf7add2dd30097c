"""Forecasts that follow prices which came later: smoothed over both sides, or the future under noise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stockrnn.arrays import Floats
from stockrnn.evaluation.suspicions.case import Case, Suspicion
from stockrnn.prices.intervals import counted

# Steps after the last known price beyond the session itself; steps before it one by one, and moves over so many.
_AFTER, _BEFORE, _MOVES = 5, 10, (22, 66)
# Steps are divided by their usual size in so many before the origin, and cut off: a crash is a few rows, not all.
_USUAL, _CUT = 22, 4.0
_FEWEST_ROWS = 230
# Of what the past leaves unexplained of an honest forecast, later steps explain nothing but by chance.
_SHARE, _P = 0.15, 1e-8
# Steps of so many other times, so many rows away at least, and how far over what they explain the right ones have to be.
_OTHER_TIMES, _APART, _OVER_LARGEST, _DEVIATIONS = 20, 30, 2.0, 6.0


def find_foresight(case: Case) -> Iterator[Suspicion]:
    """Find forecasts that move from session to session as later prices do, the past allowed for.

    How an honest forecast moves is decided by what was known. Steps before the origin may explain it, and through them,
    where prices return to a mean, later steps do too; beside them later steps explain nothing. What they do explain is
    tested by the F test of two nested regressions, and against what the steps of other times explain.
    """
    horizon = int(case.horizons[0])
    found = _regressors(case, horizon)
    if found is None:
        return
    change, before, after = found
    rows = len(change)
    without, within = _misfit(change, before), _misfit(change, np.column_stack([before, after]))
    if without <= 0:
        return
    share = 1 - within / without
    freedom = rows - before.shape[1] - after.shape[1]
    if share < _SHARE or 2 * freedom < rows:
        return
    from scipy.stats import f

    ratio = (without - within) / after.shape[1] / max(within / freedom, 1e-300)
    if f.sf(ratio, after.shape[1], freedom) > _P or _is_chance(share, change, before, after):
        return
    text = (
        f"the forecasts of {case.forecaster} for {case.ticker} follow the prices of up to {counted(_AFTER, case.unit)} after the "
        f"{case.unit} that is forecast: those explain {100 * share:.0f} % of what the past leaves open; smoothed over both sides, or made "
        "from later prices?"
    )
    yield Suspicion("seen_future", case.forecaster, case.ticker, horizon, rows, text, sees_future=True)


def _regressors(case: Case, horizon: int) -> tuple[Floats, Floats, Floats] | None:
    """Return how forecasts move from session to session, and the steps before and after the origin, over their usual size."""
    path = case.newest
    origins = case.rows - horizon
    inside = (origins >= max(_MOVES) + _USUAL) & (case.rows + _AFTER < len(path)) & (case.forecast > 0)
    # Levels that last for weeks are like other such levels by chance; their changes are not.
    inside &= np.concatenate([[False], (np.diff(case.rows) == 1) & (case.forecast[:-1] > 0)])
    if inside.sum() < _FEWEST_ROWS or (path <= 0).any():
        return None
    logs = np.log(path)
    steps = np.diff(logs, prepend=logs[0])
    squares = np.concatenate([[0.0], np.cumsum(steps**2)])
    last = origins[inside]
    usual = np.sqrt((squares[last + 1] - squares[last + 1 - _USUAL]) / _USUAL)
    if (usual <= 0).any():
        return None

    def scaled(moves: Floats, sessions: int = 1) -> Floats:
        clipped: Floats = np.clip(moves / usual / np.sqrt(sessions), -_CUT, _CUT)
        return clipped

    before = [scaled(steps[last - back]) for back in range(_BEFORE)]
    before += [scaled(logs[last] - logs[last - count], count) for count in _MOVES]
    after = [scaled(steps[last + ahead]) for ahead in range(1, horizon + _AFTER + 1)]
    forecasts = np.log(np.maximum(case.forecast, 1e-8))
    change = np.diff(forecasts, prepend=forecasts[0])[inside] / usual
    spread = float(np.median(np.abs(change - np.median(change))))
    if spread <= 0:
        return None
    cut: Floats = np.clip((change - np.median(change)) / spread, -_CUT, _CUT)
    return cut, np.column_stack([np.ones(len(cut)), *before]), np.column_stack(after)


def _is_chance(share: float, change: Floats, before: Floats, after: Floats) -> bool:
    """Tell whether steps of other times explain about as much: levels that last for weeks are alike by chance."""
    rows = len(change)
    without = _misfit(change, before)
    offsets = np.unique(np.linspace(_APART, rows - _APART, _OTHER_TIMES).astype(int))
    others = np.array(
        [1 - _misfit(change, np.column_stack([before, np.roll(after, offset, axis=0)])) / without for offset in offsets]
    )
    return bool(share < max(_OVER_LARGEST * float(others.max()), float(others.mean() + _DEVIATIONS * others.std())))


def _misfit(values: Floats, regressors: Floats) -> float:
    fitted = regressors @ np.linalg.lstsq(regressors, values, rcond=None)[0]
    return float(np.sum((values - fitted) ** 2))
