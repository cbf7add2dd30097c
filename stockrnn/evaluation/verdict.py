"""The verdict: one honest sentence about a network beside the best naive forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stockrnn.evaluation.metrics import Score, Yardstick

Outcome = Literal["better", "level", "worse"]

# Gains smaller than this are nothing that anybody could use, whichever way they point.
_LEVEL = 0.01
# Fewer forecasts than this, a quarter of a trading year, prove little whatever they show.
_FEW_ROWS = 63

NAIVE_WORDS = {
    "last_value": "repeating the last value",
    "last_close": "repeating the last close",
    "drift": "the drift line",
    "moving_average": "the moving average",
}


@dataclass(frozen=True)
class Verdict:
    """What a forecaster is worth against one opponent.

    Attributes:
        part: `point` or `distribution`.
        forecaster: The one that is judged.
        against: Its opponent, chosen on the training years.
        metric: What is compared.
        horizon: Sessions ahead.
        gain: 1 - metric / metric of the opponent; None when only the opponent never misses.
        p_value: None: no test of significance was made.
        lag: None: not measured.
        outcome: `better`, `level` or `worse`.
        text: The sentence.
    """

    part: Literal["point", "distribution"]
    forecaster: str
    against: str
    metric: str
    horizon: int
    gain: float | None
    p_value: float | None
    lag: int | None
    outcome: Outcome
    text: str


def point_verdicts(scores: list[Score], yardstick: Yardstick, forecaster: str = "network") -> list[Verdict]:
    """Judge a forecaster's point forecasts, horizon by horizon: pooled, or of the only ticker.

    Args:
        scores: The scores; without both the forecaster and its opponent there is no verdict.
        yardstick: Names the opponent.
        forecaster: Who is judged.
    """
    verdicts = []
    for horizon, naive in yardstick.best_naive.items():
        network = _first(scores, forecaster, horizon)
        best = _first(scores, naive, horizon)
        if network and best:
            verdicts.append(_judge(network, best, _days(scores, network)))
    return verdicts


def _first(scores: list[Score], forecaster: str, horizon: int) -> Score | None:
    # Pooled scores come first.
    return next((s for s in scores if s.forecaster == forecaster and s.horizon == horizon), None)


def _days(scores: list[Score], network: Score) -> int:
    # Pooled rows count a day once a ticker.
    return max((s.rows for s in scores if s.ticker is not None and s.horizon == network.horizon), default=network.rows)


def _judge(network: Score, best: Score, days: int) -> Verdict:
    gain = _gain(network.rmse, best.rmse)
    outcome: Outcome = "worse" if gain is None or gain <= -_LEVEL else "better" if gain >= _LEVEL else "level"
    return Verdict(
        part="point",
        forecaster=network.forecaster,
        against=best.forecaster,
        metric="rmse",
        horizon=network.horizon,
        gain=gain,
        p_value=None,
        lag=None,
        outcome=outcome,
        text=_sentence(network, best, outcome, gain) + _caution(days),
    )


def _gain(rmse: float, best_rmse: float) -> float | None:
    if best_rmse:
        return 1 - rmse / best_rmse
    return None if rmse else 0.0


def _sentence(network: Score, best: Score, outcome: Outcome, gain: float | None) -> str:
    naive = f"{NAIVE_WORDS[best.forecaster]} by {_amount(best.rmse)}"
    unit = "RMSE in log per cent, all tickers" if network.ticker is None else "RMSE"
    name = "the network" if network.forecaster == "network" else network.forecaster
    misses = f"{name} misses by {_amount(network.rmse)} ({unit}), {naive}"
    ahead = "" if network.horizon == 1 else f" {network.horizon} sessions ahead"
    words = {
        "better": f"Better than the best naive forecast{ahead} by {100 * (gain or 0):.1f} %: {misses}",
        "level": f"Level with the best naive forecast{ahead}: {misses}",
        "worse": f"Worse than the best naive forecast{ahead}: {misses}{_how_much_closer(network, best)}",
    }
    return words[outcome]


def _caution(days: int) -> str:
    return f"; but {days} {'day proves' if days == 1 else 'days prove'} little." if days < _FEW_ROWS else "."


def _how_much_closer(network: Score, best: Score) -> str:
    if not best.rmse or not network.rmse:
        return ""
    ratio = network.rmse / best.rmse
    return f", {ratio:.1f} times closer" if ratio >= 1.5 else f", {100 * (1 - 1 / ratio):.1f} % less"


def _amount(rmse: float) -> str:
    # Exchange rates and small coins move by fractions of a cent.
    return f"{rmse:.2f}" if rmse >= 1 else f"{rmse:.3g}"
