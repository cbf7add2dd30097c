"""Sessions without a forecast among sessions that have one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from stockrnn.arrays import Positions
from stockrnn.evaluation.metrics import rmse
from stockrnn.evaluation.suspicions.case import Case, Suspicion
from stockrnn.prices.intervals import counted

# One place in the week in most weeks; a day of the month falls on sessions this far apart, weekends and holidays allowed.
_USUAL_WEEKS, _DAY_OF_MONTH = 0.8, 4


def find_skipped_sessions(case: Case) -> Iterator[Suspicion]:
    """Find sessions between the first and the last forecast of a horizon that have none, and say whether they were the hard ones."""
    horizon = int(case.horizons[0])
    rows = np.unique(case.rows)
    between = np.arange(rows[0], rows[-1] + 1)
    skipped = np.setdiff1d(between, rows)
    if len(skipped) == 0 or _is_regular(rows, pd.DatetimeIndex(case.prices.index.get_level_values("session"))):
        return
    hard, easy = _naive_miss(case, skipped), _naive_miss(case, rows)
    compared = (
        f"; the last known price misses by {hard:.3g} (RMSE) there, by {easy:.3g} where there is a forecast"
        if easy
        else ""
    )
    ahead = "" if horizon == 1 else f" {horizon} {case.unit}s ahead"
    text = (
        f"{len(skipped)} of the {counted(len(between), case.unit)} from the first to the last forecast{ahead} of {case.forecaster} for "
        f"{case.ticker} have none{compared}"
    )
    yield Suspicion("skipped_sessions", case.forecaster, case.ticker, horizon, len(skipped), text)


def _is_regular(rows: Positions, days: pd.DatetimeIndex) -> bool:
    """Tell whether the forecasts keep step: every so many sessions, or one a calendar week, month or quarter.

    Where gaps of all sorts were allowed, easy days could be picked as long as they lie apart.
    """
    gaps = np.diff(rows)
    if len(gaps) == 0 or gaps.min() == gaps.max():
        return True
    return any(_one_each(rows, days, period) for period in ("W", "M", "Q"))


def _one_each(rows: Positions, days: pd.DatetimeIndex, period: str) -> bool:
    """Tell whether there is a forecast in every period, in the same place of each but for holidays."""
    numbers = np.unique(days.to_period(period).asi8, return_inverse=True)[1]
    mine = numbers[rows]
    if (np.diff(mine) != 1).any():
        return False
    from_first = rows - np.searchsorted(numbers, mine, side="left")
    to_last = np.searchsorted(numbers, mine, side="right") - 1 - rows
    return _in_one_place(from_first, period) or _in_one_place(to_last, period)


def _in_one_place(places: Positions, period: str) -> bool:
    if period == "W":
        # A holiday moves a weekday's place by one, in few weeks of a year.
        return bool(np.mean(places == np.median(places)) >= _USUAL_WEEKS and np.ptp(places) <= 2)
    return bool(np.ptp(places) <= _DAY_OF_MONTH)


def _naive_miss(case: Case, rows: Positions) -> float:
    return rmse(case.path[rows] - case.newest[rows - case.horizons[0]])
