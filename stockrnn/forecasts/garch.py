"""GARCH(1,1) bands with Student-t innovations around the naive forecast, fitted ticker by ticker through the package arch.

    variance[t + 1] = omega + alpha * return[t]^2 + beta * variance[t]

Source: Bollerslev, "A conditionally heteroskedastic time series model for speculative prices and rates of return" (1987).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import cast

import numpy as np

from stockrnn.arrays import Floats, Positions
from stockrnn.errors import ConfigError
from stockrnn.forecasts.fans import bounded_variance, naive_prices, scaled_moves
from stockrnn.forecasts.table import LEVELS, Forecast
from stockrnn.prices.table import Prices, row_spans
from stockrnn.samples.splits import Part
from stockrnn.samples.volatility import bounded_returns, reference_column

# The forecaster's name.
GARCH = "garch"

# Fewer returns than a trading year do not tell four parameters apart.
_FEWEST_RETURNS = 252
# What daily returns usually give, where there are too few: omega is the rest of a variance of 1.
_USUAL_ALPHA, _USUAL_BETA, _USUAL_FREEDOM = 0.06, 0.93, 6.0
_LEAST_DEVIATION = 1e-5
# The likelihood is flat: at the optimiser's own tolerance, 1e-6, roundings decide where the search ends.
_PATIENCE = {"ftol": 1e-10, "maxiter": 500}


def garch_installed() -> bool:
    """Say whether the package arch is there."""
    return find_spec("arch") is not None


def check_garch_installed() -> None:
    """Check that GARCH can be fitted.

    Raises:
        ConfigError: The package arch is not installed.
    """
    if not garch_installed():
        raise ConfigError(
            "evaluation.garch: the forecaster garch needs the package arch, which is not installed; "
            "run pip install 'stockrnn[garch]' or set evaluation.garch = false"
        )


@dataclass(frozen=True)
class Garch:
    """The fitted recursion of one ticker, for plain log returns.

    Attributes:
        omega: The constant.
        alpha: The weight of the last squared return.
        beta: The weight of the last variance.
        freedom: Degrees of freedom of the innovations.
        start: What stands for the square and the variance before the first return.
    """

    omega: float
    alpha: float
    beta: float
    freedom: float
    start: float

    @classmethod
    def usual(cls, returns: Floats) -> Garch:
        """Return what daily returns usually give, with the variance of these."""
        variance = max(float(np.mean(returns**2)) if len(returns) else 1e-4, _LEAST_DEVIATION**2)
        omega = (1 - _USUAL_ALPHA - _USUAL_BETA) * variance
        return cls(omega, _USUAL_ALPHA, _USUAL_BETA, _USUAL_FREEDOM, variance)

    @classmethod
    def fit(cls, returns: Floats) -> Garch:
        """Fit by maximum likelihood; too few returns, or a fit that fails, give the usual weights.

        Args:
            returns: Finite log returns, of shape (sessions,).
        """
        deviation = float(np.std(returns)) if len(returns) else 0.0
        if len(returns) < _FEWEST_RETURNS or deviation < _LEAST_DEVIATION:
            return cls.usual(returns)
        from arch import arch_model
        from threadpoolctl import threadpool_limits

        # The optimiser wants returns near 1.
        model = arch_model(returns / deviation, mean="Zero", vol="GARCH", p=1, q=1, dist="t", rescale=False)
        # Sums are rounded by how many threads share them, and a fit is to be the same on any number of cores.
        with threadpool_limits(1):
            result = model.fit(disp="off", show_warning=False, options=_PATIENCE)
        omega, alpha, beta, freedom = (float(result.params[name]) for name in ("omega", "alpha[1]", "beta[1]", "nu"))
        if result.convergence_flag or not np.isfinite([omega, alpha, beta, freedom]).all() or freedom <= 2:
            return cls.usual(returns)
        start = float(model.volatility.backcast(returns / deviation))
        return cls(omega * deviation**2, alpha, beta, freedom, start * deviation**2)

    def next_variances(self, returns: Floats) -> Floats:
        """Return the variance expected of the session after each return, of shape (sessions,).

        Args:
            returns: Log returns of successive sessions; a return that is not known counts as the usual one.
        """
        variances = np.empty(len(returns))
        variance = self.omega + (self.alpha + self.beta) * self.start
        for row, value in enumerate(returns):
            square = value**2 if np.isfinite(value) else variance
            # Before the first return nothing is known that the start does not hold.
            if row or np.isfinite(value):
                variance = self.omega + self.alpha * square + self.beta * variance
            variances[row] = variance
        return variances

    def variances_ahead(self, variances: Floats, horizon: int) -> Floats:
        """Return the variance expected of each of the sessions to come, of shape (origins, horizon)."""
        ahead = np.empty((len(variances), horizon))
        for step in range(horizon):
            ahead[:, step] = variances if step == 0 else self.omega + (self.alpha + self.beta) * ahead[:, step - 1]
        return ahead


@dataclass(frozen=True)
class GarchBands:
    """Student-t quantiles around the naive forecast, with each ticker's GARCH variance.

    Attributes:
        tickers: The fitted recursion of each ticker.
        other: What stands in for a ticker without one.
        last_share: The share of a whole session's variance that lies before the target of its last day: the night, for an opening price.
    """

    tickers: Mapping[str, Garch]
    other: Garch
    last_share: float

    @classmethod
    def fit(cls, prices: Prices, target: str, part: Part) -> GarchBands:
        """Fit each ticker on its training rows.

        Args:
            prices: The prices table.
            target: The price column that is forecast.
            part: First and last session of the training rows; nothing after the last is read.

        Raises:
            ConfigError: The package arch is not installed.
        """
        check_garch_installed()
        known = prices[prices.index.get_level_values("session") <= part[1]]
        returns = bounded_returns(known) if len(known) else np.empty(0)
        inside = np.isfinite(returns) & (known.index.get_level_values("session") >= part[0])
        spans = row_spans(known)
        fitted = {ticker: Garch.fit(returns[rows][inside[rows]]) for ticker, rows in spans.items()}
        alone = cls(fitted, Garch.usual(returns[inside]), 1.0)
        if target == reference_column(prices) or not spans:
            return alone
        moves, _ = scaled_moves(known, target, np.sqrt(alone.variances(known)[0]), part[0], 1)
        return cls(fitted, alone.other, bounded_variance(moves))

    def variances(self, prices: Prices) -> tuple[Floats, dict[str, slice]]:
        """Return the variance expected of the session after each row, of shape (rows,), and the rows of each ticker."""
        returns, spans = bounded_returns(prices), row_spans(prices)
        parts = [self.tickers.get(ticker, self.other).next_variances(returns[rows]) for ticker, rows in spans.items()]
        return np.concatenate(parts), spans

    def forecast(self, prices: Prices, target: str, origins: Positions, horizon: int) -> Forecast:
        """Forecast from each origin with the fitted parameters; no row after an origin is read.

        Args:
            prices: The prices table.
            target: The price column that the bands were fitted to.
            origins: Rows of the origins, of shape (origins,).
            horizon: Sessions ahead.
        """
        newest = naive_prices(prices, target, origins)
        variances, spans = self.variances(prices)
        logs = np.empty((len(origins), horizon, len(LEVELS)))
        for ticker, rows in spans.items():
            own = np.flatnonzero((origins >= rows.start) & (origins < rows.stop))
            fitted = self.tickers.get(ticker, self.other)
            ahead = fitted.variances_ahead(variances[origins[own]], horizon)
            total = np.cumsum(ahead, axis=1) - (1 - self.last_share) * ahead
            logs[own] = np.sqrt(total)[:, :, None] * _t_quantiles(fitted.freedom)
        values = np.repeat(newest[:, None], horizon, axis=1)
        return Forecast(GARCH, values, newest[:, None, None] * np.exp(logs))


def _t_quantiles(freedom: float) -> Floats:
    from scipy.special import stdtrit

    # Innovations have variance 1.
    return cast("Floats", stdtrit(freedom, np.array(LEVELS)) * np.sqrt((freedom - 2) / freedom))
