"""Forecasts of made-up prices to be scored."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.evaluation.metrics import Yardstick
from stockrnn.forecasts.table import Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices

NOTHING = Yardstick({}, {})


def table_of(prices: Prices, *forecasts: Forecast, origins: np.ndarray) -> Forecasts:
    return pd.concat([tabulate(each, prices, origins, "open") for each in forecasts], ignore_index=True)
