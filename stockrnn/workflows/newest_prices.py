"""Newer prices for a run: read, checked against what its network reads, and what is strange to the network told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from stockrnn.config import Config
from stockrnn.errors import PriceDataError
from stockrnn.messages import Notify, first_few
from stockrnn.prices.intervals import intervals_of, refuse_intraday
from stockrnn.prices.read_options import ReadOptions
from stockrnn.prices.table import Prices, check_columns, row_spans, sessions_of, tickers_of
from stockrnn.runs.content import read_encoding_of, read_prices_of, read_split_of
from stockrnn.runs.folder import Run
from stockrnn.samples.encoding import Encoding
from stockrnn.workflows.loading import LoadedPrices, load_prices

# A network that was last tested so long before the prices end is old.
_OLD = pd.Timedelta(days=365)
# Prices that leave the range of the training sessions by more than this share of it are strange to a network of levels.
_FAR_OUT = 0.25


def newest_prices(
    run: Run, config: Config, sources: tuple[str, ...], options: ReadOptions, notify: Notify
) -> LoadedPrices:
    """Return the prices that a run is to forecast from, and tell how they differ from those it was trained on.

    Args:
        run: The run.
        config: Its config.
        sources: Price files; nothing for the prices that the run was trained on.
        options: What the files cannot say themselves.
        notify: Hears warnings and notes.

    Raises:
        PriceDataError: The prices are unusable, too few, or of a ticker that the run does not know.
    """
    recorded, known = run.document["prices"], read_prices_of(run)
    named = config.data.calendar if config.data.calendar != "auto" else None
    if sources:
        options = replace(options, adjust=options.adjust or recorded["adjust"])
        loaded = _checked(run, config, load_prices(sources, options), ", ".join(sources), notify)
        _tell_interval(known, loaded.prices, notify)
    else:
        loaded = LoadedPrices(known, calendar=recorded["calendar"])
    _tell_age(run, config, known, loaded.prices, notify)
    if config.target.kind == "level":
        _tell_range(read_encoding_of(run), loaded.prices, config.target.column, notify)
    return replace(loaded, calendar=named or loaded.calendar)


def _checked(run: Run, config: Config, loaded: LoadedPrices, source: str, notify: Notify) -> LoadedPrices:
    """Check what was read, and give a single ticker the name that the run knows it by."""
    for note in loaded.notes:
        notify(f"Warning: {note.text.rstrip('.')}.")
    prices, known, given = loaded.prices, run.document["prices"]["tickers"], tickers_of(loaded.prices)
    encoding = read_encoding_of(run)
    refuse_intraday(prices)
    _check_rows(prices, config, encoding, source)
    if encoding.reads_the_pool and len(given) < len(known):
        notify(
            f"Note: this network reads means over its pool of {len(known)} tickers; of these prices' {len(given)} alone, "
            "they are others than it was trained and tested on."
        )
    strange = sorted(set(given) - set(known))
    if not strange:
        return loaded
    if not config.needs_own_training:
        notify(f"Note: not trained on {first_few(strange)}; the run's verdict is on {first_few(known)}.")
        return loaded
    if len(known) == len(given) == 1:
        # One ticker each: the file may carry any name, the scaling is the run's.
        notify(f"Note: these are prices of {given[0]}; the network was trained and scaled on {known[0]}.")
        return replace(loaded, prices=prices.rename(index={given[0]: known[0]}, level="ticker"))
    raise PriceDataError(f"the run was not trained on {', '.join(strange[:5])}; it knows {', '.join(known[:10])}")


def _check_rows(prices: Prices, config: Config, encoding: Encoding, source: str) -> None:
    lookback = config.window.lookback
    newest = prices.groupby(level="ticker", sort=False).tail(lookback)
    columns = [*config.feature_columns, config.target.column, *({"close"} & set(prices.columns))]
    check_columns(newest, dict.fromkeys(columns), source)
    lacking = [name for name in encoding.columns_of_features if name not in prices.columns]
    if lacking:
        raise PriceDataError(
            f"{source}: no column {', '.join(lacking)}, which the features of this network are made of; "
            f"there are {', '.join(prices.columns)}"
        )
    for ticker, rows in row_spans(newest).items():
        if rows.stop - rows.start < lookback:
            raise PriceDataError(
                f"{source}: {ticker} has {rows.stop - rows.start} sessions; the network needs {lookback} (window.lookback)"
            )


def _tell_interval(known: Prices, prices: Prices, notify: Notify) -> None:
    trained, given = set(intervals_of(known).values()), sorted(set(intervals_of(prices).values()))
    strange = [interval for interval in given if interval not in trained]
    if strange:
        notify(
            f"Warning: the network was trained on a price each {' or '.join(sorted(trained))}, and these come each "
            f"{' or '.join(strange)}: it knows nothing of moves over such a time; train one on these prices."
        )


def _tell_age(run: Run, config: Config, known: Prices, prices: Prices, notify: Notify) -> None:
    """Say so where the network was trained and tested long before the prices end, and how to train anew on them."""
    split, days = read_split_of(run), sessions_of(prices)
    if days[-1] - split.test[1] <= _OLD:
        return
    first, border = max(split.train[0], days[0]), days[-1] - _OLD
    trainable = int(((days >= first) & (days <= border)).sum())
    how = (
        f""", with --set 'data.train=["{first:%Y-%m-%d}","{border:%Y-%m-%d}"]' """
        f"""--set 'data.test=["{border + pd.Timedelta(days=1):%Y-%m-%d}","{days[-1]:%Y-%m-%d}"]'"""
    )
    enough = trainable > config.window.lookback + config.outputs
    notify(
        f"Note: this network was trained on sessions up to {split.train[1]:%Y-%m-%d}, {_ago(split.train[1], known, prices)} "
        f"before the newest of these prices; train one that knows later ones{how if enough else ''}."
    )


def _ago(day: pd.Timestamp, known: Prices, prices: Prices) -> str:
    """Return how long the prices go on after a day: in sessions where all of them are known, else in years."""
    begin, end = sessions_of(prices)[[0, -1]]
    if begin > sessions_of(known)[-1]:
        return f"{(end - day).days / 365.25:.1f} years"
    later = sessions_of(known).union(sessions_of(prices))
    return f"{int(((later > day) & (later <= end)).sum())} sessions"


def _tell_range(encoding: Encoding, prices: Prices, target: str, notify: Notify) -> None:
    """Warn of prices far outside of those that a network of levels was scaled on."""
    far = []
    for ticker, rows in row_spans(prices).items():
        scaling = encoding.scalings.get(ticker)
        if scaling is None:
            continue
        newest = prices.iloc[rows.stop - 1 : rows.stop]
        scaled = float(scaling.apply(newest, [target])[0, 0])
        if not -_FAR_OUT <= scaled <= 1 + _FAR_OUT:
            low, high = scaling.undo(np.array([0.0, 1.0]), target)
            far.append(f"the {target} of {ticker}, {newest[target].iloc[0]:g}, is far from {low:g} to {high:g}")
    if far:
        more = f" (and so for {len(far) - 1} more)" if len(far) > 1 else ""
        notify(
            f"Warning: {far[0]}, the range of the sessions that this network was trained on{more}: it learnt levels, and "
            "cannot follow the price there."
        )
