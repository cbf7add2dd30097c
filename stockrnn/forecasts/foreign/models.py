"""The models of a table of forecasts: their point forecasts and what they give of a distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from stockrnn.arrays import Floats
from stockrnn.forecasts.foreign.cells import is_numeric, numbers_of
from stockrnn.forecasts.foreign.headers import (
    POINT_NAMES,
    QuantileColumn,
    plain,
    quantile_columns,
    sample_columns,
)
from stockrnn.forecasts.foreign.phrases import is_forecast
from stockrnn.forecasts.table import LEVELS

# Fewer sample paths have no 5 % quantile.
_FEWEST_SAMPLES = 20


@dataclass(frozen=True)
class Model:
    """One forecaster's columns.

    Attributes:
        name: As in the headers.
        column: The header of its point forecasts; None where they come from its distribution.
        values: Point forecasts, of shape (rows,).
        quantiles: A level to its values, of shape (rows,).
    """

    name: str
    column: str | None
    values: Floats
    quantiles: dict[float, Floats]

    @property
    def generic(self) -> bool:
        """Whether its header says no more than that this is a forecast."""
        return plain(self.name) in POINT_NAMES or is_forecast(self.name) or not self.name


@dataclass
class FoundModels:
    """The models of a table, and columns that are none.

    Attributes:
        models: In the order of the table.
        unlevelled: Bounds of intervals whose level nobody says.
        left_out: Numbers that are no forecast, because another column is called one.
        prophet: Whether an interval has the level that Prophet has where its user says nothing.
    """

    models: list[Model] = field(default_factory=list)
    unlevelled: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    prophet: bool = False


def find_models(frame: pd.DataFrame, level: float | None) -> FoundModels:
    """Find the models in the columns of a table that are nothing else.

    Args:
        frame: These columns.
        level: The level of intervals whose headers do not say it, between 0 and 1.
    """
    headers = [name for name in frame.columns if is_numeric(frame[name])]
    samples = sample_columns(headers)
    headers = [name for name in headers if name not in {each for names in samples.values() for each in names}]
    bounds = quantile_columns(headers, level)
    points = [name for name in headers if name not in {bound.name for bound in bounds}]
    named = [name for wanted in POINT_NAMES for name in points if plain(name) == wanted]
    # Of several headers that say so, each may be of another price.
    chosen = named[:1] or [name for name in points if is_forecast(name)] or points
    found = FoundModels(
        unlevelled=[
            bound.name
            for bound in bounds
            if bound.level is None and (not chosen or bound.name in _all_bounds(chosen, bounds))
        ],
        left_out=[name for name in points if name not in chosen],
        prophet=level is None and any(plain(bound.name) in ("yhat_lower", "yhat_upper") for bound in bounds),
    )
    found.models = [_model(frame, name, _bounds_of(name, bounds, chosen)) for name in chosen]
    bases = dict.fromkeys(bound.model for bound in bounds if bound.level is not None)
    # Components of a forecast, such as Prophet's trend, are no forecasters of their own.
    parts = {plain(name) for name in found.left_out}
    alone = [
        base
        for base in bases
        if plain(base) not in parts and not any(_bounds_of(name, bounds, chosen, base) for name in chosen)
    ]
    found.models += [_from_quantiles(frame, base, [each for each in bounds if each.model == base]) for base in alone]
    found.models += [_from_samples(frame, base, names) for base, names in samples.items()]
    return found


def _bounds_of(
    name: str, bounds: Sequence[QuantileColumn], models: Sequence[str], base: str | None = None
) -> list[QuantileColumn]:
    """Return the quantiles of a model: those with its name, and those without a name where there is one model."""
    mine = {plain(name), *([""] if len(models) == 1 else [])}
    return [bound for bound in bounds if plain(bound.model) in mine and base in (None, bound.model)]


def _all_bounds(models: Sequence[str], bounds: Sequence[QuantileColumn]) -> set[str]:
    return {bound.name for name in models for bound in _bounds_of(name, bounds, models)}


def _quantiles(frame: pd.DataFrame, bounds: Sequence[QuantileColumn]) -> dict[float, Floats]:
    return {bound.level: numbers_of(frame[bound.name]) for bound in bounds if bound.level is not None}


def _model(frame: pd.DataFrame, name: str, bounds: Sequence[QuantileColumn]) -> Model:
    return Model(name, name, numbers_of(frame[name]), _quantiles(frame, bounds))


def _from_quantiles(frame: pd.DataFrame, base: str, bounds: Sequence[QuantileColumn]) -> Model:
    quantiles = _quantiles(frame, bounds)
    values = quantiles.get(0.5)
    if values is None:
        # The middle of the innermost interval stands for the median that nobody gives.
        below = max((level for level in quantiles if level < 0.5), default=min(quantiles))
        above = min((level for level in quantiles if level > 0.5), default=max(quantiles))
        values = (quantiles[below] + quantiles[above]) / 2
    return Model(base, None, values, quantiles)


def _from_samples(frame: pd.DataFrame, base: str, names: Sequence[str]) -> Model:
    paths = np.stack([numbers_of(frame[name]) for name in names], axis=1)  # (rows, samples)
    quantiles: dict[float, Floats] = {}
    if len(names) >= _FEWEST_SAMPLES:
        quantiles = dict(zip(LEVELS, np.quantile(paths, LEVELS, axis=1), strict=True))
    return Model(base, None, np.median(paths, axis=1), quantiles)
