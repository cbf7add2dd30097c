"""What the headers of a table of forecasts say: dates, tickers, models, and the quantiles of their distributions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stockrnn.messages import first_few

# A role to its names, the surest first.
ROLES = {
    "session": ("session", "target_date", "valid_time", "ds", "date", "timestamp", "datetime", "time", "day"),
    "ticker": ("ticker", "symbol", "unique_id", "item_id", "series_id", "series", "asset"),
    "origin": ("origin", "cutoff", "forecast_origin", "origin_date", "issue_date", "as_of"),
    "horizon": ("horizon", "h", "step", "steps_ahead", "fh"),
    "actual": ("actual", "y", "y_true", "actuals", "observed", "true", "truth"),
    "forecaster": ("forecaster", "model", "model_name"),
    "target": ("target",),
    "level": ("level",),
}
# Headers of a forecast that name no model, the surest first.
POINT_NAMES = (
    "forecast", "prediction", "predictions", "predicted", "pred", "preds", "yhat", "y_hat", "y_pred", "point", "mean",
    "value",
)  # fmt: skip

_NUMBER = r"(\d+(?:\.\d+)?|\.\d+)"
_BASE = r"(?:(.*?)[-_ ])?"
_WIDTH = r"(?:[-_ ](?:ci|pi|bound|limit|band))?"
_BOUND = re.compile(rf"{_BASE}(lo|low|lower|hi|high|upper){_WIDTH}[-_ ]?{_NUMBER} ?%?", re.IGNORECASE)
_LEVEL_FIRST = re.compile(rf"{_BASE}{_NUMBER} ?%?[-_ ](lo|low|lower|hi|high|upper){_WIDTH}", re.IGNORECASE)
_BARE_BOUND = re.compile(rf"{_BASE}(lo|lower|hi|upper){_WIDTH}", re.IGNORECASE)
# Words before a bound that name no model.
_INTERVAL_WORDS = re.compile(r"(?:^|[-_ ])(?:(?:ci|pi|conf|confidence|interval|conf_int)(?:[-_ ]|$))+", re.IGNORECASE)
_QUANTILE = re.compile(rf"{_BASE}(?:ql|q|p|quantile)[-_ ]?{_NUMBER} ?%?", re.IGNORECASE)
_BARE_QUANTILE = re.compile(rf"{_BASE}(?:(0?\.\d+)|(\d{{1,2}}(?:\.\d+)?) ?%)")
_MEDIAN = re.compile(rf"{_BASE}median", re.IGNORECASE)
_SAMPLE = re.compile(r"(.+)_s(\d+)")

# What Prophet draws where its user says nothing else.
_PROPHET_MODEL, PROPHET_LEVEL = "yhat", 0.8


@dataclass(frozen=True)
class QuantileColumn:
    """A column with a quantile of a model's distribution.

    Attributes:
        name: The header.
        model: The name before the level; empty where the header names none.
        level: Between 0 and 1; None for a bound whose interval nobody says the level of.
    """

    name: str
    model: str
    level: float | None


def plain(header: str) -> str:
    """Return a header in lower case, blanks and hyphens as underscores."""
    return re.sub(r"[\s-]+", "_", header.strip().lower())


def listed(names: Iterable[object], most: int = 5) -> str:
    """Name the first of some names or cells for a message, in one line."""
    distinct = [" ".join(str(name).split())[:40] for name in dict.fromkeys(names)]
    return first_few(distinct, most)


def find_role(headers: Sequence[str], role: str) -> str | None:
    """Return the header of a role: the surest of its names that is there."""
    named = {plain(header): header for header in reversed(headers)}
    return next((named[name] for name in ROLES[role] if name in named), None)


def quantile_columns(headers: Sequence[str], level: float | None) -> list[QuantileColumn]:
    """Return the columns with quantiles.

    Args:
        headers: All headers but those of roles.
        level: The level of intervals whose headers do not say it, between 0 and 1.
    """
    columns = []
    for header in headers:
        found = _bound(header, level) or _quantile(header)
        if found is not None:
            columns.append(found)
    return columns


def sample_columns(headers: Sequence[str]) -> dict[str, list[str]]:
    """Return the columns of sample paths by model: `MODEL_s0`, `MODEL_s1` and so on, two at least."""
    samples: dict[str, list[str]] = {}
    for header in headers:
        match = _SAMPLE.fullmatch(header)
        if match:
            samples.setdefault(match[1], []).append(header)
    return {model: names for model, names in samples.items() if len(names) > 1 and f"{model}_s0" in names}


def _bound(header: str, level: float | None) -> QuantileColumn | None:
    for pattern, side, number in ((_BOUND, 2, 3), (_LEVEL_FIRST, 3, 2)):
        match = pattern.fullmatch(header)
        if match:
            inside = _share(float(match[number]))
            return None if inside is None else QuantileColumn(header, _model_of(match[1]), _edge(match[side], inside))
    match = _BARE_BOUND.fullmatch(header)
    if match is None:
        return None
    model = _model_of(match[1])
    inside = level or (PROPHET_LEVEL if model.lower() == _PROPHET_MODEL else None)
    return QuantileColumn(header, model, None if inside is None else _edge(match[2], inside))


def _model_of(before: str | None) -> str:
    return _INTERVAL_WORDS.sub("", before or "")


def _edge(side: str, inside: float) -> float:
    tail = (1 - inside) / 2
    return round(tail if side.lower().startswith("lo") else 1 - tail, 6)


def _quantile(header: str) -> QuantileColumn | None:
    match = _QUANTILE.fullmatch(header) or _BARE_QUANTILE.fullmatch(header)
    if match:
        number = match[2] or match[3]
        share = float(number) / 100 if match.re is _BARE_QUANTILE and match[3] else _share(float(number))
        return None if share is None or not 0 < share < 1 else QuantileColumn(header, match[1] or "", round(share, 6))
    match = _MEDIAN.fullmatch(header)
    return QuantileColumn(header, match[1] or "", 0.5) if match else None


def _share(number: float) -> float | None:
    """Return a level as a share: 0.9 and 90 are the same."""
    share = number if number < 1 else number / 100
    return share if 0 < share < 1 else None
