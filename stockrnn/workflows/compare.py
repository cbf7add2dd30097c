"""Runs side by side, on the forecasts that all of them made."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stockrnn.errors import ConfigError, PriceDataError
from stockrnn.evaluation.contest import Best, PairTest, best_of, pair_tests
from stockrnn.evaluation.terms import Terms
from stockrnn.evaluation.verdict_text import BAND_WORDS, OPPONENTS
from stockrnn.forecasts.table import Forecasts
from stockrnn.messages import first_few
from stockrnn.prices.table import Prices
from stockrnn.runs.content import read_config_of, read_forecasts_of, read_prices_of, read_split_of
from stockrnn.runs.folder import load_run
from stockrnn.workflows.evaluate import Judgement, judge

_KEYS = ["ticker", "origin", "session", "horizon", "target"]
# Prices that differ by more than rounding are others.
_SAME_PRICE = 1e-6


@dataclass(frozen=True)
class Contestant:
    """A run that is compared with others.

    Attributes:
        name: What it is called here.
        run: Its folder.
        recipe: The name of the config that it was trained with; None where only the run was given.
        forecasts: Its forecasts table.
        prices: Its prices.
        terms: What its forecasts are judged by.
        interrupted: Its training was.
    """

    name: str
    run: Path
    recipe: str | None
    forecasts: Forecasts
    prices: Prices
    terms: Terms
    interrupted: bool = False

    @property
    def own(self) -> Forecasts:
        """The rows of its network, under its name."""
        rows = self.forecasts[~self.forecasts["forecaster"].isin(OPPONENTS)]
        return rows.assign(forecaster=self.name)

    @property
    def has_bands(self) -> bool:
        """Whether bands stand beside its network."""
        return bool(self.forecasts["forecaster"].isin(list(BAND_WORDS)).any())


@dataclass(frozen=True)
class Comparison:
    """Runs side by side.

    Attributes:
        contestants: The runs.
        forecasts: Their forecasts of what all forecast, and the naive ones beside them.
        judgement: Scores and verdicts of all.
        pairs: A test for each two of them.
        best: Who missed least, and whether that is more than chance.
        notes: What was left out, and who was not trained to the end.
    """

    contestants: Sequence[Contestant]
    forecasts: Forecasts
    judgement: Judgement
    pairs: Sequence[PairTest]
    best: Sequence[Best]
    notes: Sequence[str]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        verdicts = self.judgement.to_json()
        return {
            "runs": [{"name": each.name, "run": str(each.run), "config": each.recipe} for each in self.contestants],
            "scores": verdicts["scores"],
            "verdicts": verdicts["verdicts"],
            "pairs": [dataclasses.asdict(pair) for pair in self.pairs],
            "best": [dataclasses.asdict(each) for each in self.best],
            "notes": list(self.notes),
        }


def load_contestants(runs: Mapping[Path, str | None]) -> list[Contestant]:
    """Load runs that are to be compared.

    Args:
        runs: Run folders, and the names of the recipes that they were trained with, where known.

    Raises:
        RunFolderError: One of them is missing or damaged.
    """
    contestants = []
    for folder, recipe in runs.items():
        run = load_run(folder)
        alike = [other for other in runs if other.resolve().name == folder.resolve().name]
        name = folder.resolve().name if len(alike) == 1 else str(folder)
        terms = Terms.of(read_config_of(run), read_split_of(run))
        contestants.append(
            Contestant(
                f"runs/{name}" if name in OPPONENTS else name,
                folder,
                recipe,
                read_forecasts_of(run),
                read_prices_of(run),
                terms,
                bool(run.document.get("interrupted")),
            )
        )
    return contestants


def compare(contestants: Sequence[Contestant]) -> Comparison:
    """Judge runs on the tickers, sessions and horizons that all of them forecast, and test each two.

    Args:
        contestants: Two runs or more.

    Raises:
        ConfigError: They forecast different prices of a session.
        PriceDataError: They have no forecast in common, or were made with other prices.
    """
    check_targets([(each.name, each.terms.target) for each in contestants])
    common = _common_rows(contestants)
    reference = next((each for each in contestants if each.has_bands), contestants[0])
    naive = reference.forecasts[reference.forecasts["forecaster"].isin(OPPONENTS)]
    owned = [each.own.merge(common, on=_KEYS) for each in contestants]
    _check_same_prices(contestants, owned)
    forecasts = pd.concat([*owned, naive.merge(common, on=_KEYS)], ignore_index=True)
    pairs = pair_tests(forecasts, [each.name for each in contestants])
    return Comparison(
        contestants=contestants,
        forecasts=forecasts,
        judgement=judge(reference.prices, forecasts, reference.terms),
        pairs=pairs,
        best=best_of(pairs),
        notes=[*_left_out(contestants, len(common)), *_other_years(contestants, reference), *_unfinished(contestants)],
    )


def check_targets(targets: Sequence[tuple[str, str]]) -> None:
    """Check that all forecast the same price of a session.

    Args:
        targets: Names of runs and configs, each with its price column.

    Raises:
        ConfigError: They do not.
    """
    if len({target for _, target in targets}) > 1:
        told = ", ".join(f"{name} the {target}" for name, target in targets)
        raise ConfigError(
            f"different targets cannot be compared: {told}; train them for one, such as by --set target.column=close"
        )


def _common_rows(contestants: Sequence[Contestant]) -> pd.DataFrame:
    tables = [each.own[_KEYS] for each in contestants]
    common = reduce(lambda ours, theirs: ours.merge(theirs, on=_KEYS), tables)
    if common.empty:
        told = "; ".join(f"{each.name}: {_covered(each.own)}" for each in contestants)
        raise PriceDataError(
            f"no forecast of the same ticker, session and horizon is in all of them ({told}); train them on the same prices and years"
        )
    return common


def _covered(forecasts: Forecasts) -> str:
    tickers = list(forecasts["ticker"].unique())
    first, last = forecasts["session"].min(), forecasts["session"].max()
    return f"{first_few(tickers)} from {first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _check_same_prices(contestants: Sequence[Contestant], owned: Sequence[Forecasts]) -> None:
    first = owned[0].sort_values(_KEYS)
    for contestant, table in zip(contestants[1:], owned[1:], strict=True):
        theirs = table.sort_values(_KEYS)["actual"].to_numpy()
        ours = first["actual"].to_numpy()
        other = np.abs(ours - theirs) > _SAME_PRICE * np.abs(ours)
        if other.any():
            row, place = first[other].iloc[0], int(np.flatnonzero(other)[0])
            raise PriceDataError(
                f"{contestants[0].name} and {contestant.name} were made with other prices: {row['target']} of {row['ticker']} on "
                f"{row['session']:%Y-%m-%d} is {ours[place]:g} in one and {theirs[place]:g} in the other, {int(other.sum())} of "
                f"{len(other)} differ; train them on the same prices with the same --adjust"
            )


def _left_out(contestants: Sequence[Contestant], common: int) -> list[str]:
    lost = {each.name: len(each.own) - common for each in contestants}
    told = ", ".join(f"{count} of {name}" for name, count in lost.items() if count)
    return [f"compared are {common} forecasts that all have; left out: {told}"] if told else []


def _unfinished(contestants: Sequence[Contestant]) -> list[str]:
    names = [each.name for each in contestants if each.interrupted]
    return [f"the training of {' and of '.join(names)} was interrupted"] if names else []


def _other_years(contestants: Sequence[Contestant], reference: Contestant) -> list[str]:
    if all(
        (each.terms.train, each.terms.validation) == (reference.terms.train, reference.terms.validation)
        for each in contestants
    ):
        return []
    return [f"the training sessions differ; the opponent of the verdicts is chosen on those of {reference.name}"]
