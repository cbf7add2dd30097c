"""What forecasts are judged by: their target and horizon, and the years that choose the opponent and the scales."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from stockrnn.config import Config
from stockrnn.config_sections import EvaluationConfig
from stockrnn.samples.splits import Part, Split


@dataclass(frozen=True)
class Terms:
    """The terms of a judgement; nothing in them comes from the sessions that are judged.

    Attributes:
        target: The price column that is forecast.
        horizon: Sessions ahead, at most.
        train: First and last session of the training years.
        validation: Those of the sessions that choose the opponent; None: the last year of training.
        evaluation: What the forecasts are compared with.
    """

    target: str
    horizon: int
    train: Part
    validation: Part | None = None
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)

    @classmethod
    def of(cls, config: Config, split: Split) -> Terms:
        """Return the terms that a config and its split name; a distribution is judged beside bands, asked for or not."""
        evaluation = config.evaluation
        if config.has_distribution:
            evaluation = evaluation.model_copy(update={"bands": True})
        return cls(config.target.column, config.window.horizon, split.train, split.validation, evaluation)

    def to_json(self) -> dict[str, Any]:
        """Return the terms as JSON values, dates in ISO."""
        parts = {"train": self.train, "validation": self.validation}
        dates = {name: part and [f"{day:%Y-%m-%d}" for day in part] for name, part in parts.items()}
        return {
            "target": self.target,
            "horizon": self.horizon,
            **dates,
            "evaluation": self.evaluation.model_dump(mode="json"),
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Terms:
        """Make terms of what `to_json` gave."""
        parts = {name: document[name] for name in ("train", "validation")}
        days = {name: part and (pd.Timestamp(part[0]), pd.Timestamp(part[1])) for name, part in parts.items()}
        evaluation = EvaluationConfig.model_validate(document["evaluation"])
        return cls(str(document["target"]), int(document["horizon"]), evaluation=evaluation, **days)
