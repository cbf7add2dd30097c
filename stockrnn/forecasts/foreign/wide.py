"""Wide tables: a column a ticker, called by it alone or by it and a word such as `pred`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from stockrnn.forecasts.foreign.phrases import Phrase, read_phrase

_BETWEEN = r"[-_ .:/]+"


def tickers_of_columns(headers: Sequence[str], tickers: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Return the headers that are forecasts of a ticker: a header to the ticker and the price that it names.

    Beside a header that says it is a forecast, one that is the ticker alone is what came true, and no forecast.

    Args:
        headers: The headers of columns of numbers.
        tickers: The tickers of the prices.
    """
    known = {ticker.casefold(): ticker for ticker in tickers}
    found = {header: match for header in headers if (match := _match(header, known)) is not None}
    said = {ticker for ticker, phrase in found.values() if phrase is not None and phrase.kind == "forecast"}
    return {
        header: (ticker, phrase.price if phrase is not None else None)
        for header, (ticker, phrase) in found.items()
        if ticker not in said or (phrase is not None and phrase.kind == "forecast")
    }


def _match(header: str, known: Mapping[str, str]) -> tuple[str, Phrase | None] | None:
    name = header.casefold()
    if name in known:
        return known[name], None
    for folded, ticker in known.items():
        before = re.fullmatch(rf"{re.escape(folded)}{_BETWEEN}(.+)", name)
        after = re.fullmatch(rf"(.+){_BETWEEN}{re.escape(folded)}", name)
        for words in (before, after):
            phrase = read_phrase(words[1]) if words else None
            if phrase is not None and phrase.kind != "actual":
                return ticker, phrase
    return None
