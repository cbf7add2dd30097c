"""Intervals of the days to come: of a run's networks, and of the best bands beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stockrnn.config import Config
from stockrnn.errors import ConfigError
from stockrnn.forecasts.bands import fit_bands
from stockrnn.forecasts.calibrated import learnt_intervals
from stockrnn.forecasts.ranges import nearest, past_needed, range_columns, with_ranges
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecasts, tabulate
from stockrnn.prices.doctor.diagnosis import level_notes
from stockrnn.prices.doctor.findings import told_once, warnings_touching
from stockrnn.prices.table import Prices
from stockrnn.runs.content import read_forecasts_of, read_prices_of, read_split_of
from stockrnn.runs.folder import Run
from stockrnn.workflows.future import Future

# What is shown beside a distribution when nobody asks.
USUAL_LEVEL = 0.9
# The bands of a run whose own networks have no distribution to compare with them.
_USUAL_BANDS = "ewma_bands"
_LEAST, _MOST = 0.01, 0.99


@dataclass(frozen=True)
class Fan:
    """A forecaster's quantiles.

    Attributes:
        rows: For sessions to come.
        past: For the test sessions of the run, as it would have made them then, with their actual values.
        learnt: They were learnt from how far the forecaster's points were out.
    """

    rows: Forecasts
    past: Forecasts
    learnt: bool = False

    def at(self, levels: Sequence[float]) -> Forecasts:
        """Return the rows with the ends of an interval a level.

        Raises:
            ConfigError: A level that the past is too short for.
        """
        known = len(nearest(self.past))
        for level in levels:
            if past_needed(level) > known:
                most = max((each for each in range(90, 100) if past_needed(each / 100) <= known), default=90)
                raise ConfigError(
                    f"--level {_per_cent(level)}: beyond 90 %, how far a range reaches is measured on the forecasts of the "
                    f"run's test sessions; {past_needed(level)} are needed, and there are {known}: ask for {most} at most"
                )
        return with_ranges(self.rows, levels, self.past)

    def coverage(self, levels: Sequence[float]) -> list[dict[str, Any]]:
        """Return what share of the past came true in the ranges, a row a level and horizon, as JSON values.

        Levels beyond 90 % have no row: their ranges are measured on this very past.
        """
        within = [level for level in levels if not past_needed(level)]
        rows: list[dict[str, Any]] = []
        for horizon in sorted(set(self.past["horizon"])):
            own = with_ranges(self.past[self.past["horizon"] == horizon], within, self.past)
            for level in within:
                low, high = range_columns(level)
                held = float(own["actual"].between(own[low], own[high]).mean())
                rows.append({"level": round(level, 6), "horizon": int(horizon), "coverage": held, "rows": len(own)})
        return rows

    def displacement(self, levels: Sequence[float]) -> str | None:
        """Return why intervals do not surround the forecast; None where they do.

        Args:
            levels: Those that `at` is asked for.
        """
        rows, beside = self.at(levels), []
        for level in levels:
            low, high = range_columns(level)
            # Prices that never move have ranges of no width, beside the forecast by a rounding.
            if ((rows[low] * (1 - 1e-6) > rows["forecast"]) | (rows[high] * (1 + 1e-6) < rows["forecast"])).any():
                beside.append(f"{_per_cent(level)} %")
        if not beside or not self.learnt or not len(self.past):
            return None
        past = nearest(self.past)
        miss = 100 * float(np.median(past["actual"] / np.maximum(past["forecast"], 1e-8) - 1))
        return (
            f"the {' and '.join(beside)} {'range lies' if len(beside) == 1 else 'ranges lie'} beside the forecast: on the "
            f"test sessions the network was too {'low' if miss > 0 else 'high'}, by {float(f'{abs(miss):.2g}'):g} % in the median, and "
            "ranges learn from that; the forecast stays as the network made it"
        )


def _per_cent(level: float) -> str:
    return f"{round(100 * level, 6):g}"


def check_levels(levels: Sequence[float]) -> None:
    """Check that levels are shares from 1 to 99 per cent.

    Raises:
        ConfigError: One that is not.
    """
    for level in levels:
        if not _LEAST <= round(level, 9) <= _MOST:
            raise ConfigError(f"--level {_per_cent(level)}: expected per cents from 1 to 99, such as 50,90")


def warn_of_levels(prices: Prices, target: str, notify: Callable[[str], None]) -> None:
    """Warn of prices in which the target or the close is adjusted in another way than the rest.

    Args:
        prices: Those that ranges are learnt from.
        target: The price column that is forecast.
        notify: Hears the warning.
    """
    for note in told_once(warnings_touching(level_notes(prices.reset_index()), (target, "close"))):
        notify(
            f"Warning: {note.text.rstrip('.')}, and train on the copy: the ranges here are learnt from these rows too."
        )


def network_fan(run: Run, config: Config, forecasts: Forecasts, prices: Prices) -> Fan:
    """Return the quantiles of the networks: their own, or what their misses on the test sessions teach.

    Args:
        run: The run.
        config: Its config.
        forecasts: Rows of its networks for sessions to come.
        prices: The prices table in which their origins are rows.
    """
    past = read_forecasts_of(run)
    past = past[(past["forecaster"] == "network") & past["actual"].notna()]
    has_quantiles = bool(forecasts[list(QUANTILE_COLUMNS)].notna().to_numpy().all())
    if has_quantiles and config.evaluation.intervals == "head":
        return Fan(forecasts, past)
    # The past's quantiles were corrected when the run was judged; those of the days to come never were.
    return Fan(*learnt_intervals(past, read_prices_of(run), forecasts, prices, own_quantiles=False), learnt=True)


def bands_fan(
    run: Run, config: Config, verdicts: Sequence[dict[str, Any]], future: Future, levels: Sequence[float]
) -> Fan:
    """Return what the best bands say of the days to come, fitted to the training years of the run.

    Args:
        run: The run.
        config: Its config.
        verdicts: Those of the run, which name the bands.
        future: The sessions to come.
        levels: What they are wanted for: the past is told only where it is read.
    """
    named = [verdict["against"] for verdict in verdicts if verdict["part"] == "distribution"]
    known, target = read_prices_of(run), config.target.column
    names = [named[0] if named else _USUAL_BANDS]
    (bands,) = fit_bands(known, target, names, read_split_of(run).train, future.days)
    rows = future.tabulated(bands.forecast(future.prices, target, future.origins, future.days), target)
    if not any(map(past_needed, levels)):
        return Fan(rows, rows[:0])
    table = read_forecasts_of(run)
    keys = table.loc[table["forecaster"] == "network", ["ticker", "origin"]].drop_duplicates()
    origins = known.index.get_indexer(pd.MultiIndex.from_frame(keys))
    then = bands.forecast(known, target, origins, config.window.horizon)
    return Fan(rows, tabulate(then, known, origins, target))
