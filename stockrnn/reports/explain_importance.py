"""How much each feature and lag moves the forecasts, as a table and as JSON values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from stockrnn.evaluation.importance import Importance
from stockrnn.reports.terminal import plain_table

Metric = Literal["rmse", "crps"]


@dataclass(frozen=True)
class ImportanceReport:
    """The importance of every part of a run's windows.

    Attributes:
        ticker: Whose forecasts.
        target: The price column that is forecast.
        horizon: Sessions ahead; the errors are those of all of them together.
        test: First and last session that is forecast, as text.
        windows: Windows that were permuted.
        repeats: Permutations a part.
        metric: `rmse` of points, `crps` of distributions.
        loss: That of the windows as they are.
        gate: The share of the way from the naive forecast that is kept; None without a gate.
        found: One a part.
    """

    ticker: str
    target: str
    horizon: int
    test: tuple[str, str]
    windows: int
    repeats: int
    metric: Metric
    loss: float
    gate: float | None
    found: Sequence[Importance]

    @property
    def measured(self) -> tuple[str, str]:
        """What is measured, and what of the forecast moves."""
        return ("RMSE", "forecast") if self.metric == "rmse" else ("CRPS", "range")


def importance_text(report: ImportanceReport) -> str:
    """Return a table of all parts, what the gate leaves of them, and a sentence on the largest."""
    decimals = _decimals(report.loss)
    rows = [
        [
            "feature" if each.part.kind == "feature" else "lag" if each.part.lags[0] == each.part.lags[1] else "lags",
            each.part.name,
            f"{round(each.growth.mean(), decimals) + 0.0:+.{decimals}f}",  # no -0.000
            f"{each.growth.std(ddof=1):.{decimals}f}",
            f"{each.movement.mean():.{decimals}f}",
        ]
        for each in report.found
    ]
    metric, moving = report.measured
    return "\n".join(
        [
            f"{report.ticker}, {report.target}, forecasts of {report.test[0]} to {report.test[1]}: "
            f"{report.windows} windows, {report.repeats} permutations each, in price units",
            "",
            plain_table(["permuted", "", f"{metric} grows by", "spread (sd)", f"{moving} moves by"], rows),
            "",
            f"{metric} as it is: {report.loss:.{decimals}f}. Lag 1 is the newest session of a window.",
            *gate_sentence(report),
            importance_sentence(report),
        ]
    )


def _decimals(loss: float) -> int:
    # Exchange rates and small coins move by fractions of a cent.
    return 3 if loss >= 1 or loss <= 0 else 3 - math.floor(math.log10(loss))


def gate_sentence(report: ImportanceReport) -> list[str]:
    """Return what the gate leaves of the network's point forecast; nothing where all of it is kept."""
    if report.gate is None or report.gate == 1:
        return []
    if report.gate:
        return [
            f"The gate keeps {100 * report.gate:.0f} % of the network's way from the naive forecast: all of this is of what is kept."
        ]
    only = "; what is permuted here moves nothing but the range around it" if report.metric == "crps" else ""
    return [f"The gate is shut: the point forecast is the naive one, whatever the network reads{only}."]


def importance_sentence(report: ImportanceReport) -> str:
    """Return which lags move the forecast most, and whether it would be worse without them."""
    lags, (metric, moving) = [each for each in report.found if each.part.kind == "lags"], report.measured
    most = max(lags, key=lambda each: each.movement.mean())
    moved, growth, decimals = most.movement.mean(), most.growth.mean(), _decimals(report.loss)
    if moved == 0:
        same = "" if report.gate == 0 else ": the network gives the same for every window"
        return f"No permutation moves the {moving}{same}."
    effect = (
        f"makes the {metric} {abs(growth):.{decimals}f} {'larger' if growth > 0 else 'smaller, not larger'}"
        if round(growth, decimals)
        else f"leaves the {metric} as it is"
    )
    one = most.part.lags[0] == most.part.lags[1]
    return (
        f"{'Lag' if one else 'Lags'} {most.part.name} {'moves' if one else 'move'} the {moving} most: permuting "
        f"{'it' if one else 'them'} moves it by {moved:.{decimals}f} and {effect}."
    )


def importance_json(report: ImportanceReport) -> dict[str, Any]:
    """Return every repeat of every part."""
    return {
        "ticker": report.ticker,
        "target": report.target,
        "unit": "price",
        "horizon": report.horizon,
        "test": list(report.test),
        "windows": report.windows,
        "repeats": report.repeats,
        "metric": report.metric,
        "loss": report.loss,
        "gate": report.gate,
        "text": " ".join([*gate_sentence(report), importance_sentence(report)]),
        "importance": [
            {
                "kind": each.part.kind,
                "name": each.part.name,
                "first_lag": each.part.lags[0],
                "last_lag": each.part.lags[1],
                "growth": float(each.growth.mean()),
                "growth_sd": float(each.growth.std(ddof=1)),
                "movement": float(each.movement.mean()),
                "growths": each.growth.tolist(),
                "movements": each.movement.tolist(),
            }
            for each in report.found
        ],
    }
