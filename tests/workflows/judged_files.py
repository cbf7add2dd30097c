"""Files of forecasts and of prices to be judged."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from stockrnn.forecasts.foreign.layouts import ForeignOptions
from stockrnn.prices.table import Prices
from stockrnn.workflows.judge import Judged, JudgeRequest, judge_forecasts


def save_prices(prices: Prices, path: Path) -> str:
    prices.reset_index().rename(columns={"session": "date"}).to_csv(path, index=False)
    return str(path)


def judge_file(table: pd.DataFrame, prices: Prices, folder: Path, train=None, **options) -> Judged:
    table.to_csv(folder / "f.csv", index=False)
    request = JudgeRequest(
        folder / "f.csv", save_prices(prices, folder / "p.csv"), train, options=ForeignOptions(**options)
    )
    return judge_forecasts(request)
