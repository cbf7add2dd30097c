"""How much each part of what a run's networks read matters to what the run forecasts, gate and all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stockrnn.arrays import Float32s, Floats, Positions
from stockrnn.config import Config
from stockrnn.errors import PriceDataError
from stockrnn.evaluation.importance import Loss, input_parts, permutation_importance, root_mean_square
from stockrnn.evaluation.quantile_metrics import crps_from_quantiles
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.forecasts.gate import pass_gate
from stockrnn.forecasts.table import LEVELS, Forecast
from stockrnn.messages import Notify
from stockrnn.prices.table import Prices, row_spans
from stockrnn.reports.explain_importance import ImportanceReport, Metric
from stockrnn.runs.content import read_config_of, read_encoding_of, read_heads_of, read_prices_of, read_split_of
from stockrnn.runs.folder import Run, load_run_with_networks
from stockrnn.samples.samples import WindowLayout, make_windows, origins_for
from stockrnn.samples.splits import Split
from stockrnn.workflows.combining import naive_forecast
from stockrnn.workflows.explain_gates import ticker_of
from stockrnn.workflows.predictors import predictors_of


@dataclass(frozen=True)
class _Asked:
    """What of a run is explained: its test sessions' forecasts of one ticker.

    Attributes:
        ticker: The ticker.
        config: The run's config.
        prices: Its prices, of all tickers: some features are means over them.
        origins: Rows of the ticker's origins.
        gate: The share of the way from the naive forecast that is kept; None without a gate.
    """

    ticker: str
    config: Config
    prices: Prices
    origins: Positions
    gate: float | None

    @property
    def test(self) -> tuple[str, str]:
        """First and last session that is forecast, as text."""
        days = self.prices.index.get_level_values("session")
        first, last = days[self.origins[0] + 1], days[self.origins[-1] + self.config.window.horizon]
        return f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"

    @property
    def actual(self) -> Floats:
        """What came true, of shape (origins, horizon)."""
        ahead = np.add.outer(self.origins, np.arange(1, self.config.window.horizon + 1))
        return self.prices[self.config.target.column].to_numpy()[ahead]

    def loss(self, metric: Metric) -> Loss:
        """Return how far forecasts of these origins were out."""
        actual = self.actual
        if metric == "rmse":
            return lambda points: root_mean_square(points - actual)
        return lambda quantiles: crps_from_quantiles(actual.ravel(), quantiles.reshape(-1, len(LEVELS)))

    def gated(self, values: Floats, quantiles: Floats | None) -> Forecast:
        """Return what the run makes of what its networks say."""
        forecast = Forecast("network", values, quantiles)
        if self.gate is None:
            return forecast
        naive = naive_forecast(self.prices, self.config.target.column, self.origins, self.config.window.horizon)
        return pass_gate(forecast, naive.values, self.gate)


def explain_importance(
    run_folder: Path, ticker: str | None, repeats: int, seed: int, notify: Notify
) -> ImportanceReport:
    """Permute what a run's networks read over the test sessions, part by part, and see what its forecasts lose.

    Networks with a head for distributions lose CRPS, others RMSE; both of what has passed the gate.

    Args:
        run_folder: The run.
        ticker: Whose forecasts; None is the run's first.
        repeats: Permutations a part.
        seed: Draws the permutations.
        notify: Hears what Keras has to say when it has to start.

    Raises:
        RunFolderError: The run folder is missing or damaged.
        PriceDataError: No such ticker, or fewer than two windows to permute.
    """
    run = load_run_with_networks(run_folder)
    prices, encoding = read_prices_of(run), read_encoding_of(run)
    asked = _asked(run, prices, ticker_of(prices, ticker))
    lookback, origins = asked.config.window.lookback, asked.origins
    windows = make_windows(prices, encoding, origins, WindowLayout(lookback))
    network = NetworkForecaster(predictors_of(run, notify), encoding, asked.config, read_heads_of(run))

    def forecast(inputs: Float32s) -> Floats:
        gated = asked.gated(*network.of_windows(prices, origins, inputs, asked.config.window.horizon))
        return gated.values if gated.quantiles is None else gated.quantiles

    parts = input_parts((*encoding.columns, *encoding.features), lookback)
    metric: Metric = "crps" if network.heads else "rmse"
    loss, found = permutation_importance(forecast, windows.inputs(), asked.loss(metric), parts, repeats, seed)
    target, horizon = asked.config.target.column, asked.config.window.horizon
    return ImportanceReport(
        asked.ticker, target, horizon, asked.test, len(origins), repeats, metric, loss, asked.gate, found
    )


def _asked(run: Run, prices: Prices, ticker: str) -> _Asked:
    config, split, rows = read_config_of(run), read_split_of(run), row_spans(prices)[ticker]
    origins = rows.start + _tested(prices.iloc[rows], config, split)
    if len(origins) < 2:
        raise PriceDataError(f"{ticker} has {len(origins)} windows on the test sessions; permuting needs at least 2")
    gate = run.document.get("gate")
    return _Asked(ticker, config, prices, origins, None if gate is None else float(gate))


def _tested(prices: Prices, config: Config, split: Split) -> Positions:
    return origins_for(prices, split.test, config.window.lookback, config.window.horizon, read_from=None)
