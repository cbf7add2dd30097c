"""Look for everything that can be wrong with forecasts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stockrnn.evaluation.suspicions.accuracy import find_copies, find_impossible_accuracy
from stockrnn.evaluation.suspicions.case import Case, Evidence, Suspicion, cases_of
from stockrnn.evaluation.suspicions.distributions import find_crossing, find_wrong_coverage
from stockrnn.evaluation.suspicions.foresight import find_foresight
from stockrnn.evaluation.suspicions.sessions import find_skipped_sessions
from stockrnn.evaluation.suspicions.units import find_other_actuals, find_other_units

CODES = (
    "shifted_copy", "too_good", "seen_future", "crossing_quantiles", "wrong_coverage", "skipped_sessions", "other_adjustment", "other_units",
    "actual_disagrees",
)  # fmt: skip


def find_suspicions(evidence: Evidence) -> list[Suspicion]:
    """Return what looks wrong, in the order of the forecasts; nothing where nothing does."""
    found: list[Suspicion] = []
    seen: set[tuple[str, str]] = set()
    for case in cases_of(evidence):
        found += find_other_units(case)
        for suspicion in find_other_actuals(case):
            # What came true is the same for all forecasters of a ticker.
            if (suspicion.code, case.ticker) not in seen:
                seen.add((suspicion.code, case.ticker))
                found.append(suspicion)
        for horizon in np.unique(case.horizons):
            found += _of_horizon(case.at_horizon(int(horizon)))
    return found


def _of_horizon(case: Case) -> Iterator[Suspicion]:
    yield from find_skipped_sessions(case)
    # A copy of the price to come is too good as well, and knows the future: it is named already.
    found = list(find_copies(case)) or list(find_impossible_accuracy(case)) or list(find_foresight(case))
    yield from found
    yield from find_crossing(case)
    yield from find_wrong_coverage(case)
