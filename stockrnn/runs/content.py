"""What is inside a run folder: prices, forecasts, config, split and scalings, written and read back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from stockrnn.config import Config, parse_config
from stockrnn.errors import ConfigError, RunFolderError
from stockrnn.evaluation.refits import Refit
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.forecast_file import write_forecasts
from stockrnn.forecasts.table import Forecasts
from stockrnn.prices.table import Prices, prices_digest, sessions_of, tickers_of
from stockrnn.runs.folder import (
    FORECASTS_FILE,
    FORMAT_VERSION,
    HISTORY_FILE,
    PRICES_FILE,
    RUN_FILE,
    SCORES_FILE,
    Run,
    hash_files,
    write_json,
    write_run_file,
)
from stockrnn.samples.encoding import Encoding
from stockrnn.samples.outputs import HeadValues
from stockrnn.samples.splits import Split
from stockrnn.versions import versions_here


@dataclass(frozen=True)
class RunContent:
    """Everything of a run but its networks, which are saved by the room that knows Keras.

    Attributes:
        kind: `train` or `backtest`.
        config: The config, overrides applied.
        prices: The prices table that was used.
        sources: Where the prices came from.
        adjust: The adjustment that was applied to them.
        calendar: The exchange calendar that was named or recorded with them.
        split: The sessions of each part.
        encoding: What was fitted beside the networks.
        heads: What the head of each has learnt; empty where they forecast points.
        seeds: One a saved network.
        histories: Losses by epoch, one list a seed.
        forecasts: The forecasts table of the test sessions.
        judgement: Scores and verdicts as JSON values.
        facts: Further entries of run.json, such as the engine and the seconds it took.
        history: The history as a table, where it is not one list a seed.
        refits: The fits of a backtest, with each of which the bands beside it were fitted anew.
    """

    kind: str
    config: Config
    prices: Prices
    sources: Sequence[str]
    adjust: str
    calendar: str | None
    split: Split
    encoding: Encoding
    heads: Sequence[HeadValues]
    seeds: Sequence[int]
    histories: Sequence[Sequence[Mapping[str, float]]]
    forecasts: Forecasts
    judgement: Mapping[str, Any]
    facts: Mapping[str, Any]
    history: pd.DataFrame | None = None
    refits: Sequence[Refit] = ()


def write_content(work: Path, content: RunContent, besides: Collection[str] = ()) -> None:
    """Write everything but the networks into a folder that holds them already; run.json last.

    Args:
        work: The folder.
        content: What is written.
        besides: Names of files there that are no part of the run and will be removed.
    """
    content.prices.to_parquet(work / PRICES_FILE)
    write_forecasts(work / FORECASTS_FILE, content.forecasts, _facts_for_a_judge(content))
    _history_table(content).to_csv(work / HISTORY_FILE, index=False)
    write_json(work / SCORES_FILE, content.judgement)
    write_run_file(work, {**_document(content), "files": hash_files(work, besides)})


def _facts_for_a_judge(content: RunContent) -> dict[str, Any]:
    """Return all that gives the scores of this run again, wherever its forecasts are taken."""
    return {
        "terms": Terms.of(content.config, content.split).to_json(),
        "prices": _identity_of_prices(content),
        **({"refits": [refit.to_json() for refit in content.refits]} if content.refits else {}),
    }


def _identity_of_prices(content: RunContent) -> dict[str, Any]:
    sessions = sessions_of(content.prices)
    return {
        "tickers": tickers_of(content.prices),
        "adjust": content.adjust,
        "first": f"{sessions[0]:%Y-%m-%d}",
        "last": f"{sessions[-1]:%Y-%m-%d}",
        "sha256": prices_digest(content.prices),
    }


def _document(content: RunContent) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "kind": content.kind,
        "config": content.config.model_dump(mode="json"),
        "features": [*content.encoding.columns, *content.encoding.features],
        "scaler": {ticker: scaling.to_json() for ticker, scaling in content.encoding.scalings.items()},
        "encoding": content.encoding.to_json(),
        "heads": [head.to_json() for head in content.heads],
        "split": content.split.to_json(),
        "seeds": list(content.seeds),
        "prices": {
            "sources": list(content.sources),
            "calendar": content.calendar,
            "rows": len(content.prices),
            **_identity_of_prices(content),
        },
        "versions": versions_here(),
        **content.facts,
    }


def _history_table(content: RunContent) -> pd.DataFrame:
    if content.history is not None:
        return content.history
    rows = [
        {"seed": seed, "epoch": epoch, **losses}
        for seed, history in zip(content.seeds, content.histories, strict=True)
        for epoch, losses in enumerate(history, start=1)
    ]
    return pd.DataFrame(rows)


def read_prices_of(run: Run) -> Prices:
    """Read the prices that a run was made with."""
    return pd.read_parquet(run.file(PRICES_FILE))


def read_forecasts_of(run: Run) -> Forecasts:
    """Read the forecasts of a run's test sessions."""
    return pd.read_parquet(run.file(FORECASTS_FILE))


def read_config_of(run: Run) -> Config:
    """Read the config of a run.

    Raises:
        RunFolderError: It holds a key or value that this version does not know.
    """
    try:
        return parse_config(run.document["config"], RUN_FILE)
    except (ConfigError, KeyError) as error:
        raise RunFolderError(f"{run.path}: {error}; train again with this version") from None


def read_split_of(run: Run) -> Split:
    """Read which sessions a run was trained and tested on.

    Raises:
        RunFolderError: run.json is damaged.
    """
    with _damage_told(run, "split"):
        return Split.from_json(run.document["split"])


def read_encoding_of(run: Run) -> Encoding:
    """Read what was fitted beside the networks.

    Raises:
        RunFolderError: run.json is damaged.
    """
    with _damage_told(run, "encoding"):
        return Encoding.from_json(run.document["encoding"], run.document["scaler"], read_config_of(run))


def read_heads_of(run: Run) -> list[HeadValues]:
    """Read what the head of each network has learnt; none where they forecast points.

    Raises:
        RunFolderError: run.json is damaged.
    """
    with _damage_told(run, "heads"):
        return [HeadValues.from_json(head) for head in run.document["heads"]]


@contextmanager
def _damage_told(run: Run, key: str) -> Iterator[None]:
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise RunFolderError(f"{run.file(RUN_FILE)}: damaged (wrong {key}: {error}); train again") from None
