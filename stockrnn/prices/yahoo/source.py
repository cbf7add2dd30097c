"""Yahoo as a source of prices: asked politely, one request at a time, with patience when it asks for fewer."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from stockrnn.errors import NetworkError, RateLimitedError, StockrnnError, UnknownTickerError
from stockrnn.messages import Notify
from stockrnn.prices.yahoo.bars import within
from stockrnn.prices.yahoo.chart import Chart, chart_of
from stockrnn.prices.yahoo.client import History, ask_history, ask_near_misses
from stockrnn.prices.yahoo.errors import NoAnswerError, NoPricesError, TooManyRequestsError
from stockrnn.prices.yahoo.trading_days import DAY

T = TypeVar("T")

FIRST_PAUSE = 5.0
_TICKER = re.compile(r"[A-Z0-9^][A-Z0-9.^=&_$-]{0,39}")
# After so many requests without any answer the next ones are not tried.
_SILENCE = 2


def pause(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def current_time() -> datetime:
    """Return the time it is, with its zone."""
    return datetime.now(UTC)


@dataclass
class Yahoo:
    """The source, with what one run of the program has learnt about it.

    Attributes:
        notify: Called with each message that the user should see while waiting.
        patience: How many seconds the whole run may wait for a source that asks for fewer requests.
    """

    notify: Notify
    patience: float = 120.0
    _waited: float = field(default=0.0, init=False)
    _unanswered: int = field(default=0, init=False)
    _given_up: StockrnnError | None = field(default=None, init=False)

    def chart(self, ticker: str, interval: str, first: date, last: date, time_zone: str | None) -> Chart:
        """Ask for the bars from `first` to `last`, both included.

        Args:
            ticker: A Yahoo ticker.
            interval: The interval of the bars.
            first: The first exchange date.
            last: The last exchange date.
            time_zone: The exchange's time zone; without it a day more is asked on both sides and cut off.

        Returns:
            The chart, its bars cut to the range; without bars where a known ticker has none there.

        Raises:
            RateLimitedError: Yahoo asked for fewer requests until the patience was used up.
            NetworkError: No answer, or none that can be used.
            UnknownTickerError: Yahoo does not know the ticker.
        """
        if not _TICKER.fullmatch(ticker):
            raise UnknownTickerError(f"{ticker}: not a Yahoo ticker, which has letters, digits and . - = ^ & _ only")
        now = current_time()
        period = _period(first, last, time_zone, now)
        reason = ""
        try:
            history = self._patiently(ticker, lambda: ask_history(ticker, interval, period))
        except NoPricesError as error:
            reason = str(error)
            history = self._patiently(ticker, lambda: self._identify(ticker, reason))
        except UnknownTickerError as error:
            raise UnknownTickerError(f"{error}{_near(ticker)}") from error
        chart = chart_of(history.frame if not reason else None, history.metadata, interval, now)
        return Chart(
            chart.bars[within(chart.bars, first, last)], chart.listing, chart.final_through, chart.incomplete, reason
        )

    def _identify(self, ticker: str, reason: str) -> History:
        try:
            return ask_history(ticker, "1d", None)
        except (NoPricesError, UnknownTickerError) as error:
            raise UnknownTickerError(
                f"{ticker}: Yahoo does not know this ticker ({reason.rstrip('.')}){_near(ticker)}"
            ) from error

    def _patiently(self, ticker: str, request: Callable[[], T]) -> T:
        if self._given_up is not None:
            raise type(self._given_up)(f"{ticker}: not asked, because {self._given_up}")
        tries = 0
        while True:
            try:
                answer = request()
            except TooManyRequestsError:
                self._wait(ticker, tries)
                tries += 1
            except NoAnswerError:
                self._unanswered += 1
                if self._unanswered >= _SILENCE:
                    self._given_up = NetworkError(f"the last {_SILENCE} requests got no answer")
                raise
            else:
                self._unanswered = 0
                return answer

    def _wait(self, ticker: str, tries: int) -> None:
        left = self.patience - self._waited
        if left <= 0:
            waited = f"after {self._waited:.0f} s of waiting" if self._waited else "and there is no patience to wait"
            self._given_up = RateLimitedError(f"Yahoo still asks for fewer requests {waited}")
            raise RateLimitedError(
                f"{ticker}: {self._given_up} (status 429); try again in some hours, or wait longer with --patience"
            )
        # Each pause is longer than the one before, and no two programs come back at the same moment.
        seconds = min(FIRST_PAUSE * 2**tries * random.uniform(1.0, 1.5), left)
        self.notify(
            f"{ticker}: Yahoo asks for fewer requests; waiting {seconds:.0f} s, "
            f"{self._waited + seconds:.0f} of {self.patience:g} s of patience"
        )
        self._waited += seconds
        pause(seconds)


def _near(ticker: str) -> str:
    near = ask_near_misses(ticker)
    return f"; near it: {', '.join(near)}" if near else "; look it up on finance.yahoo.com"


def _period(first: date, last: date, time_zone: str | None, now: datetime) -> tuple[datetime, datetime]:
    zone = ZoneInfo(time_zone or "UTC")
    margin = timedelta(0) if time_zone else DAY
    start, end = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, last + DAY))
    return start - margin, min(end + margin, now + timedelta(minutes=1))
