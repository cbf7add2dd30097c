"""A backtest in its work folder: what it forecasts by what, as tasks that any process can do, and to be gone on with."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stockrnn.config import Config, parse_config
from stockrnn.errors import ConfigError, RunFolderError
from stockrnn.evaluation.refits import Refit
from stockrnn.messages import first_few
from stockrnn.prices.ticker_files import TickerFile
from stockrnn.runs.folder import json_digest, write_json
from stockrnn.runs.places import RunPlace
from stockrnn.runs.unfinished import WORK_FILES
from stockrnn.samples.folds import Fold, WalkForward
from stockrnn.versions import versions_here
from stockrnn.workflows.tasks import Task

BACKTEST_FILE = WORK_FILES["backtest"]
PRICES_FOLDER = "prices"
TASKS_FOLDER = "tasks"

Pool = Literal["together", "each"]

_FUNCTIONS = "stockrnn.workflows.fold_forecasts"


@dataclass(frozen=True)
class PooledFold:
    """A fold, and the places among the job's tickers of those that are trained on, or forecast, in it."""

    fold: Fold
    tickers: tuple[int, ...]


@dataclass(frozen=True)
class BacktestJob:
    """Checked input of a backtest.

    Attributes:
        config: The config.
        plan: How it walks through the test sessions.
        pool: One network for all tickers together, or one for each.
        files: The prices of each ticker.
        folds: The folds.
        sources: Where the prices came from.
        adjust: The adjustment that was applied to them.
        calendar: The exchange calendar that the config or the source of the prices names.
        features: The registered features that the networks read.
        store: Where workers find the files; None is the work folder.
    """

    config: Config
    plan: WalkForward
    pool: Pool
    files: tuple[TickerFile, ...]
    folds: tuple[PooledFold, ...]
    sources: tuple[str, ...]
    adjust: str
    calendar: str | None
    features: tuple[str, ...] = ()
    store: str | None = None

    @property
    def key(self) -> str:
        """The SHA-256 of all that the result depends on."""
        content = {**self._document(), "store": None, "sources": None, "versions": versions_here()}
        return json_digest(content)

    def location(self, work: Path) -> str:
        """Return where the prices are."""
        return self.store or str((work / PRICES_FOLDER).resolve())

    def write(self, work: Path, place: RunPlace) -> None:
        """Write the job, and the place where its run belongs, into its work folder, whole or not at all."""
        unfinished = work / f".{BACKTEST_FILE}.partial"
        write_json(unfinished, {**self._document(), "place": place.to_json()})
        unfinished.replace(work / BACKTEST_FILE)

    def _document(self) -> dict[str, Any]:
        return {
            "config": self.config.model_dump(mode="json"),
            "plan": dataclasses.asdict(self.plan),
            "pool": self.pool,
            "files": [[file.ticker, file.sha256] for file in self.files],
            "folds": [{**each.fold.to_json(), "tickers": list(each.tickers)} for each in self.folds],
            "sources": list(self.sources),
            "adjust": self.adjust,
            "calendar": self.calendar,
            "features": list(self.features),
            "store": self.store,
        }

    def refits(self) -> list[Refit]:
        """Return the fits, with each of which bands are fitted anew."""
        return [
            Refit(
                each.fold.split.train,
                each.fold.split.test,
                tuple(self.files[place].ticker for place in each.tickers),
                alone=self.pool == "each",
            )
            for each in self.folds
        ]

    def folds_json(self) -> list[dict[str, Any]]:
        """Return the folds as the JSON of the contract has them."""
        return [
            {
                "fold": each.fold.number,
                "train": [f"{day:%Y-%m-%d}" for day in each.fold.split.train],
                **{name: part for name, part in each.fold.split.to_json().items() if name != "fit"},
                "tickers": [self.files[place].ticker for place in each.tickers],
            }
            for each in self.folds
        ]


def read_backtest(runs: Path, work: Path) -> tuple[BacktestJob, RunPlace]:
    """Read the job of a work folder, and the place where its run belongs.

    Raises:
        RunFolderError: The folder is damaged.
    """
    try:
        document = json.loads((work / BACKTEST_FILE).read_text(encoding="utf-8"))
        job = BacktestJob(
            config=parse_config(document["config"], BACKTEST_FILE),
            plan=WalkForward(**document["plan"]),
            pool=document["pool"],
            files=tuple(TickerFile(*each) for each in document["files"]),
            folds=tuple(PooledFold(Fold.from_json(each), tuple(each["tickers"])) for each in document["folds"]),
            sources=tuple(document["sources"]),
            adjust=document["adjust"],
            calendar=document["calendar"],
            features=tuple(document["features"]),
            store=document["store"],
        )
        return job, RunPlace(runs, **document["place"])
    except (OSError, ValueError, KeyError, TypeError, ConfigError) as error:
        raise RunFolderError(f"{work}: damaged ({error}); remove it and begin again") from error


@dataclass(frozen=True)
class PoolTasks:
    """The tasks of a fold and a pool of tickers.

    Attributes:
        fold: The fold.
        files: The prices of the pool.
        naive: Gives the naive forecasts.
        seeds: Give those of the networks, one a seed.
    """

    fold: Fold
    files: tuple[TickerFile, ...]
    naive: Task
    seeds: tuple[Task, ...]


@dataclass(frozen=True)
class FoldTasks:
    """The tasks of a backtest, made one by one: each fold, pool and seed."""

    job: BacktestJob
    location: str

    def __len__(self) -> int:
        each = self.job.pool == "each"
        pools = sum(len(fold.tickers) if each else 1 for fold in self.job.folds)
        return pools * (1 + len(self.job.config.train.seeds))

    def __iter__(self) -> Iterator[Task]:
        for tasks in self.by_pool():
            yield from (*tasks.seeds, tasks.naive)

    def by_pool(self) -> Iterator[PoolTasks]:
        """Give the tasks of each fold and pool."""
        pool = {"config": self.job.config.model_dump(mode="json"), "features": list(self.job.features)}
        for fold in self.job.folds:
            document = fold.fold.to_json()
            for places in [(place,) for place in fold.tickers] if self.job.pool == "each" else [fold.tickers]:
                files = tuple(self.job.files[place] for place in places)
                tickers = [[file.ticker, file.sha256] for file in files]
                yield self._tasks(fold.fold, files, {"pool": {**pool, "tickers": tickers}, "fold": document})

    def _tasks(self, fold: Fold, files: tuple[TickerFile, ...], arguments: dict[str, Any]) -> PoolTasks:
        names = first_few([file.ticker for file in files])
        where, what = {"prices": self.location}, f"{names}, fold {fold.number}"
        seeds = enumerate(self.job.config.train.seeds)
        return PoolTasks(
            fold=fold,
            files=files,
            naive=Task(f"{what}, naive", f"{_FUNCTIONS}:forecast_naively", arguments, where),
            seeds=tuple(
                Task(f"{what}, seed {seed}", f"{_FUNCTIONS}:train_fold", {**arguments, "number": number}, where)
                for number, seed in seeds
            ),
        )


def failed_fold(task: Task) -> dict[str, Any]:
    """Return the tickers, the fold and the seed of a task, as the JSON of the contract has them; no seed is naive."""
    pool, number = task.arguments["pool"], task.arguments.get("number")
    return {
        "tickers": [ticker for ticker, _ in pool["tickers"]],
        "fold": task.arguments["fold"]["number"],
        "seed": None if number is None else pool["config"]["train"]["seeds"][number],
    }
