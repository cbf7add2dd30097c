"""The prices that suspected forecasts are of."""

from __future__ import annotations

import pytest

from stockrnn.prices.table import Prices


@pytest.fixture(scope="module")
def prices(make_prices) -> Prices:
    return make_prices(400)
