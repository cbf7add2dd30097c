"""The verdicts: what a forecaster is worth against the best naive forecast and the best band, by test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stockrnn.evaluation.measurement import Measured, Outcome, Part, measure_points, measure_ranges
from stockrnn.evaluation.metrics import Score, Yardstick
from stockrnn.evaluation.paired_forecasts import paired_forecasts
from stockrnn.evaluation.verdict_text import lateness_text, verdict_text
from stockrnn.forecasts.table import Forecasts


@dataclass(frozen=True)
class Verdict:
    """What a forecaster is worth against one opponent.

    Attributes:
        part: `point` or `distribution`.
        forecaster: The one that is judged.
        against: Its opponent, chosen on the training years.
        metric: What is compared: `rmse` or `crps`.
        horizon: Sessions ahead.
        gain: 1 - metric / metric of the opponent; None when only the opponent never misses.
        p_value: Of the two-sided test that both are worth the same; None: no test was possible.
        lag: The shift at which the forecast correlates best with the actual price; None: not known.
        outcome: `better` or `worse` where the test says so, else `level`.
        text: The sentence.
    """

    part: Part
    forecaster: str
    against: str
    metric: str
    horizon: int
    gain: float | None
    p_value: float | None
    lag: int | None
    outcome: Outcome
    text: str


def verdicts(
    forecasts: Forecasts, scores: Sequence[Score], yardstick: Yardstick, forecaster: str = "network"
) -> list[Verdict]:
    """Judge a forecaster's points and, where it has some, its distributions, horizon by horizon.

    Pooled on 100 x log price where there are several tickers; else in price units. Compared are the rows that both have.

    Args:
        forecasts: The forecasts table, the opponents included.
        scores: Its scores.
        yardstick: Names the opponents.
        forecaster: Who is judged; without it or its opponent there is no verdict.
    """
    points = [
        _point_verdict(forecasts, score, opponent, yardstick.unit)
        for score, opponent in _matches(scores, yardstick.best_naive, forecaster)
    ]
    distributions = [
        _distribution_verdict(forecasts, score, opponent, yardstick.unit)
        for score, opponent in _matches(scores, yardstick.best_band, forecaster)
    ]
    return [verdict for verdict in (*points, *distributions) if verdict is not None]


def judged_score(scores: Sequence[Score], forecaster: str, horizon: int) -> Score | None:
    """Return the score that a verdict is about: the pooled one, or that of the only ticker."""
    # Pooled scores come first.
    return next((s for s in scores if s.forecaster == forecaster and s.horizon == horizon), None)


def _matches(scores: Sequence[Score], opponents: Mapping[int, str], forecaster: str) -> list[tuple[Score, str]]:
    """Return the forecaster's score at each horizon, and its opponent there."""
    found = ((judged_score(scores, forecaster, horizon), name) for horizon, name in sorted(opponents.items()))
    return [(score, name) for score, name in found if score is not None]


def _point_verdict(forecasts: Forecasts, score: Score, opponent: str, unit: str) -> Verdict | None:
    pair = paired_forecasts(forecasts, score.forecaster, opponent, score.horizon)
    if pair is None:
        return None
    measured, no_change = measure_points(pair, score.horizon), _beside_no_change(forecasts, score)
    gains_nothing = no_change is not None and (no_change.gain is None or no_change.gain <= 0)
    measured = replace(measured, only_no_change=gains_nothing)
    beats_no_change = no_change is not None and no_change.outcome == "better"
    late = lateness_text(score, unit) if measured.outcome != "better" and not beats_no_change else ""
    return _verdict("point", measured, score, opponent, verdict_text("point", measured, score, opponent, unit) + late)


def _beside_no_change(forecasts: Forecasts, score: Score) -> Measured | None:
    """Measure a forecast beside the last close; beside the last value, where there is no close."""
    pairs = (
        paired_forecasts(forecasts, score.forecaster, name, score.horizon) for name in ("last_close", "last_value")
    )
    pair = next((pair for pair in pairs if pair is not None), None)
    return measure_points(pair, score.horizon) if pair is not None else None


def _distribution_verdict(forecasts: Forecasts, score: Score, opponent: str, unit: str) -> Verdict | None:
    pair = paired_forecasts(forecasts, score.forecaster, opponent, score.horizon)
    distributions = pair.distributions() if pair is not None else None
    if distributions is None:
        return None
    measured = measure_ranges(distributions, score.horizon)
    text = verdict_text("distribution", measured, score, opponent, unit)
    return _verdict("distribution", measured, score, opponent, text)


def _verdict(part: Part, measured: Measured, score: Score, opponent: str, text: str) -> Verdict:
    return Verdict(
        part=part,
        forecaster=score.forecaster,
        against=opponent,
        metric="rmse" if part == "point" else "crps",
        horizon=score.horizon,
        gain=measured.gain,
        p_value=measured.compared.p_value,
        lag=score.lag,
        outcome=measured.outcome,
        text=text,
    )
