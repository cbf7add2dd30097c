"""The stages of a leak audit, and which of them can be compared where."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stockrnn.evaluation.leaks import STAGES, Cutoff, Kind
from stockrnn.workflows import audit_fitted, audit_forecasts, audit_windows
from stockrnn.workflows.rebuilding import Rebuilt

# What was made of the prices as they are, what was made of the others, where they part.
Compare = Callable[[Rebuilt, Rebuilt, Cutoff], str | None]

COMPARISONS: Mapping[str, Compare] = {
    "split": audit_fitted.split,
    "tickers": audit_fitted.tickers,
    "volatility": audit_fitted.volatility,
    "features": audit_fitted.features,
    "scaling": audit_fitted.scaling,
    "standardization": audit_fitted.standardization,
    "anchor": audit_fitted.anchor,
    "inputs": audit_fitted.inputs,
    "windows": audit_windows.windows,
    "validation": audit_windows.validation,
    "weights": audit_forecasts.weights,
    "forecasts": audit_forecasts.forecasts,
    "combining": audit_forecasts.combining,
    "intervals": audit_forecasts.intervals,
    "bands": audit_forecasts.bands,
    "yardstick": audit_forecasts.yardstick,
}
_OF_ROWS = ("volatility", "features", "anchor", "inputs")
_OF_TRAINING = ("weights", "forecasts", "combining", "intervals")
# Where tickers end early there are fewer test sessions, and fewer forecasts of them; with the training itself, what is fitted stays as it was.
_OF_ENDED: Mapping[Kind, tuple[str, ...]] = {
    "training": ("tickers", *_OF_ROWS),
    "refit": ("tickers", *_OF_ROWS, "scaling", "standardization", "windows", "yardstick"),
    "row": _OF_ROWS,
}


def compared_stages(kind: Kind, ended: bool) -> tuple[str, ...]:
    """Return the stages that are compared at a cut-off.

    Args:
        kind: The kind of the cut-off.
        ended: Tickers end after it, instead of having other prices.
    """
    of_kind: Mapping[Kind, tuple[str, ...]] = {
        "training": STAGES,
        "refit": tuple(stage for stage in STAGES if stage not in _OF_TRAINING),
        "row": _OF_ROWS,
    }
    return tuple(stage for stage in of_kind[kind] if not ended or stage in _OF_ENDED[kind])
