"""When the bands beside a backtest were fitted anew, so that whoever judges its forecasts later has the same bands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from stockrnn.samples.splits import Part


@dataclass(frozen=True)
class Refit:
    """A fit of a backtest, and what it forecast.

    Attributes:
        train: First and last session that it knew.
        test: First and last session that it forecast one session ahead; they end where the next fit begins.
        tickers: The tickers that were fitted.
        alone: Each ticker by itself; else all together.
    """

    train: Part
    test: Part
    tickers: tuple[str, ...]
    alone: bool

    def pools(self) -> Iterator[tuple[str, ...]]:
        """Give the tickers that were fitted together."""
        yield from ([(ticker,) for ticker in self.tickers] if self.alone else [self.tickers])

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, dates in ISO."""
        dates = {name: [f"{day:%Y-%m-%d}" for day in part] for name, part in self._parts().items()}
        return {**dates, "tickers": list(self.tickers), "alone": self.alone}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Refit:
        """Make a refit of what `to_json` gave.

        Raises:
            ValueError: It knew sessions that it forecast.
        """
        train, test = ((pd.Timestamp(document[part][0]), pd.Timestamp(document[part][1])) for part in ("train", "test"))
        if train[1] >= test[0]:
            raise ValueError(f"a fit knows {train[1]:%Y-%m-%d} and forecasts {test[0]:%Y-%m-%d}")
        return cls(train, test, tuple(map(str, document["tickers"])), bool(document["alone"]))

    def _parts(self) -> dict[str, Part]:
        return {"train": self.train, "test": self.test}
