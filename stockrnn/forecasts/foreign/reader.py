"""Read the forecasts of any tool as rows of the forecasts table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from stockrnn.errors import PriceDataError
from stockrnn.forecasts.foreign.headers import listed
from stockrnn.forecasts.foreign.layouts import UNNAMED, ForeignOptions, LongRows, long_rows
from stockrnn.forecasts.foreign.placing import ForeignForecasts, place_forecasts
from stockrnn.forecasts.foreign.table_file import read_table
from stockrnn.prices.table import PRICE_COLUMNS, PriceNote, Prices, tickers_of


def read_foreign_forecasts(
    path: Path, prices: Prices, options: ForeignOptions, ours: Sequence[str] = ()
) -> ForeignForecasts:
    """Read a file of forecasts in any of the known layouts; see docs/judging.md.

    Args:
        path: A CSV or Parquet file.
        prices: The prices that the forecasts are judged by.
        options: What the file cannot say itself.
        ours: Forecasters that are computed anew from the prices and not read.

    Raises:
        PriceDataError: The file is no table of forecasts, or nothing in it can be judged by these prices.
    """
    read = long_rows(read_table(path, options.decimal), str(path), tickers_of(prices), options)
    read = replace(read, rows=read.rows.assign(forecaster=read.rows["forecaster"].replace(UNNAMED, _stem(path))))
    read = _without_ours(read, str(path), ours)
    target, read = _of_one_target(read, str(path), prices, options.target)
    placed = place_forecasts(read, str(path), prices, replace(options, target=target))
    return replace(placed, notes=(*read.notes, *placed.notes))


def _stem(path: Path) -> str:
    stem = re.sub(r"(\.(csv|tsv|txt|parquet|pq|gz))+$", "", path.name, flags=re.IGNORECASE)
    return stem or path.name


def _without_ours(read: LongRows, source: str, ours: Sequence[str]) -> LongRows:
    names = read.rows["forecaster"]
    if not read.named:
        # A model of this name is somebody else's.
        return replace(read, rows=read.rows.assign(forecaster=names.where(~names.isin(ours), names + " of the file")))
    mine = names.isin(ours).to_numpy()
    if mine.all():
        raise PriceDataError(
            f"{source}: nothing to judge: its forecasters are {listed(names.unique())}, which are computed here"
        )
    return replace(read, rows=read.rows[~mine], quantiles=read.quantiles[~mine])


def _of_one_target(read: LongRows, source: str, prices: Prices, asked: str | None) -> tuple[str, LongRows]:
    """Decide which price is forecast, and keep its forecasts."""
    there = [name for name in PRICE_COLUMNS if name in prices.columns]
    said = [str(name).lower() for name in read.rows["target"].dropna().unique()]
    notes = read.notes
    if asked is None and len(said) > 1:
        raise PriceDataError(f"{source}: forecasts of {listed(said)}; choose one with --target")
    target = asked or (said[0] if said else "close" if "close" in there else there[0])
    if target not in there:
        raise PriceDataError(
            f"{source}: forecasts of {listed([target])}, and the prices have {', '.join(there)}; say --target"
        )
    if asked is None and not said:
        text = f"{source}: the file does not say which price it forecasts; taken for the {target}, else say --target"
        notes = (*notes, PriceNote("assumed_target", len(read.rows), text))
    kept = (read.rows["target"].isna() | (read.rows["target"].str.lower() == target)).to_numpy(dtype=np.bool_)
    if not kept.any():
        raise PriceDataError(f"{source}: forecasts of {listed(said)}, none of {target}; say --target {said[0]}")
    return target, replace(read, rows=read.rows[kept], quantiles=read.quantiles[kept], notes=notes)
