"""Forecasts that are copies of the price, and accuracy that cannot be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stockrnn.arrays import Floats
from stockrnn.evaluation.metrics import rmse
from stockrnn.evaluation.suspicions.case import Case, Suspicion
from stockrnn.prices.intervals import counted

# How many sessions after the forecast one's own, and how many before the origin, a copied price is looked for.
_SESSIONS_AFTER, _SESSIONS_BEFORE = 5, 20
# A copy is nearer to its price than this share of an ordinary step of the price: rounding passes, a forecast of its own does not.
_COPY = 0.05
# A price that went through single precision comes back within this share of itself.
_ROUNDING = 1e-6
# Fewer rows can be alike by chance.
_FEWEST_ROWS = 20

# Predictable is at best a few per cent of the variance of a daily step. A quarter of the last close's RMSE would explain 94 %.
_BEST_RATIO = 0.25
# Of steps that do not overlap, nobody foretells a third of the variance (a ratio of .8 is 36 %), and in 50 of them chance
# does not either: its correlation of .6 has p < 1e-5. The range of a day can be foretold, so highs and lows are left out.
_BEST_OF_STEPS, _STEPS, _STEP_TARGETS = 0.8, 50, ("open", "close")
# The best published hit rates are 53 to 55 %; in a trend, more than the majority's share is needed too. How many days that
# takes is the binomial test's affair; fewer than these never pass it in practice.
_BEST_DIRECTION, _OVER_MAJORITY, _DIRECTION_P, _DIRECTION_ROWS = 0.65, 0.10, 1e-6, 25


def find_copies(case: Case) -> Iterator[Suspicion]:
    """Find forecasts that are the price of so many sessions before, or of a session that was not known yet."""
    horizon = int(case.horizons[0])
    step = float(np.median(np.abs(case.actual - case.path[np.maximum(case.rows - 1, 0)])))
    if len(case) < _FEWEST_ROWS or step == 0:
        return
    paths = {
        name: case.prices[name].to_numpy() for name in dict.fromkeys((case.target, "close")) if name in case.prices
    }
    distances = {
        (name, back): _distance(case, path, back)
        for name, path in paths.items()
        for back in range(-_SESSIONS_AFTER, horizon + _SESSIONS_BEFORE + 1)
    }
    (name, back), nearest = min(distances.items(), key=lambda item: item[1])
    if (name, back) == _newest_known(case, horizon) and np.allclose(case.forecast, case.known, rtol=_ROUNDING, atol=0):
        # The last close itself is a forecast, and the verdict says that both are the same.
        return
    if nearest <= _COPY * step:
        text = _copy_text(case, name, back, horizon)
        leak = back < horizon
        yield Suspicion("shifted_copy", case.forecaster, case.ticker, horizon, len(case), text, sees_future=leak)


def _newest_known(case: Case, horizon: int) -> tuple[str, int]:
    return ("close" if "close" in case.prices else case.target), horizon


def _distance(case: Case, path: Floats, back: int) -> float:
    source = case.rows - back
    inside = (source >= 0) & (source < len(path))
    if inside.sum() < max(_FEWEST_ROWS, len(case) // 2):
        return np.inf
    return float(np.median(np.abs(case.forecast[inside] - path[source[inside]])))


def _copy_text(case: Case, name: str, back: int, horizon: int) -> str:
    who = f"the forecasts of {case.forecaster} for {case.ticker}"
    if back == 0:
        return f"{who} are the very {name} that they forecast: it was known when they were made"
    if back < horizon:
        when = f"after the {case.unit} that is forecast" if back < 0 else "before it, but after the forecast was made"
        return f"{who} are the {name} {counted(abs(back), case.unit)} {when}: a price that nobody knew yet"
    naive = ", the last one that was known: a naive forecast" if back == horizon else ""
    return f"{who} are the {name} {counted(back, case.unit)} before the {case.unit} that is forecast{naive}"


def find_impossible_accuracy(case: Case) -> Iterator[Suspicion]:
    """Find errors far below the last close's or the steps' own spread, and a hit rate of the direction far above the majority's."""
    horizon = int(case.horizons[0])
    if len(case) < _FEWEST_ROWS:
        return
    own, naive = rmse(case.forecast - case.actual), rmse(case.known - case.actual)
    reason = ""
    if naive > 0 and own < _BEST_RATIO * naive:
        reason = f"misses by {own:.3g} (RMSE) where the last known price misses by {naive:.3g}"
    else:
        apart = case.without_overlap()
        reason = _impossible_steps(apart) or _impossible_direction(apart)
    if reason:
        text = f"{case.forecaster} for {case.ticker} {reason}: too good to be a forecast; does it see the {case.unit}'s own prices?"
        yield Suspicion("too_good", case.forecaster, case.ticker, horizon, len(case), text, sees_future=True)


def _impossible_steps(case: Case) -> str:
    """Compare the misses with the steps about their own mean, which a steady trend does not widen."""
    if len(case) < _STEPS or case.target not in _STEP_TARGETS or (case.known <= 0).any():
        return ""
    misses, steps = (case.forecast - case.actual) / case.known, case.actual / case.known - 1
    own, spread = rmse(misses), float(steps.std())
    # A single wrong price that is taken back makes steps that can be foretold; it does not move the median.
    usual = float(np.median(np.abs(steps - np.median(steps))))
    if own >= _BEST_OF_STEPS * spread or np.median(np.abs(misses)) >= _BEST_OF_STEPS * usual:
        return ""
    return (
        f"misses by {100 * own:.3g} % (RMSE) where the price moves by {100 * spread:.3g} % about its mean step, in {len(case)} "
        "steps that do not overlap"
    )


def _impossible_direction(case: Case) -> str:
    from scipy.stats import binom

    called, came = np.sign(case.forecast - case.known), np.sign(case.actual - case.known)
    told = (called != 0) & (came != 0)
    days = int(told.sum())
    if days < _DIRECTION_ROWS:
        return ""
    hits, majority = int((called == came)[told].sum()), float(max(np.mean(came[told] > 0), np.mean(came[told] < 0)))
    share = hits / days
    if (
        share < _BEST_DIRECTION
        or share < majority + _OVER_MAJORITY
        or binom.sf(hits - 1, days, majority) > _DIRECTION_P
    ):
        return ""
    return f"is on the right side of the last known price in {hits} of {days} cases ({100 * share:.0f} %; always the usual side: {100 * majority:.0f} %)"
