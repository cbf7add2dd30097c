"""The prices that a file of forecasts is judged by: of a file of ours, those of its run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from stockrnn.errors import PriceDataError
from stockrnn.evaluation.refits import Refit
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.forecast_file import read_facts
from stockrnn.prices.intervals import refuse_intraday
from stockrnn.prices.read_options import ReadOptions
from stockrnn.prices.table import PriceNote, Prices, prices_digest, tickers_of
from stockrnn.workflows.loading import load_prices


@dataclass(frozen=True)
class FileFacts:
    """What a file of ours says about itself; nothing where it is somebody else's."""

    terms: Terms | None = None
    tickers: Sequence[str] = ()
    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None
    sha256: str = ""
    adjust: str | None = None
    refits: Sequence[Refit] = ()


def facts_of(path: Path) -> FileFacts:
    """Read what a file of forecasts says about its run.

    Raises:
        PriceDataError: It says so in a way that cannot be read.
    """
    written = read_facts(path)
    if written is None:
        return FileFacts()
    try:
        prices = written["prices"]
        return FileFacts(
            Terms.from_json(written["terms"]),
            [str(name) for name in prices["tickers"]],
            pd.Timestamp(prices["first"]),
            pd.Timestamp(prices["last"]),
            str(prices["sha256"]),
            str(prices["adjust"]),
            tuple(Refit.from_json(each) for each in written.get("refits", ())),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise PriceDataError(f"{path}: damaged (what it says about its run cannot be read: {error})") from None


def prices_for(source: str, reading: ReadOptions, facts: FileFacts) -> tuple[Prices, list[PriceNote]]:
    """Read the prices; for a file of ours those of its run, under the names that they had there.

    Args:
        source: A price file, a folder of them, or `bundled:NAME`.
        reading: What the price file cannot say itself.
        facts: What the file of forecasts says about its run.

    Raises:
        PriceDataError: Prices that cannot be read, or of other tickers.
    """
    adjust: Any = reading.adjust or facts.adjust
    loaded = load_prices([source], replace(reading, adjust=adjust))
    prices, notes = loaded.prices, list(loaded.notes)
    refuse_intraday(prices)
    if not facts.tickers:
        return prices, notes
    prices = _named_as(prices, facts.tickers)
    there = set(tickers_of(prices)) & set(facts.tickers)
    if not there:
        raise PriceDataError(
            f"{source}: prices of {', '.join(tickers_of(prices)[:5])}; the forecasts are of {', '.join(facts.tickers[:5])}"
        )
    days = prices.index.get_level_values("session")
    prices = prices[prices.index.get_level_values("ticker").isin(there) & (days >= facts.first)]
    until = prices[prices.index.get_level_values("session") <= facts.last]
    if prices_digest(until) != facts.sha256:
        text = f"{source}: other prices than those of the run that made these forecasts; its scores will differ"
        notes.append(PriceNote("other_prices", len(until), text))
    return prices, notes


def _named_as(prices: Prices, tickers: Sequence[str]) -> Prices:
    there = tickers_of(prices)
    known = {ticker.casefold(): ticker for ticker in tickers}
    names = {name: known.get(name.casefold(), name) for name in there}
    if len(there) == len(tickers) == 1:
        names = {there[0]: tickers[0]}
    if all(name == new for name, new in names.items()):
        return prices
    return prices.rename(index=names, level="ticker").sort_index()
