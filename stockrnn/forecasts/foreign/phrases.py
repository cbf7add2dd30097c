"""Headers of several words, such as `Actual Close` or `predicted_open`: of which price, and whether it came true."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from stockrnn.prices.table import PRICE_COLUMNS

_FORECAST = frozenset(
    ("forecast", "forecasts", "forecasted", "prediction", "predictions", "predicted", "predict", "pred", "preds", "yhat", "hat")
)  # fmt: skip
_ACTUAL = frozenset(("actual", "actuals", "real", "true", "truth", "observed", "original", "test"))
# Words that say nothing of what a column is.
_FILLING = frozenset(
    ("price", "prices", "value", "values", "stock", "share", "ground", "y", "of", "the", "next", "day", "adj", "adjusted", "usd", "eur")
)  # fmt: skip
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


@dataclass(frozen=True)
class Phrase:
    """What a header says.

    Attributes:
        kind: `forecast` or `actual`; None where it says neither.
        price: The price column that it names; None where it names none.
    """

    kind: Literal["forecast", "actual"] | None
    price: str | None


def read_phrase(header: str) -> Phrase | None:
    """Return what a header says; None where a word of it says something else, or none says anything."""
    words = [word.lower() for word in _WORD.findall(header)]
    prices = {word for word in words if word in PRICE_COLUMNS}
    forecast, actual = not _FORECAST.isdisjoint(words), not _ACTUAL.isdisjoint(words)
    rest = set(words) - prices - _FORECAST - _ACTUAL - _FILLING
    if rest or len(prices) > 1 or (forecast and actual) or not (prices or forecast or actual):
        return None
    return Phrase("forecast" if forecast else "actual" if actual else None, next(iter(prices), None))


def price_of(header: str) -> str | None:
    """Return the price column that a header names and nothing else; None where it does not."""
    phrase = read_phrase(header)
    return phrase.price if phrase is not None else None


def is_forecast(header: str) -> bool:
    """Tell whether a header says that it is a forecast, and no model's name."""
    phrase = read_phrase(header)
    return phrase is not None and phrase.kind == "forecast"


def is_actual(header: str) -> bool:
    """Tell whether a header says that its prices came true."""
    phrase = read_phrase(header)
    return phrase is not None and phrase.kind == "actual"
