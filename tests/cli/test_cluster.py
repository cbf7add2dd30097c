"""A real Dask scheduler and two workers as processes on loopback: the same bytes as one process, whoever dies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from stockrnn.workflows.tasks import Task, TaskResults, run_tasks
from stockrnn.workflows.workers import cluster_workers
from tests.workflows.walking import OPTIONS, TASKS, bytes_of, command, results_in, started, wait_until, write_walk

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")]

TASK_FUNCTIONS = Path(__file__).parents[1] / "workflows"
ROOT = Path(__file__).parents[2]


class Cluster:
    """A scheduler and its workers."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.stack = stack
        self.environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{TASK_FUNCTIONS}",
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
        }
        self.file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(self.file))
        wait_until(self.file.is_file, self.scheduler)
        self.address = json.loads(self.file.read_text())["address"]
        assert self.address.startswith("tcp://127.0.0.1:")

    def start_worker(self, name: str) -> subprocess.Popen:
        place = ("--scheduler-file", str(self.file), "--local-directory", str(self.folder / name))
        return self._start("worker", *place, "--name", name, "--nthreads", "1", "--no-nanny", "--death-timeout", "60")

    def _start(self, *arguments: str) -> subprocess.Popen:
        options = ("--host", "127.0.0.1", "--no-dashboard")
        return self.stack.enter_context(
            started(
                [sys.executable, "-m", "dask", *arguments, *options],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self.environment,
            )
        )


@pytest.fixture
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    with ExitStack() as stack:
        yield Cluster(tmp_path_factory.mktemp("cluster"), stack)


def task(function, number, folder, **arguments):
    return Task(f"number {number}", f"small_tasks:{function}", {"number": number, **arguments}, {"folder": str(folder)})


def test_a_cluster_one_of_whose_workers_is_killed_gives_the_bytes_of_one_process(cluster, tmp_path, make_prices):
    prices = write_walk(make_prices, tmp_path / "walk.csv")
    subprocess.run(command(prices, *OPTIONS, "--jobs", 1, "--name", "cut", "--runs", "one"), cwd=tmp_path, check=True)
    workers = [cluster.start_worker("first"), cluster.start_worker("second")]
    work = tmp_path / "runs/.partial/cut"
    walk = command(prices, *OPTIONS, "--cluster", cluster.address, "--name", "cut")
    with started(walk, cwd=tmp_path, stderr=subprocess.PIPE) as process:
        wait_until(lambda: results_in(work), process)
        assert len(results_in(work)) < TASKS
        workers[0].kill()
        messages = process.communicate(timeout=240)[1]
    assert process.returncode == 0, messages
    assert bytes_of(tmp_path / "runs/cut") == bytes_of(tmp_path / "one/cut")


def test_tasks_that_fail_or_kill_their_workers_are_reported_while_the_rest_goes_on(cluster, tmp_path):
    # One try each by this scheduler, three by the command: three workers die.
    for number in range(5):
        cluster.start_worker(f"worker-{number}")
    tasks = [task("fail", 0, tmp_path), task("die", 1, tmp_path), *(task("double", n, tmp_path) for n in range(2, 6))]
    results = TaskResults(tmp_path / "tasks")
    with cluster_workers(cluster.address) as workers:
        failed = run_tasks(tasks, results, workers, lambda _: None)
    assert [each.task.label for each in failed] == ["number 0", "number 1"]
    assert "divided by nothing" in failed[0].problem
    assert "process died" in failed[1].problem
    assert [results.path(each).read_text() for each in tasks[2:]] == ["4", "6", "8", "10"]


def test_a_scheduler_that_ends_is_a_network_error_and_what_is_done_is_kept(cluster, tmp_path, make_prices):
    prices = write_walk(make_prices, tmp_path / "walk.csv")
    cluster.start_worker("only")
    work = tmp_path / "runs/.partial/cut"
    walk = command(prices, *OPTIONS, "--cluster", cluster.address, "--name", "cut")
    with started(walk, cwd=tmp_path, stderr=subprocess.PIPE) as process:
        wait_until(lambda: results_in(work), process)
        cluster.scheduler.kill()
        messages = process.communicate(timeout=120)[1]
    assert process.returncode == 5, messages
    assert "--resume cut" in messages.splitlines()[-1]
    assert results_in(work)
