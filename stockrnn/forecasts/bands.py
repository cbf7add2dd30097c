"""Bands: a distribution around the naive forecast, from the volatility known at the close and no network.

    quantile of target[t + h] = newest price[t] * exp(volatility[t] * quantile of z at horizon h)
    z = ln(target[t + h] / newest price[t]) / volatility[t] on the training rows

The point forecast is the naive one, the last close, and no drift of the training years is carried on: z has the same median
at each horizon.

Source: Barone-Adesi, Giannopoulos and Vosper, "VaR without correlations for portfolios of derivative securities" (1999):
filtered historical simulation, here with each horizon's own quantiles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, cast

import numpy as np

from stockrnn.arrays import Floats, Positions
from stockrnn.forecasts.fans import (
    bounded_variance,
    naive_prices,
    normal_quantiles,
    scaled_moves,
    wider_by_a_session,
)
from stockrnn.forecasts.garch import GARCH, GarchBands
from stockrnn.forecasts.table import LEVELS, Forecast
from stockrnn.prices.table import Prices
from stockrnn.samples.anchors import Anchor
from stockrnn.samples.splits import Part
from stockrnn.samples.volatility import ANY_VOLATILITY

BandKind = Literal["ewma_gaussian", "ewma_bands", "har_bands"]

BAND_KINDS: tuple[BandKind, ...] = ("ewma_gaussian", "ewma_bands", "har_bands")
BAND_NAMES: tuple[str, ...] = (*BAND_KINDS, GARCH)

# Fewer moves than this have no 5 % quantile worth the name.
_FEWEST_MOVES = 100
# Spans of so many sessions overlap: what counts is how many follow one another.
_FEWEST_SPANS = 30


class BandForecaster(Protocol):
    """What gives a distribution around the naive forecast."""

    def forecast(self, prices: Prices, target: str, origins: Positions, horizon: int) -> Forecast:
        """Forecast from each origin; no row after an origin is read."""
        ...


@dataclass(frozen=True)
class Bands:
    """Quantiles around the naive forecast that widen with a volatility, fitted on training rows.

    Attributes:
        kind: The forecaster's name.
        anchor: The volatility of the next session.
        quantiles: Of z by horizon, each of the 19 levels, in volatilities of a session.
        usual: The median volatility of the training rows; stands in where a ticker begins.
    """

    kind: BandKind
    anchor: Anchor
    quantiles: tuple[tuple[float, ...], ...]
    usual: float

    @classmethod
    def fit(cls, prices: Prices, target: str, kind: BandKind, part: Part, horizon: int) -> Bands:
        """Fit bands to all tickers together.

        Args:
            prices: The prices table.
            target: The price column that is forecast.
            kind: Which bands: `ewma_gaussian`, `ewma_bands` or `har_bands`.
            part: First and last session of the training rows; nothing after the last is read.
            horizon: Sessions ahead.
        """
        known = prices[prices.index.get_level_values("session") <= part[1]]
        inside = int((known.index.get_level_values("session") >= part[0]).sum())
        # A regression on a few rows says nothing.
        har = kind == "har_bands" and inside >= _FEWEST_MOVES
        anchor = Anchor.fit(known, "har" if har else "ewma", part) if inside > 1 else Anchor("ewma", (), 1.0)
        volatility = anchor.apply(known) if len(known) else np.empty(0)
        finite = volatility[np.isfinite(volatility)]
        usual = float(np.median(finite)) if len(finite) else ANY_VOLATILITY

        def moves(sessions: int) -> tuple[Floats, int]:
            return scaled_moves(known, target, volatility, part[0], sessions)

        rows = _normal_fan(moves(1)[0], horizon) if kind == "ewma_gaussian" else _empirical_fan(moves, horizon)
        return cls(kind, anchor, tuple(tuple(map(float, row)) for row in rows), usual)

    def forecast(self, prices: Prices, target: str, origins: Positions, horizon: int) -> Forecast:
        """Forecast from each origin; no row after an origin is read.

        Args:
            prices: The prices table.
            target: The price column that the bands were fitted to.
            origins: Rows of the origins, of shape (origins,).
            horizon: Sessions ahead; it may be more than were fitted.
        """
        newest = naive_prices(prices, target, origins)
        volatility = self.anchor.apply(prices)[origins]
        volatility = np.where(np.isfinite(volatility), volatility, self.usual)
        logs = volatility[:, None, None] * self.fan(horizon)  # (origins, horizon, 19)
        values = np.repeat(newest[:, None], horizon, axis=1)
        return Forecast(self.kind, values, newest[:, None, None] * np.exp(logs))

    def fan(self, horizon: int) -> Floats:
        """Return the quantiles in volatilities of a session, of shape (horizon, 19)."""
        rows = [np.array(row) for row in self.quantiles[:horizon]]
        while len(rows) < horizon:
            rows.append(wider_by_a_session(rows[-1]))
        return np.array(rows)


def fit_bands(prices: Prices, target: str, names: Sequence[str], part: Part, horizon: int) -> list[BandForecaster]:
    """Fit the bands of these names, in their order; `garch` needs the package arch.

    Args:
        prices: The prices table.
        target: The price column that is forecast.
        names: Out of `BAND_NAMES`.
        part: First and last session of the training rows; nothing after the last is read.
        horizon: Sessions ahead.
    """
    fitted: list[BandForecaster] = []
    for name in names:
        if name == GARCH:
            fitted.append(GarchBands.fit(prices, target, part))
        else:
            fitted.append(Bands.fit(prices, target, cast("BandKind", name), part, horizon))
    return fitted


def _normal_fan(moves: Floats, horizon: int) -> Floats:
    # An opening price has but the night behind it; each session more adds a whole one.
    variances = bounded_variance(moves) + np.arange(horizon)
    return cast("Floats", np.sqrt(variances)[:, None] * normal_quantiles())


def _empirical_fan(moves: Callable[[int], tuple[Floats, int]], horizon: int) -> Floats:
    nearest, _ = moves(1)
    rows = [_quantiles(nearest) if len(nearest) >= _FEWEST_MOVES else _normal_fan(nearest, 1)[0]]
    for sessions in range(2, horizon + 1):
        further, days = moves(sessions)
        enough = len(further) >= _FEWEST_MOVES and days >= _FEWEST_SPANS * sessions
        if not enough:
            rows.append(wider_by_a_session(rows[-1]))
            continue
        quantiles = _quantiles(further)
        # The middle stays where one session puts it: how far good or bad years drifted says little of the next.
        rows.append(rows[0][9] + quantiles - quantiles[9])
    return np.array(rows)


def _quantiles(moves: Floats) -> Floats:
    return cast("Floats", np.quantile(moves, LEVELS, method="median_unbiased"))
