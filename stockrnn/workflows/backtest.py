"""Walk forward through the test sessions: refit, forecast until the next refit, judge all of it."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from stockrnn.errors import ConfigError, NetworkError, RunFolderError, StoppedError
from stockrnn.messages import Notify
from stockrnn.recipes import Recipe, load_recipe
from stockrnn.runs.folder import load_run
from stockrnn.runs.places import RunPlace, finish_run, unfinished_run
from stockrnn.runs.unfinished import PARTIAL_FOLDER, refuse_other_work, resume_command
from stockrnn.workflows import backtest_stages as stages
from stockrnn.workflows.backtest_job import BACKTEST_FILE, TASKS_FOLDER, BacktestJob, FoldTasks, read_backtest
from stockrnn.workflows.backtest_stages import BacktestRequest, JudgedBacktest
from stockrnn.workflows.task_worker import StageAnswer, perform_stage
from stockrnn.workflows.tasks import FailedTask, TaskResults, run_tasks
from stockrnn.workflows.workers import LocalProcesses, Workers, cluster_workers, local_processes

# Hears how many tasks are done, and of how many.
TaskHook = Callable[[int, int], None]

T = TypeVar("T")


@dataclass(frozen=True)
class BacktestHooks:
    """Who hears of a backtest, and who does it.

    Attributes:
        notify: Hears warnings and notes.
        on_done: Hears of finished tasks.
        processes: Processes of this machine.
        cluster: Address of the scheduler of a Dask cluster that does the tasks instead; None is this machine.
    """

    notify: Notify
    on_done: TaskHook
    processes: int = 1
    cluster: str | None = None


@dataclass(frozen=True)
class BacktestResult:
    """A finished backtest, or what is known of one whose tasks failed.

    Attributes:
        run: The run folder; None when tasks failed.
        folds: Sessions and tickers of each fold, as JSON values.
        judged: What is in the run folder; None when tasks failed.
        failed: Tasks that failed three times.
        resume: The command that tries them again.
    """

    run: Path | None
    folds: Sequence[dict[str, Any]]
    judged: JudgedBacktest | None
    failed: Sequence[FailedTask] = ()
    resume: str = ""


def walk_forward_recipe(
    source: str | None, overrides: Iterable[str], first: dt.date | None, last: dt.date | None
) -> Recipe:
    """Load a recipe and let it test from `first` to `last`; its training years end before them. Bands are scored too.

    Raises:
        ConfigError: No such recipe, or there are no training years before `first`.
    """
    given = ["evaluation.bands=true", *overrides]
    recipe = load_recipe(source, given)
    if not (first or last):
        return recipe
    data = recipe.config.data
    test = (first or data.test[0], last or data.test[1])
    train = (data.train[0], min(data.train[1], test[0] - dt.timedelta(days=1)))
    if train[1] < train[0]:
        raise ConfigError(f"--from {test[0]}: the training years begin on {train[0]} (data.train), not before it")
    if test[1] < test[0]:
        if last is None:
            raise ConfigError(f"--from {test[0]}: the test years end on {test[1]} (data.test); say --to too")
        raise ConfigError(f"--to {test[1]}: before the first session to test, {test[0]}")
    changed = [f'data.{name}=["{part[0]}","{part[1]}"]' for name, part in (("train", train), ("test", test))]
    # The training years that are cut here are the recipe's still.
    return replace(load_recipe(source, [*given, *changed]), chosen=recipe.chosen | {"test"})


def backtest(request: BacktestRequest, hooks: BacktestHooks, resumed: bool = False) -> BacktestResult:
    """Test a recipe walking forward, and write the run folder.

    Args:
        request: What is to be tested on what.
        hooks: Who hears of it and who does it.
        resumed: Go on where a process was killed before there was anything to go on with.

    Raises:
        ConfigError: A run of this name exists.
        PriceDataError: Prices that are missing, unreadable, unusable or too few.
        NetworkError: No cluster at the address.
        StoppedError: Ctrl-C; what is done is kept.
    """
    place = request.train.place
    with (
        _workers(hooks) as (local, cluster),
        unfinished_run(place, BACKTEST_FILE, resumed) as work,
        _stop_told(work),
    ):
        job = _stage(local, hooks.notify, stages.prepare_backtest, work, request)
        return _run(work, job, place, hooks, (local, cluster))


def resume_backtest(runs: Path, name: str, request: BacktestRequest | None, hooks: BacktestHooks) -> BacktestResult:
    """Go on with a backtest, whatever there is of it: nothing, a part, or all.

    Args:
        runs: The folder of all runs.
        name: Its name.
        request: What is asked for; None is what it was begun with.
        hooks: Who hears of it and who does it.

    Raises:
        RunFolderError: There is nothing to go on with and nothing to begin, or it is damaged.
        ConfigError: There is a run of this name that was made with something else, or a training.
    """
    refuse_other_work(runs, name, "backtest")
    work, run = runs / PARTIAL_FOLDER / name, runs / name
    begun = (work / BACKTEST_FILE).is_file()
    if not begun and not run.exists():
        if request is None:
            raise RunFolderError(f"{run}: no run folder, and no unfinished one in {work}; stockrnn backtest makes one")
        return backtest(request, hooks, resumed=True)
    with _workers(hooks) as (local, cluster), _stop_told(work):
        if run.exists() and not (begun and _replaces(runs, work)):
            return _finished(runs, name, request, local, hooks.notify)
        if request is not None:
            job = _stage(local, hooks.notify, stages.prepare_backtest, work, request)
        else:
            job, _ = read_backtest(runs, work)
        return _run(work, job, read_backtest(runs, work)[1], hooks, (local, cluster))


def _replaces(runs: Path, work: Path) -> bool:
    # Begun with --force beside a finished run, which it is to replace; or without a name, which it will find.
    place = read_backtest(runs, work)[1]
    return place.force or place.name is None


def _finished(runs: Path, name: str, request: BacktestRequest | None, local: Workers, notify: Notify) -> BacktestResult:
    """Return what a finished run holds, when it is what is asked for."""
    run = runs / name
    if load_run(run).document.get("kind") != "backtest":
        raise ConfigError(
            f"{run} is a training and no backtest; choose another --name, or go on with a training by: {resume_command(run)}"
        )
    judged = _stage(local, notify, stages.read_judged, run)
    if request is not None:
        place = RunPlace(runs, None, f"{name}.asked")
        with unfinished_run(place) as scratch:
            asked = _stage(local, notify, stages.prepare_backtest, scratch, request)
        if asked.key != judged.key:
            raise ConfigError(
                f"{run} is finished and was made with other prices or options; choose another --name, or --force"
            )
    _remove(runs / PARTIAL_FOLDER / name)
    notify(f"{run} is finished: nothing is left to do.")
    return BacktestResult(run, judged.folds, judged)


def _remove(work: Path) -> None:
    # Once a run is whole, what is left of the work is of no use.
    shutil.rmtree(work, ignore_errors=True)
    with suppress(OSError):
        work.parent.rmdir()  # only when it is empty


def _run(
    work: Path, job: BacktestJob, place: RunPlace, hooks: BacktestHooks, workers: tuple[LocalProcesses, Workers | None]
) -> BacktestResult:
    tasks, results = FoldTasks(job, job.location(work)), TaskResults(work / TASKS_FOLDER)
    total, done = len(tasks), sum(results.has(task) for task in tasks)
    hooks.on_done(done, total)

    def on_done(_task: object) -> None:
        nonlocal done
        done += 1
        hooks.on_done(done, total)

    # No more processes than tasks; to judge, one is enough, and the others' memory is free again.
    local, cluster = workers
    hands = cluster or LocalProcesses(max(min(hooks.processes, total - done), 1))
    failed = run_tasks(tasks, results, hands, on_done)
    if failed:
        return BacktestResult(None, job.folds_json(), None, failed, _resume_command(work))
    # In a folder of its own, should somebody else go on with the same work: a run is moved to its name whole or not at all.
    whole = Path(tempfile.mkdtemp(dir=work, prefix="whole-")) / work.name
    judged = _stage(local, hooks.notify, stages.conclude_backtest, work, whole)
    run = finish_run(whole, place)
    _remove(work)
    return BacktestResult(run, judged.folds, judged)


@contextmanager
def _workers(hooks: BacktestHooks) -> Iterator[tuple[LocalProcesses, Workers | None]]:
    """Give the process that prepares and judges, here, and the cluster if there is one."""
    if hooks.cluster is None:
        with local_processes(1) as local:
            yield local, None
        return
    with cluster_workers(hooks.cluster) as cluster, local_processes(1) as local:
        yield local, cluster


@contextmanager
def _stop_told(work: Path) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        if not (work / BACKTEST_FILE).is_file():
            raise
        raise StoppedError(f"interrupted; what is done is kept. Go on with: {_resume_command(work)}") from None
    except NetworkError as error:
        raise NetworkError(f"{error}; what is done is kept. Go on with: {_resume_command(work)}") from error
    except OSError as error:  # a full disk, say
        if not (work / BACKTEST_FILE).is_file():
            raise
        kept = f"{error.strerror}; what is done is kept. Go on with: {_resume_command(work)}"
        raise OSError(error.errno, kept, error.filename or str(work)) from error


def _resume_command(work: Path) -> str:
    return resume_command(work.parent.parent / work.name, "backtest")


def _stage(local: Workers, notify: Notify, function: Callable[..., T], *arguments: Any) -> T:
    """Do a stage in another process, and hear what it says."""
    answer: StageAnswer = local.submit(perform_stage, function, arguments).result()
    for message in answer.messages:
        notify(message)
    if answer.error is not None:
        raise answer.error
    result: T = answer.value
    return result
