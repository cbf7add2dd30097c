"""What forecasts are measured against, decided on the training years alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.evaluation.judged_rows import log_percent
from stockrnn.evaluation.metrics import Yardstick
from stockrnn.evaluation.quantile_metrics import pinball_losses
from stockrnn.forecasts.baselines import BASELINES
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecasts
from stockrnn.prices.intervals import session_unit
from stockrnn.prices.table import Prices, row_spans

Losses = dict[tuple[str, int], float]


def make_yardstick(training: Prices, target: str, naive: Forecasts) -> Yardstick:
    """Choose the best naive forecaster, the best band and the scale of MASE.

    Args:
        training: Prices of the training years, validation included.
        target: The price column that is forecast.
        naive: Forecasts of the naive forecasters within these years, and of the bands where there are some.
    """
    points, bands = _point_losses(naive), _band_losses(naive)
    return Yardstick(
        _best(points), _naive_mae(training, target), _best(bands), {**points, **bands}, session_unit(training)
    )


def _point_losses(naive: Forecasts) -> Losses:
    # The point of a band repeats a naive forecaster.
    points = naive[naive["forecaster"].isin(BASELINES)]
    # On log prices, because dollars do not add up over tickers; for one ticker the order is the same but for tiny gaps.
    error = log_percent(points["forecast"].to_numpy()) - log_percent(points["actual"].to_numpy())
    return _mean_losses(points, error**2)


def _band_losses(naive: Forecasts) -> Losses:
    bands = naive[naive[list(QUANTILE_COLUMNS)].notna().all(axis=1) & naive["actual"].notna()]
    actual, quantiles = bands["actual"].to_numpy(), bands[list(QUANTILE_COLUMNS)].to_numpy()
    return _mean_losses(bands, pinball_losses(log_percent(actual), log_percent(quantiles)))


def _mean_losses(forecasts: Forecasts, loss: np.ndarray) -> Losses:
    """Return the mean loss by forecaster and horizon, in the order of the rows."""
    losses = pd.Series(loss, forecasts.index).groupby([forecasts["forecaster"], forecasts["horizon"]], sort=False)
    mean = losses.mean()
    names, horizons = (mean.index.get_level_values(level) for level in (0, 1))
    return dict(zip(zip(map(str, names), map(int, horizons), strict=True), mean.to_list(), strict=True))


def _best(losses: Losses) -> dict[int, str]:
    """Return the forecaster with the smallest loss of each horizon; of equal ones, the first."""
    known = {key: loss for key, loss in losses.items() if not np.isnan(loss)}
    horizons = sorted({horizon for _, horizon in known})
    return {ahead: min((key for key in known if key[1] == ahead), key=lambda key: known[key])[0] for ahead in horizons}


def _naive_mae(training: Prices, target: str) -> dict[str | None, float]:
    values = training[target].to_numpy()
    by_ticker: dict[str | None, float] = {}
    log_steps = []
    for ticker, rows in row_spans(training).items():
        by_ticker[ticker] = float(np.mean(np.abs(np.diff(values[rows])))) if rows.stop - rows.start > 1 else np.nan
        log_steps.append(100 * np.abs(np.diff(np.log(values[rows]))))
    by_ticker[None] = float(np.mean(np.concatenate(log_steps)))
    return {name: scale for name, scale in by_ticker.items() if pd.notna(scale) and scale > 0}
