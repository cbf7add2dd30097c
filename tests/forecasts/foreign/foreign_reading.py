"""Foreign forecasts written to a file and read from it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from stockrnn.forecasts.baselines import BASELINES
from stockrnn.forecasts.foreign.layouts import ForeignOptions
from stockrnn.forecasts.foreign.placing import ForeignForecasts
from stockrnn.forecasts.foreign.reader import read_foreign_forecasts
from stockrnn.prices.table import Prices
from tests.forecasts.foreign.foreign_files import write


def read(frame: pd.DataFrame, prices: Prices, folder: Path, name: str = "f.csv", **options) -> ForeignForecasts:
    return read_foreign_forecasts(write(frame, folder / name), prices, ForeignOptions(**options), BASELINES)


def codes(found: ForeignForecasts) -> set[str]:
    return {note.code for note in found.notes}


def written(prices: Prices, folder: Path, text: str, encoding: str = "utf-8", **options) -> ForeignForecasts:
    (folder / "f.csv").write_bytes(text.encode(encoding))
    return read_foreign_forecasts(folder / "f.csv", prices, ForeignOptions(**options))
