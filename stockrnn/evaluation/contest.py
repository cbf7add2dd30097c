"""Several forecasters against one another: a test for each two of them, corrected for how many tests were made."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stockrnn.evaluation.measurement import SIGNIFICANCE, Measured, Outcome, Part, measure_points, measure_ranges
from stockrnn.evaluation.paired_forecasts import paired_forecasts
from stockrnn.evaluation.significance import holm
from stockrnn.evaluation.verdict_text import why_untested
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecasts

METRICS: dict[Part, str] = {"point": "RMSE", "distribution": "CRPS"}


@dataclass(frozen=True)
class PairTest:
    """Two forecasters on the same rows.

    Attributes:
        part: `point` or `distribution`.
        horizon: Sessions ahead.
        a: The first.
        b: The second.
        gain: 1 - metric of the first / metric of the second; None when only the second never misses.
        p_value: Of the two-sided test that both are worth the same; None: no test was possible.
        p_holm: The same, corrected for all tests of this part.
        outcome: What the first is to the second: `better` or `worse` where the corrected tests say so, else `level`.
        text: The sentence.
        metric_a: The metric of the first, RMSE or CRPS; in price units or, of several tickers, on 100 x log price.
        metric_b: That of the second.
    """

    part: Part
    horizon: int
    a: str
    b: str
    gain: float | None
    p_value: float | None
    p_holm: float | None
    outcome: Outcome
    text: str
    metric_a: float
    metric_b: float


@dataclass(frozen=True)
class Best:
    """Who missed least at a horizon, and whether that is more than chance.

    Attributes:
        part: `point` or `distribution`.
        horizon: Sessions ahead.
        name: Who missed least.
        level_with: Those from whom it cannot be distinguished.
        same_as: Those of them that forecast the same.
        text: The sentence.
    """

    part: Part
    horizon: int
    name: str
    level_with: tuple[str, ...]
    same_as: tuple[str, ...]
    text: str


def pair_tests(forecasts: Forecasts, names: Sequence[str]) -> list[PairTest]:
    """Test each two forecasters at each horizon: their points and, where all of them are distributions, these too.

    Args:
        forecasts: The forecasts table; all of these forecasters have the same rows.
        names: Two forecasters or more.

    Source: Diebold and Mariano (1995), see `compare_losses`; Holm (1979), see `holm`.
    """
    own = forecasts[forecasts["forecaster"].isin(names) & forecasts["actual"].notna()]
    parts: list[Part] = ["point"]
    if own[list(QUANTILE_COLUMNS)].notna().all(axis=None):
        parts.append("distribution")
    return _corrected([each for part in parts for each in _measured(own, names, part)])


def _measured(forecasts: Forecasts, names: Sequence[str], part: Part) -> Iterator[tuple[Part, str, str, int, Measured]]:
    measure = measure_points if part == "point" else measure_ranges
    for horizon in sorted(forecasts["horizon"].unique()):
        for a, b in itertools.combinations(names, 2):
            pair = paired_forecasts(forecasts, a, b, int(horizon))
            if pair is not None:
                yield part, a, b, int(horizon), measure(pair, int(horizon))


def _corrected(measured: Sequence[tuple[Part, str, str, int, Measured]]) -> list[PairTest]:
    """Correct for all tests together, of both parts and all horizons."""
    p_values = holm([each.compared.p_value for *_, each in measured])
    decisive = holm([each.compared.decisive_p for *_, each in measured])
    tests = sum(p_value is not None for p_value in p_values)
    pairs = []
    for (part, a, b, horizon, each), p_holm, p_decisive in zip(measured, p_values, decisive, strict=True):
        outcome = replace(each, compared=replace(each.compared, p_value=p_decisive, p_overlap=None)).outcome
        pairs.append(
            PairTest(
                part,
                horizon,
                a,
                b,
                each.gain,
                each.compared.p_value,
                p_holm,
                outcome,
                _sentence((part, horizon, a, b), each, outcome, (p_holm, tests)),
                each.own,
                each.opponent,
            )
        )
    return pairs


def _sentence(
    who: tuple[Part, int, str, str], measured: Measured, outcome: Outcome, corrected: tuple[float | None, int]
) -> str:
    (part, horizon, a, b), (p_holm, tests) = who, corrected
    ahead = "" if horizon == 1 else f" {horizon} sessions ahead"
    words = {"better": "better than", "worse": "worse than", "level": "not distinguishable from"}
    gain = "" if measured.gain is None else f", gain {100 * measured.gain:.1f} %"
    if p_holm is None or measured.compared.p_value is None:
        evidence = why_untested(measured)
    else:
        evidence = f"p = {measured.compared.p_value:.3g}" + (f", {p_holm:.3g} for {tests} tests" if tests > 1 else "")
        if outcome == "level" and p_holm < SIGNIFICANCE and measured.compared.p_overlap is not None:
            evidence += f", but {measured.compared.p_overlap:.3g} by a test that allows more for overlap"
    figures = f"{METRICS[part]} {measured.own:.4g} against {measured.opponent:.4g}{gain}; {evidence}"
    return f"{a} is {words[outcome]} {b}{ahead} ({figures})."


def best_of(pairs: Sequence[PairTest]) -> list[Best]:
    """Say who missed least in each part and at each horizon, and from whom it cannot be distinguished."""
    found = []
    for part, horizon in dict.fromkeys((pair.part, pair.horizon) for pair in pairs):
        mine = [pair for pair in pairs if (pair.part, pair.horizon) == (part, horizon)]
        metrics = {name: metric for pair in mine for name, metric in ((pair.a, pair.metric_a), (pair.b, pair.metric_b))}
        name = min(metrics, key=lambda each: metrics[each])
        against = {pair.b if pair.a == name else pair.a: pair for pair in mine if name in (pair.a, pair.b)}
        level = tuple(other for other, pair in against.items() if pair.outcome == "level")
        same = tuple(other for other in level if not against[other].gain and against[other].p_value is None)
        best = Best(part, horizon, name, level, same, "")
        found.append(replace(best, text=_best_text(best, metrics[name], others=len(against) - len(same))))
    return found


def _best_text(best: Best, metric: float, others: int) -> str:
    ahead = "" if best.horizon == 1 else f" {best.horizon} sessions ahead"
    figure = f"{METRICS[best.part]} {metric:.4g}"
    names = f"{', '.join((best.name, *best.same_as[:-1]))} and {best.same_as[-1]}" if best.same_as else best.name
    if not others:
        return f"{names} are worth the same{ahead} ({figure}): they are the same forecasts."
    what = ("misses least", "miss least") if best.part == "point" else ("has the best ranges", "have the best ranges")
    subject = f"{names}, which are the same forecasts, {what[1]}" if best.same_as else f"{names} {what[0]}"
    level = [name for name in best.level_with if name not in best.same_as]
    if not level:
        whom = "them" if best.same_as else "it"
        return f"{subject}{ahead} ({figure}), and the tests hold {whom} to be better than all others (p < {SIGNIFICANCE:g} after correction)."
    return f"{subject}{ahead} ({figure}), but cannot be distinguished from {', '.join(level)}."
