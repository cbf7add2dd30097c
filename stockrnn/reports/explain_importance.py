"""How much each feature and lag moves the forecasts, as a table and as JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stockrnn.evaluation.importance import Importance
from stockrnn.reports.terminal import plain_table


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
        rmse: Of the windows as they are.
        found: One a part.
    """

    ticker: str
    target: str
    horizon: int
    test: tuple[str, str]
    windows: int
    repeats: int
    rmse: float
    found: Sequence[Importance]


def importance_text(report: ImportanceReport) -> str:
    """Return a table of all parts and a sentence on the largest."""
    rows = [
        [
            "feature" if each.part.kind == "feature" else "lag" if each.part.lags[0] == each.part.lags[1] else "lags",
            each.part.name,
            f"{each.rmse_growth.mean():+.3f}",
            f"{each.rmse_growth.std():.3f}",
            f"{each.movement.mean():.3f}",
        ]
        for each in report.found
    ]
    return "\n".join(
        [
            f"{report.ticker}, {report.target}, forecasts of {report.test[0]} to {report.test[1]}: "
            f"{report.windows} windows, {report.repeats} permutations each, in price units",
            "",
            plain_table(["permuted", "", "RMSE grows by", "spread (sd)", "forecast moves by"], rows),
            "",
            f"RMSE as it is: {report.rmse:.3f}. Lag 1 is the newest session of a window.",
            importance_sentence(report),
        ]
    )


def importance_sentence(report: ImportanceReport) -> str:
    """Return which lags move the forecast most, and whether it would be worse without them."""
    lags = [each for each in report.found if each.part.kind == "lags"]
    most = max(lags, key=lambda each: each.movement.mean())
    moved, growth = most.movement.mean(), most.rmse_growth.mean()
    if moved == 0:
        return "No permutation moves the forecast: the network gives the same for every window."
    effect = (
        f"makes the RMSE {growth:.3f} larger" if growth > 0 else f"makes the RMSE {-growth:.3f} smaller, not larger"
    )
    one = most.part.lags[0] == most.part.lags[1]
    return f"{'Lag' if one else 'Lags'} {most.part.name} {'moves' if one else 'move'} the forecast most: permuting {'it' if one else 'them'} moves it by {moved:.3f} and {effect}."


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
        "rmse": report.rmse,
        "text": importance_sentence(report),
        "importance": [
            {
                "kind": each.part.kind,
                "name": each.part.name,
                "first_lag": each.part.lags[0],
                "last_lag": each.part.lags[1],
                "rmse_growth": float(each.rmse_growth.mean()),
                "rmse_growth_sd": float(each.rmse_growth.std()),
                "movement": float(each.movement.mean()),
                "rmse_growths": each.rmse_growth.tolist(),
                "movements": each.movement.tolist(),
            }
            for each in report.found
        ],
    }
