"""Columns of prices beside forecasts: what came true, and, where nothing else says it, which price is forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from stockrnn.forecasts.foreign.headers import plain, quantile_columns, sample_columns
from stockrnn.forecasts.foreign.phrases import is_actual, is_forecast, price_of
from stockrnn.prices.table import COLUMNS

# The price that is forecast where nobody says which.
_USUAL = "close"


@dataclass(frozen=True)
class Beside:
    """What the columns beside forecasts say.

    Attributes:
        target: The price that is forecast; None where they do not say it.
        told_by: The header that says it.
        actual: The header of what came true; None where there is none.
    """

    target: str | None
    told_by: str | None
    actual: str | None


def price_columns(frame: pd.DataFrame) -> dict[str, list[str]]:
    """Return the columns that are called like prices, not like forecasts, and have no quantiles: a price to its headers.

    Those that say that they came true are first, then those called exactly like the price.
    """
    headers = [str(name) for name in frame.columns]
    bases = {bound.model for bound in quantile_columns(headers, None)} | set(sample_columns(headers))
    found: dict[str, list[str]] = {}
    for name in headers:
        price = plain(name) if plain(name) in COLUMNS else price_of(name)
        if price is not None and name not in bases and not is_forecast(name):
            found.setdefault(price, []).append(name)
    return {
        price: sorted(names, key=lambda name: (not is_actual(name), plain(name) not in COLUMNS))
        for price, names in found.items()
    }


def actual_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns that say that they came true, of whichever price."""
    return [str(name) for name in frame.columns if is_actual(str(name))]


def read_beside(frame: pd.DataFrame, asked: str | None, models: Sequence[str], said: Mapping[str, str]) -> Beside:
    """Decide what the columns beside forecasts say.

    Args:
        frame: The columns that have no role of their own.
        asked: The price that the user says is forecast.
        models: The headers of the forecasts.
        said: A role, such as `actual` or `target`, to its header.
    """
    beside = price_columns(frame)
    prices = [price for price in beside if price != "volume"]
    named = {price for model in models if (price := price_of(model)) is not None}
    target, told_by = asked or (next(iter(named)) if len(named) == 1 else None), None
    if target is None and not named and "target" not in said:
        target = price_of(said.get("actual", ""))
        told_by = said["actual"] if target is not None else None
        if target is None and len(prices) == 1:
            target, told_by = prices[0], beside[prices[0]][0]
    came_true = [*beside.get(target or _USUAL, []), *(name for name in actual_columns(frame) if price_of(name) is None)]
    return Beside(target if told_by else None, told_by, came_true[0] if came_true else None)
