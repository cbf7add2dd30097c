"""The skill that somebody requires of a forecast, so that a build can fail where it is not met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stockrnn.errors import SkillNotMetError
from stockrnn.evaluation.measurement import Part
from stockrnn.evaluation.metrics import Score, Yardstick
from stockrnn.evaluation.verdict import judged_score
from stockrnn.prices.intervals import counted


@dataclass(frozen=True)
class RequiredSkill:
    """How much better than its opponent a forecast has to be.

    Attributes:
        least: The smallest skill that will do, such as 0.02.
        part: `point`: 1 - RMSE / RMSE of the best naive forecaster, or of the last close where that misses less; `distribution`: 1 - CRPS / CRPS of the best band.
    """

    least: float
    part: Part = "point"

    def __str__(self) -> str:
        """Return the option that requires it."""
        return f"--require-skill {self.least:g} ({self.part})"


def check_skill(
    required: RequiredSkill, scores: Sequence[Score], yardstick: Yardstick, forecaster: str = "network"
) -> None:
    """Check the skill of the worst horizon: that of all tickers pooled, or of the only one.

    Args:
        required: What is wanted.
        scores: Scores of the forecaster and its opponents.
        yardstick: Names the opponents.
        forecaster: Who has to have the skill.

    Raises:
        SkillNotMetError: The skill is smaller, or there is none to be measured.
    """
    horizons = sorted({score.horizon for score in scores if score.forecaster == forecaster})
    found = {horizon: _skill(required.part, scores, yardstick, forecaster, horizon) for horizon in horizons}
    unknown = [horizon for horizon, skill in found.items() if skill is None]
    if not found or unknown:
        ahead = f" {counted(unknown[0], yardstick.unit)} ahead" if unknown else ""
        raise SkillNotMetError(
            f"{required} is not met: {forecaster} has no skill to measure{ahead}; {_REASONS[required.part]}"
        )
    worst = min(horizons, key=lambda horizon: found[horizon] or 0.0)
    skill = found[worst] or 0.0
    if skill < required.least:
        score = judged_score(scores, forecaster, worst)
        whose = score.ticker if score and score.ticker is not None else "all tickers pooled"
        raise SkillNotMetError(
            f"{required} is not met: the skill of {forecaster} is {skill:.4g} ({whose}, {counted(worst, yardstick.unit)} ahead)"
        )


_REASONS = {
    "point": "it takes test sessions on which the best naive forecast misses",
    "distribution": "it takes a forecaster with quantiles and bands beside it; see --part",
}


def _skill(part: Part, scores: Sequence[Score], yardstick: Yardstick, forecaster: str, horizon: int) -> float | None:
    own = judged_score(scores, forecaster, horizon)
    if own is None or (part == "point" and own.skill is None):
        return None
    if part == "point":
        names = ("last_close", "last_value")
        no_change = next((score for name in names if (score := judged_score(scores, name, horizon))), None)
        beyond = 1 - own.rmse / no_change.rmse if no_change and no_change.rmse else own.skill
        return min(own.skill, beyond) if own.skill is not None and beyond is not None else own.skill
    band = judged_score(scores, yardstick.best_band.get(horizon, ""), horizon)
    if own.crps is None or band is None or not band.crps:
        return None
    return 1 - own.crps / band.crps
