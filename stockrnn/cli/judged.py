"""What `judge` prints for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stockrnn.cli.results import further_parts, judgement_lines, shown_horizons

if TYPE_CHECKING:
    from stockrnn.evaluation.intervals import IntervalScore
    from stockrnn.evaluation.suspicions.case import Suspicion
    from stockrnn.workflows.judge import Judged

# More sentences of one code would bury the others.
_MOST_ALIKE = 3


def judged_text(judged: Judged, everything: bool) -> str:
    """Return the scores, the verdicts, the coverage of intervals, and what looks wrong."""
    lines = judgement_lines(judged.terms, judged.tested, judged.judgement, everything)
    intervals = _widest_near_90(judged.intervals)
    shown = shown_horizons(sorted({interval.horizon for interval in intervals}))
    unit = judged.judgement.yardstick.unit
    lines += [_interval_line(each, unit) for each in intervals if everything or each.horizon in shown]
    wrong = ["What looks wrong:", *_suspicion_lines(judged.suspicions, everything)]
    if not judged.suspicions:
        wrong = ["Nothing about these forecasts looks wrong."]
    return "\n\n".join(["\n".join(lines), *further_parts(judged.judgement, everything), "\n".join(wrong)])


def _widest_near_90(intervals: Sequence[IntervalScore]) -> list[IntervalScore]:
    """Return an interval a forecaster and horizon, that whose level is nearest to 90 %; of all tickers where there are several."""
    chosen: dict[tuple[str, int], IntervalScore] = {}
    pooled = any(interval.ticker is None for interval in intervals)
    for interval in intervals:
        key = (interval.forecaster, interval.horizon)
        if pooled and interval.ticker is not None:
            continue
        if key not in chosen or abs(interval.level - 0.9) < abs(chosen[key].level - 0.9):
            chosen[key] = interval
    return list(chosen.values())


def _interval_line(interval: IntervalScore, unit: str) -> str:
    ahead = "" if interval.horizon == 1 else f" {interval.horizon} {unit}s ahead"
    return (
        f"The {100 * interval.level:g} % interval of {interval.forecaster}{ahead} held {100 * interval.coverage:.1f} % of what came true "
        f"({interval.rows} forecasts) and was {interval.width_pct:.2g} % of the price wide."
    )


def _suspicion_lines(suspicions: Sequence[Suspicion], everything: bool) -> list[str]:
    lines = []
    for code in dict.fromkeys(suspicion.code for suspicion in suspicions):
        alike = [suspicion for suspicion in suspicions if suspicion.code == code]
        shown = alike if everything else alike[:_MOST_ALIKE]
        lines += [f"  [{code}] {suspicion.text}{'' if suspicion.text.endswith('?') else '.'}" for suspicion in shown]
        if len(alike) > len(shown):
            lines.append(f"  [{code}] and {len(alike) - len(shown)} more; see --all or --json.")
    return lines
