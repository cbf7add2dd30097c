"""Small runs of the recommended recipe, for the tests of what is done with a run that has a distribution."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from click.testing import CliRunner

from stockrnn.cli.main import cli

# The recommended recipe, so small that it trains in seconds.
TINY = {
    "model.units": 4,
    "train.epochs": 2,
    "train.early_stopping": 2,
    "train.refit_epochs": 2,
    "train.warm_up": 8,
    "train.stride": 8,
    "window.lookback": 24,
    "data.train": "['2015-01-01', '2016-12-31']",
    "data.test": "['2017-01-01', '2017-03-31']",
    "evaluation.gate": "true",
    "train.seeds": "[1]",
}


def tiny(**changed: object) -> list[str]:
    """Give the options of the small recipe; `train__epochs=3` changes train.epochs."""
    keys = {**TINY, **{name.replace("__", "."): value for name, value in changed.items()}}
    return ["--config", "recommended", *(f"--set={key}={value}" for key, value in keys.items())]


def write_walk(path: Path, seed: int, columns: Sequence[str] = ("open", "high", "low", "close", "volume")) -> Path:
    """Write a random walk with quiet and wild times, a row a weekday of 2015 to the first quarter of 2017."""
    random = np.random.default_rng(seed)
    days = pd.bdate_range("2015-01-01", "2017-03-31")
    pace = 0.01 * np.exp(np.sin(np.arange(len(days)) / 25 + seed))
    close = 100 * np.exp(np.cumsum(pace * random.standard_normal(len(days))))
    opens = np.concatenate([close[:1], close[:-1]]) * np.exp(0.3 * pace * random.standard_normal(len(days)))
    stretch = 0.5 * pace * random.uniform(0.2, 1, len(days))
    frame = pd.DataFrame(
        {
            "open": opens,
            "high": np.maximum(opens, close) * np.exp(stretch),
            "low": np.minimum(opens, close) * np.exp(-stretch),
            "close": close,
            "volume": np.round(1e6 * np.exp(0.3 * random.standard_normal(len(days)))),
        },
        index=days.rename("date"),
    )
    frame[list(columns)].to_csv(path)
    return path


def invoke(*args: object, code: int = 0) -> Any:
    result = CliRunner().invoke(cli, [str(arg) for arg in args])
    assert result.exit_code == code, result.output
    return result


def predicted(head_run: Path, *args: object) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(invoke("predict", head_run, *args, "--json").stdout)
    return document
