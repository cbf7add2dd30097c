"""Fetch prices from Yahoo, through the cache, into one CSV a ticker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from stockrnn.errors import NoDataError, PriceDataError, StockrnnError
from stockrnn.messages import Notify
from stockrnn.prices.yahoo import source as yahoo_source
from stockrnn.prices.yahoo.adjustment import FetchAdjustment
from stockrnn.prices.yahoo.cache import StoredPrices, cache_folder, load_stored, save_stored
from stockrnn.prices.yahoo.fetched import Selection, age_text, describe, select_prices
from stockrnn.prices.yahoo.file_names import file_stem
from stockrnn.prices.yahoo.intervals import DAILY, intraday_reach, stored_interval
from stockrnn.prices.yahoo.price_file import check_replaceable, write_price_file
from stockrnn.prices.yahoo.source import Yahoo
from stockrnn.prices.yahoo.trading_days import DAY, exchange_date
from stockrnn.prices.yahoo.updating import Wanted, updated

# Yahoo's own longest range; nothing that it has is older.
_LONGEST = timedelta(days=99 * 365)


@dataclass(frozen=True)
class FetchRequest:
    """What to fetch, and how.

    Attributes:
        first: The first exchange date, None for all there is.
        last: The last exchange date, included; None for up to now.
        interval: One of `stockrnn.prices.yahoo.intervals.INTERVALS`.
        adjustment: `splits`, `all` (dividends too) or `none`.
        folder: Where the CSVs go.
        offline: Answer from the cache only.
        refresh: Ignore what is stored.
        force: Replace CSVs that fetch has not written.
    """

    first: date | None = None
    last: date | None = None
    interval: str = DAILY
    adjustment: FetchAdjustment = "splits"
    folder: Path = Path("prices")
    offline: bool = False
    refresh: bool = False
    force: bool = False


@dataclass(frozen=True)
class FetchedTicker:
    """One CSV that was written."""

    ticker: str
    path: Path
    sessions: int
    first: str
    last: str
    source: str
    age_s: float
    adjustment: str
    sha256: str

    def to_json(self) -> dict[str, Any]:
        """Return the row of the JSON contract."""
        return {**vars(self), "path": str(self.path)}


@dataclass(frozen=True)
class FailedTicker:
    """One ticker for which nothing was written, and why."""

    ticker: str
    exit_code: int
    text: str


def fetch(tickers: Sequence[str], request: FetchRequest, yahoo: Yahoo, advance: Callable[[str], None]) -> FetchOutcome:
    """Fetch tickers one after the other; each is stored and written as it comes.

    Args:
        tickers: Yahoo tickers.
        request: What to fetch, and how.
        yahoo: The source; its `notify` is told what the user should know.
        advance: Called with each ticker that is done, well or not.

    Returns:
        What was written and what failed, in the order of the tickers.
    """
    fetched: list[FetchedTicker] = []
    failed: list[FailedTicker] = []
    cache = _Cache(yahoo.notify)
    for ticker in tickers:
        try:
            fetched.append(_fetch_one(ticker, request, yahoo, cache))
        except StockrnnError as error:
            failed.append(FailedTicker(ticker, error.exit_code, str(error)))
        advance(ticker)
    return FetchOutcome(tuple(fetched), tuple(failed))


@dataclass(frozen=True)
class FetchOutcome:
    """What came of a fetch."""

    fetched: tuple[FetchedTicker, ...]
    failed: tuple[FailedTicker, ...]

    @property
    def exit_code(self) -> int:
        """The highest exit code of what failed, 0 when nothing did."""
        return max((failure.exit_code for failure in self.failed), default=0)


def _fetch_one(ticker: str, request: FetchRequest, yahoo: Yahoo, cache: _Cache) -> FetchedTicker:
    path = request.folder / f"{file_stem(ticker)}.csv"
    if not request.force:
        check_replaceable(path)
    now = yahoo_source.current_time()
    selection = _selection(request, exchange_date(now, None))
    stored, asked = _stored_prices(ticker, request, selection, yahoo, cache)
    prices = select_prices(stored, selection)
    if request.offline:
        _tell_what_is_stored(stored, request, yahoo.notify)
    metadata = describe(stored, selection, prices)
    digest = write_price_file(path, prices, metadata)
    return FetchedTicker(
        ticker=ticker,
        path=path,
        sessions=len(prices),
        first=metadata["first"],
        last=metadata["last"],
        source="yahoo" if asked else "cache",
        age_s=max(0.0, round((yahoo_source.current_time() - stored.fetched_at).total_seconds(), 1)),
        adjustment=request.adjustment,
        sha256=digest,
    )


def _selection(request: FetchRequest, today: date) -> Selection:
    reach = intraday_reach(request.interval)
    first = request.first or today - (timedelta(days=reach) if reach else _LONGEST)
    # Where it is already tomorrow, tomorrow's date is today's.
    last = request.last or today + DAY
    if first > today + DAY:
        raise NoDataError(f"{first} is in the future; today is {today}")
    return Selection(first, last, request.interval, request.adjustment)


def _stored_prices(
    ticker: str, request: FetchRequest, selection: Selection, yahoo: Yahoo, cache: _Cache
) -> tuple[StoredPrices, bool]:
    """Return prices that cover the selection, and whether the source was asked for them."""
    interval = stored_interval(request.interval)
    before = None if request.refresh else cache.load(ticker, interval)
    if request.offline:
        if before is None:
            raise NoDataError(f"{ticker}: nothing is stored in {cache_folder()}; run once without --offline")
        return before, False
    wanted = Wanted(ticker, interval, selection.first, selection.last, every_split=request.adjustment == "none")
    stored, change = updated(before, wanted, yahoo, yahoo_source.current_time())
    if change:
        yahoo.notify(f"{ticker}: Yahoo {change}; the whole range was fetched again")
    if stored is not before:
        cache.save(stored)
    return stored, stored is not before


def _tell_what_is_stored(stored: StoredPrices, request: FetchRequest, notify: Notify) -> None:
    age = age_text(stored, yahoo_source.current_time())
    notify(f"{stored.ticker}: from the cache, fetched {age} ({stored.fetched_at:%Y-%m-%d %H:%M} UTC)")
    begun = stored.listing.first_trade
    starts_late = request.first is not None and request.first < stored.first and (begun or date.min) < stored.first
    if starts_late or (request.last is not None and request.last > stored.last):
        notify(
            f"{stored.ticker}: only {stored.first} to {stored.last} is stored; the rest needs a run without --offline"
        )


class _Cache:
    """The cache, which a run goes on without when it cannot be used, and says so once."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._writable = True

    def load(self, ticker: str, interval: str) -> StoredPrices | None:
        try:
            return load_stored(ticker, interval)
        except PriceDataError as error:
            self._notify(f"Note: {error}; going on without them")
            return None

    def save(self, stored: StoredPrices) -> None:
        if not self._writable:
            return
        try:
            save_stored(stored)
        except OSError as error:
            self._writable = False
            self._notify(
                f"Note: the cache folder {cache_folder()} cannot be written ({error.strerror or error}); going on "
                f"without it. STOCKRNN_CACHE names another folder"
            )
