"""The prices that the forecasts of other tools are of."""

from __future__ import annotations

import pandas as pd
import pytest

from stockrnn.prices.table import Prices


@pytest.fixture
def prices(make_prices) -> Prices:
    return make_prices(40)


@pytest.fixture
def days(prices: Prices) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(prices.index.get_level_values("session"))
