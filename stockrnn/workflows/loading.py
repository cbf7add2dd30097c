"""Prices as a command names them: files, or prices that come with the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from stockrnn.bundled import bundled_name, bundled_prices
from stockrnn.errors import PriceDataError
from stockrnn.prices.read_options import PriceRead, ReadOptions
from stockrnn.prices.reader import read_prices_with_notes
from stockrnn.prices.table import PriceNote, Prices, join_prices, sessions_of, tickers_of
from stockrnn.prices.yahoo.price_file import calendar_recorded_for

# The exchange of all bundled prices.
BUNDLED_CALENDAR = "XNYS"


@dataclass(frozen=True)
class LoadedPrices:
    """Prices, what their reader noticed, and the exchange calendar that was recorded with them, if one was."""

    prices: Prices
    notes: tuple[PriceNote, ...] = ()
    calendar: str | None = None


def load_prices(sources: Sequence[str], options: ReadOptions) -> LoadedPrices:
    """Read prices named by paths or as `bundled:NAME`, joined into one table."""
    files = [source for source in sources if bundled_name(source) is None]
    reads = [_read_bundled(name) for name in map(bundled_name, sources) if name is not None]
    if files:
        reads.append(read_prices_with_notes(files, options))
    calendar = _recorded_calendar(sources)
    if len(reads) == 1:
        return LoadedPrices(reads[0].prices, reads[0].notes, calendar)
    notes = tuple(note for read in reads for note in read.notes)
    return LoadedPrices(join_prices([read.prices for read in reads], ", ".join(sources)), notes, calendar)


def _recorded_calendar(sources: Sequence[str]) -> str | None:
    recorded = {BUNDLED_CALENDAR if bundled_name(name) is not None else calendar_recorded_for(name) for name in sources}
    return recorded.pop() if len(recorded) == 1 else None


def _read_bundled(name: str) -> PriceRead:
    # Our own file has no quirks for the user's options to settle.
    read = read_prices_with_notes(bundled_prices(name))
    return PriceRead(read.prices.rename(index=str.upper, level="ticker"), read.notes)


def load_train_and_test(
    train: Sequence[str], test: Sequence[str], options: ReadOptions
) -> tuple[LoadedPrices, pd.Timestamp]:
    """Read training files and the test files that go on where they end.

    Returns:
        The joined prices, where a single ticker keeps the name of its training file, and the last training session.

    Raises:
        PriceDataError: The test starts before the training ends, or holds other tickers.
    """
    before, after = load_prices(train, options), load_prices(test, options)
    names, test_names = tickers_of(before.prices), tickers_of(after.prices)
    later = after.prices
    if len(names) == len(test_names) == 1:
        later = later.rename(index={test_names[0]: names[0]}, level="ticker")
    elif set(test_names) - set(names):
        strange = sorted(set(test_names) - set(names))
        raise PriceDataError(f"the test files hold tickers that the training files do not: {', '.join(strange[:5])}")
    border, start = sessions_of(before.prices)[-1], sessions_of(later)[0]
    if start <= border:
        raise PriceDataError(
            f"the test files start on {start:%Y-%m-%d}, before the training files end on {border:%Y-%m-%d}; "
            "the test sessions must come after the training sessions"
        )
    joined = join_prices([before.prices, later], ", ".join([*train, *test]))
    return LoadedPrices(joined, (*before.notes, *after.notes), before.calendar), border
