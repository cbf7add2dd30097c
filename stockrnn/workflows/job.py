"""A training job in its work folder: all that a training needs, for processes of its own and to be gone on with."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from stockrnn.config import Config, parse_config
from stockrnn.errors import ConfigError, RunFolderError
from stockrnn.prices.table import Prices
from stockrnn.runs.content import read_config_of, read_prices_of, read_split_of
from stockrnn.runs.folder import PRICES_FILE, Run, load_run, state_file_name, write_json
from stockrnn.runs.places import RunPlace
from stockrnn.runs.unfinished import PARTIAL_FOLDER, WORK_FILES, refuse_other_work, resume_command
from stockrnn.samples.folds import Fold
from stockrnn.samples.splits import Split

JOB_FILE = WORK_FILES["train"]


@dataclass(frozen=True)
class TrainJob:
    """Checked input: from here on nothing is wrong with what the user gave.

    Attributes:
        config: The config.
        prices: Prices of the tickers that can be trained on.
        sources: Where they came from.
        split: Which sessions are trained and tested on.
        adjust: The adjustment that was applied to the prices.
        calendar: The exchange calendar that the config or the source of the prices names; None where neither does.
        features: The registered features that the network reads: those of the config that the prices can have.
        fold: The fold of a backtest whose sessions are forecast; None forecasts the test sessions of the split.
    """

    config: Config
    prices: Prices
    sources: tuple[str, ...]
    split: Split
    adjust: str
    calendar: str | None
    features: tuple[str, ...] = ()
    fold: Fold | None = None


def write_job(work: Path, job: TrainJob, place: RunPlace) -> None:
    """Write a job, and the place where its run belongs, into its work folder."""
    job.prices.to_parquet(work / PRICES_FILE)
    document = {
        "config": job.config.model_dump(mode="json"),
        "sources": list(job.sources),
        "split": job.split.to_json(),
        "adjust": job.adjust,
        "calendar": job.calendar,
        "features": list(job.features),
        "place": place.to_json(),
    }
    write_json(work / JOB_FILE, document)


def read_job(work: Path) -> TrainJob:
    """Read the job of a work folder.

    Raises:
        RunFolderError: The folder is damaged.
    """
    try:
        document = json.loads((work / JOB_FILE).read_text(encoding="utf-8"))
        return TrainJob(
            config=parse_config(document["config"], JOB_FILE),
            prices=pd.read_parquet(work / PRICES_FILE),
            sources=tuple(document["sources"]),
            split=Split.from_json(document["split"]),
            adjust=document["adjust"],
            calendar=document["calendar"],
            features=tuple(document["features"]),
        )
    except (OSError, ValueError, KeyError, ConfigError) as error:
        raise RunFolderError(f"{work}: damaged ({error}); train again") from error


def job_of_run(run: Run) -> TrainJob:
    """Return the job that a run is the result of.

    Raises:
        RunFolderError: The run is damaged.
    """
    recorded = run.document["prices"]
    return TrainJob(
        read_config_of(run),
        read_prices_of(run),
        tuple(recorded["sources"]),
        read_split_of(run),
        recorded["adjust"],
        recorded["calendar"],
        tuple(run.document["encoding"]["features"]),
    )


@contextmanager
def resumed_work(runs: Path, name: str) -> Iterator[tuple[Path, RunPlace]]:
    """Give the work folder of a training that was interrupted, and where its run belongs.

    A training that was killed left `runs/.partial/NAME`; one that Ctrl-C ended left a whole run `runs/NAME`. What is
    kept of it stays there when the block fails.

    Raises:
        RunFolderError: There is neither, or it is damaged.
        ConfigError: The run is finished, or it is a backtest.
    """
    refuse_other_work(runs, name, "train")
    work = runs / PARTIAL_FOLDER / name
    if not (work / JOB_FILE).is_file():
        # A resumption that was ended before it was ready, or after it was done, left the run as it had been.
        _reopen(runs / name, work)
    try:
        place = json.loads((work / JOB_FILE).read_text(encoding="utf-8"))["place"]
    except (OSError, ValueError, KeyError) as error:
        raise RunFolderError(f"{work}: damaged ({error}); remove it and train again") from error
    yield work, RunPlace(runs, **place)


def _reopen(folder: Path, work: Path) -> None:
    if not folder.is_dir():
        raise RunFolderError(f"{folder}: no run folder, and no unfinished one in {work}; stockrnn train makes one")
    run = load_run(folder)
    if run.document.get("kind") == "backtest":
        raise ConfigError(
            f"{folder} is a backtest and no training; go on with a backtest by: {resume_command(folder, 'backtest')}"
        )
    if not run.document.get("interrupted"):
        raise ConfigError(f"{folder} is finished: nothing is left to go on with; train it anew under another --name")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    job = job_of_run(run)
    # Of seeds whose networks are not in the run too, if they had begun.
    for number, refit in itertools.product(range(len(job.config.train.seeds)), (False, True)):
        state = run.file(state_file_name(number, refit))
        if state.is_file():
            shutil.copy2(state, work)
    write_job(work, job, RunPlace(folder.parent, folder.name, folder.name, force=True))
