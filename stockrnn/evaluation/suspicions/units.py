"""Forecasts and actual values that are not in the prices' units: adjusted otherwise, scaled, shifted, of another column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from stockrnn.arrays import Floats, Positions
from stockrnn.evaluation.suspicions.case import Case, Suspicion
from stockrnn.prices.doctor.ratios import UNIT, simple_ratio
from stockrnn.prices.intervals import counted
from stockrnn.prices.table import PRICE_COLUMNS

# Splits are by 3:2 at least; no forecast leaves the last price by so much and stays there.
_OFF = np.log(1.4)
_FEWEST_ROWS, _FEWEST_SHARE = 5, 0.05
# Another adjustment, currency or unit is one factor: divided by it, the forecasts follow the price and lie near it.
_WIDEST, _FOLLOWS, _STILL = 0.5, 0.35, 1e-6
# Who is so far from the price is named even where nothing follows it; a network stuck at the edge of its range is nearer.
_FAR = np.log(3)
# A price and a scaled one or a return are a factor of 20 apart.
_SCALED = np.log(20)
# Half of noisy forecasts are this near to the factor that they are off by.
_NEAR_SPLIT = 0.05
_JUDGED = "Judged are prices as in the file"
# What came true is the same in both files but for rounding.
_SAME = 1e-3
_SHIFTS = 5


def find_other_units(case: Case) -> Iterator[Suspicion]:
    """Find forecasts a factor away from the last known price: another adjustment, currency or unit, or no prices at all."""
    ratio = np.log(np.maximum(case.forecast, 1e-8) / case.known)
    off = np.abs(ratio) > _OFF
    rows = int(off.sum())
    if rows < max(_FEWEST_ROWS, _FEWEST_SHARE * len(case)):
        return
    middle, forecast = float(np.median(ratio)), float(np.median(case.forecast))
    steady = _steady(case, ratio, off)
    scale = _scale_of(case) if abs(middle) > _SCALED and not (steady and steady.is_simple) else ""
    where = f"the forecasts of {case.forecaster} for {case.ticker} are near {forecast:.3g} where the price is near {np.median(case.known):.3g}"
    code = "other_units"
    if scale:
        text = f"{where}: {scale} {_JUDGED}"
    elif steady:
        code = steady.code
        text = (
            f"{rows} of {len(case)} forecasts of {case.forecaster} for {case.ticker} are {_times(steady.log_factor)} the last known "
            f"price (median): {steady.reason}"
        )
    elif abs(middle) > _FAR:
        reason = "prices in other units, or a model that never saw such prices?"
        text = f"{where}, {_times(middle)} it (median): {reason} {_JUDGED}"
    else:
        return
    yield Suspicion(code, case.forecaster, case.ticker, None, rows, text)


@dataclass(frozen=True)
class _Steady:
    """A factor that forecasts keep from the price; `is_simple` where it is that of a split or of cents."""

    log_factor: float
    code: str
    reason: str
    is_simple: bool


def _steady(case: Case, ratio: Floats, off: np.ndarray) -> _Steady | None:
    if not _follows(np.log(np.maximum(case.forecast[off], 1e-8)), np.log(case.known[off])):
        return None
    middle = float(np.median(ratio[off]))
    factor = float(np.exp(abs(middle)))
    split = simple_ratio(factor, _NEAR_SPLIT)
    if abs(factor / UNIT - 1) <= _NEAR_SPLIT:
        return _Steady(
            middle, "other_units", "one is in cents or pence, perhaps, or adjusted for a split of 100:1", True
        )
    if split is not None:
        reason = f"the forecasts and the prices are adjusted differently, for a split of {_shares(split)} perhaps"
        return _Steady(middle, "other_adjustment", reason, True)
    if abs(middle) <= _FAR:
        reason = "the forecasts and the prices are adjusted differently, or another currency or unit"
        return _Steady(middle, "other_adjustment", reason, False)
    return _Steady(middle, "other_units", "another currency, unit or adjustment", False)


def _shares(split: float) -> str:
    """Return a split as new to old shares: 4/3 is 4:3."""
    share = Fraction(split).limit_denominator(4)
    return f"{share.numerator}:{share.denominator}"


def _scale_of(case: Case) -> str:
    """Return what forecasts far from any price may be; nothing where they do not show it."""
    with np.errstate(over="ignore"):
        for name, power in (("natural", np.exp), ("decimal", _power_of_ten)):
            if abs(float(np.median(np.log(power(case.forecast) / case.known)))) < _OFF:
                return f"they are {name} logs of prices."
    if set(np.unique(case.forecast)) <= {0.0, 1.0}:
        return "they are directions, up or down."
    low, high = np.quantile(case.forecast, [0.1, 0.9])
    if low > 1 / 1.4 and high < 1.4:
        return "are they growth factors, to be multiplied by the last price?"
    return "are they returns or scaled values?" if low >= -1.5 and high <= 1.5 else ""


def _power_of_ten(exponents: Floats) -> Floats:
    powers: Floats = 10.0**exponents
    return powers


def _follows(forecast: Floats, known: Floats) -> bool:
    """Tell whether forecasts are the price times a factor: near it, and moving as it does (both in logs)."""
    if _spread(forecast - known) > _WIDEST:
        return False
    moves = known - known.mean()
    size = float(moves @ moves)
    # Over prices that hardly move, who is near a multiple of them follows them.
    return size <= _STILL * len(known) or float(moves @ (forecast - forecast.mean())) >= _FOLLOWS * size


def _spread(values: Floats) -> float:
    low, high = np.quantile(values, [0.1, 0.9])
    return float(high - low)


def _times(log_factor: float) -> str:
    factor = float(np.exp(log_factor))
    return f"{factor:.3g} times" if factor >= 1 else f"1/{1 / factor:.3g} of"


@dataclass(frozen=True)
class _Said:
    """What a file gives as come true, a value a session."""

    rows: Positions
    values: Floats
    actual: Floats


def find_other_actuals(case: Case) -> Iterator[Suspicion]:
    """Find values that the forecasts' source gives as come true and the prices do not; says what they are instead, if it can."""
    rows, first = np.unique(case.rows, return_index=True)
    values = case.said_actual[first]
    there = np.isfinite(values) & (values > 0)
    said = _Said(rows[there], values[there], case.path[rows[there]])
    wrong = ~_same(said.values, said.actual)
    count = int(wrong.sum())
    if count == 0:
        return
    ratio = np.log(said.values / said.actual)
    jumps = np.abs(np.diff(ratio)) > _SAME
    example = int(np.argmax(wrong))
    what = _are_instead(case, said)
    code = "actual_disagrees"
    if not what and len(ratio) >= _FEWEST_ROWS and jumps.mean() < 0.1 and count > 0.1 * len(ratio):
        code = "other_adjustment"
        what = f"they are {_times(np.median(ratio[wrong]))} these prices: the two are adjusted differently"
    session = case.prices.index[said.rows[example]][-1]
    text = (
        f"in {count} of {counted(len(ratio), case.unit)} of {case.ticker} the {case.target} that came true is another in the file than in the prices, "
        f"first on {session:%Y-%m-%d}: {said.values[example]:.6g} and {said.actual[example]:.6g}"
    )
    yield Suspicion(code, None, case.ticker, None, count, f"{text}; {what}" if what else text)


def _are_instead(case: Case, said: _Said) -> str:
    for name in PRICE_COLUMNS:
        if name in case.prices and _same(said.values, case.prices[name].to_numpy()[said.rows]).mean() > 0.9:
            return f"they are the {name}: say --target {name}"
    for back in (*range(-_SHIFTS, 0), *range(1, _SHIFTS + 1)):
        source = said.rows + back
        inside = (source >= 0) & (source < len(case.path))
        if inside.sum() > _FEWEST_ROWS and _same(said.values[inside], case.path[source[inside]]).mean() > 0.9:
            when = "before" if back < 0 else "after"
            return f"they are those {counted(abs(back), case.unit)} {when}: its dates are shifted"
    return ""


def _same(one: Floats, other: Floats) -> np.ndarray:
    return np.abs(one / other - 1) <= _SAME
