"""Sessions without a forecast among sessions that have one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stockrnn.evaluation.metrics import rmse
from stockrnn.evaluation.suspicions.case import Case, Suspicion
from stockrnn.samples.windows import Positions


def find_skipped_sessions(case: Case) -> Iterator[Suspicion]:
    """Find sessions between the first and the last forecast that have none, and say whether they were the hard ones."""
    rows = np.unique(case.rows)
    between = np.arange(rows[0], rows[-1] + 1)
    skipped = np.setdiff1d(between, rows)
    if len(skipped) == 0 or _is_regular(np.diff(rows)):
        return
    hard, easy = _naive_miss(case, skipped), _naive_miss(case, rows[rows > 0])
    compared = (
        f"; the last known price misses by {hard:.3g} (RMSE) there, by {easy:.3g} where there is a forecast"
        if easy
        else ""
    )
    text = f"{len(skipped)} of the {len(between)} sessions from the first to the last forecast of {case.forecaster} for {case.ticker} have none{compared}"
    yield Suspicion("skipped_sessions", case.forecaster, case.ticker, None, len(skipped), text)


def _is_regular(gaps: Positions) -> bool:
    """Tell whether the gaps are a pattern, such as a forecast a week or a month, holidays allowed."""
    return bool(gaps.min() == gaps.max() or (gaps.min() >= 3 and gaps.max() <= 2 * gaps.min()))


def _naive_miss(case: Case, rows: Positions) -> float:
    return rmse(case.path[rows] - case.newest[rows - 1])
