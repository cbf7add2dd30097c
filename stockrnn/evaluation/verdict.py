"""The verdicts: what a forecaster is worth against the best naive forecast and the best band, by test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stockrnn.evaluation.measurement import Outcome, Part, measure_points, measure_ranges
from stockrnn.evaluation.metrics import Score, Yardstick
from stockrnn.evaluation.paired_forecasts import PairedForecasts, paired_forecasts
from stockrnn.evaluation.verdict_text import verdict_text
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
    given: list[Verdict] = []
    parts: tuple[tuple[Part, dict[int, str]], ...] = (
        ("point", dict(yardstick.best_naive)),
        ("distribution", dict(yardstick.best_band)),
    )
    for part, opponents in parts:
        for horizon, opponent in sorted(opponents.items()):
            score = judged_score(scores, forecaster, horizon)
            pair = paired_forecasts(forecasts, forecaster, opponent, horizon)
            if score is not None and pair is not None and (part == "point" or pair.have_quantiles):
                given.append(_judge(part, pair, score, opponent))
    return given


def judged_score(scores: Sequence[Score], forecaster: str, horizon: int) -> Score | None:
    """Return the score that a verdict is about: the pooled one, or that of the only ticker."""
    # Pooled scores come first.
    return next((s for s in scores if s.forecaster == forecaster and s.horizon == horizon), None)


def _judge(part: Part, pair: PairedForecasts, score: Score, opponent: str) -> Verdict:
    measured = measure_points(pair, score.horizon) if part == "point" else measure_ranges(pair, score.horizon)
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
        text=verdict_text(part, measured, score, opponent),
    )
