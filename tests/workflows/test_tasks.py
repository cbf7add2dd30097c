"""Tasks in processes of this machine: each done once, on disk at once, tried again when they fail."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from stockrnn.errors import ConfigError, NetworkError
from stockrnn.versions import versions_here
from stockrnn.workflows.task_worker import perform
from stockrnn.workflows.tasks import Task, TaskResults, run_tasks
from stockrnn.workflows.workers import cluster_workers, local_processes

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


@pytest.fixture
def results(tmp_path):
    return TaskResults(tmp_path / "tasks")


def task(function, number, folder, **arguments):
    return Task(f"number {number}", f"small_tasks:{function}", {"number": number, **arguments}, {"folder": str(folder)})


def begun(folder):
    return [int(line.split()[0]) for line in (folder / "begun.txt").read_text().splitlines()]


def ignore(_task):
    pass


def test_the_key_of_a_task_is_of_what_its_result_depends_on_and_not_of_where_it_lies(tmp_path):
    one = task("double", 1, tmp_path)
    assert one.key == task("double", 1, tmp_path / "elsewhere").key
    assert len({one.key, task("double", 2, tmp_path).key, task("fail", 1, tmp_path).key}) == 3


def test_a_worker_with_other_versions_is_refused(tmp_path):
    answer = perform("small_tasks:double", {"number": 1, "folder": str(tmp_path)}, {**versions_here(), "numpy": "0.1"})
    assert answer.content is None
    assert "expected 0.1" in answer.problem


@pytest.mark.parametrize("processes", [1, 2])
def test_each_task_is_done_once_and_its_result_kept(tmp_path, results, processes):
    tasks = [task("double", number, tmp_path) for number in range(5)]
    done = []
    with local_processes(processes) as workers:
        assert run_tasks(tasks, results, workers, done.append) == []
    assert [results.path(each).read_text() for each in tasks] == ["0", "2", "4", "6", "8"]
    assert sorted(each.label for each in done) == [each.label for each in tasks]
    assert sorted(begun(tmp_path)) == [0, 1, 2, 3, 4]


def test_what_is_done_is_not_done_again(tmp_path, results):
    tasks = [task("double", number, tmp_path) for number in range(4)]
    with local_processes(1) as workers:
        run_tasks(tasks[:2], results, workers, ignore)
        run_tasks(tasks, results, workers, ignore)
        run_tasks(tasks, results, workers, ignore)
    assert begun(tmp_path) == [0, 1, 2, 3]


def test_a_task_that_fails_twice_is_done_the_third_time(tmp_path, results):
    tasks = [task("fail", 1, tmp_path, until=3), task("double", 2, tmp_path)]
    with local_processes(1) as workers:
        assert run_tasks(tasks, results, workers, ignore) == []
    assert results.path(tasks[0]).read_bytes() == b"at last"


def test_a_task_that_fails_three_times_is_reported_while_the_rest_goes_on(tmp_path, results):
    tasks = [task("fail", 1, tmp_path), task("double", 2, tmp_path)]
    with local_processes(1) as workers:
        (failed,) = run_tasks(tasks, results, workers, ignore)
    assert failed.task == tasks[0]
    assert failed.problem.startswith("ZeroDivisionError: divided by nothing (small_tasks.py line ")
    assert (tmp_path / "tries-1.txt").stat().st_size == 3
    assert results.has(tasks[1])
    assert not results.has(tasks[0])


def test_a_process_that_is_killed_is_replaced_and_its_task_repeated(tmp_path, results):
    tasks = [task("double", number, tmp_path, seconds=0.3) for number in range(6)]

    def kill_one():
        told = tmp_path / "begun.txt"
        while not (told.exists() and told.read_text()):  # the file is there before its first line
            time.sleep(0.02)
        os.kill(int(told.read_text().split()[1]), signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    with local_processes(2) as workers:
        assert run_tasks(tasks, results, workers, ignore) == []
    killer.join()
    assert [results.path(each).read_text() for each in tasks] == [str(2 * number) for number in range(6)]
    assert len(begun(tmp_path)) > 6


def test_a_task_that_kills_its_process_is_reported_and_no_other_answers_for_it(tmp_path, results):
    tasks = [task("die", 0, tmp_path), *(task("double", number, tmp_path, seconds=0.5) for number in range(1, 4))]
    with local_processes(2) as workers:
        (failed,) = run_tasks(tasks, results, workers, ignore)
    assert failed.task == tasks[0]
    assert "process died" in failed.problem
    assert begun(tmp_path).count(0) == 3
    assert all(results.has(each) for each in tasks[1:])


@pytest.mark.slow
def test_a_process_that_grew_by_what_tensorflow_takes_is_not_renewed(tmp_path, results):
    tasks = [task("double", 0, tmp_path), *(task("grow", number, tmp_path, megabytes=350) for number in (1, 2))]
    with local_processes(1) as workers:
        assert run_tasks(tasks, results, workers, ignore) == []
    assert len({line.split()[1] for line in (tmp_path / "begun.txt").read_text().splitlines()}) == 1


def test_processes_end_after_their_block(tmp_path, results):
    with local_processes(2) as workers:
        run_tasks([task("double", number, tmp_path, seconds=0.2) for number in range(2)], results, workers, ignore)
    for line in (tmp_path / "begun.txt").read_text().splitlines():
        with pytest.raises(ProcessLookupError):
            os.kill(int(line.split()[1]), 0)


def test_a_word_that_is_no_address_is_a_usage_error():
    with pytest.raises(ConfigError, match="tcp://host:8786"), cluster_workers("nowhere://at-all"):
        pass


def test_a_scheduler_that_does_not_answer_is_a_network_error(monkeypatch):
    monkeypatch.setattr("stockrnn.workflows.scheduler.SECONDS_TO_CONNECT", 0.5)
    with pytest.raises(NetworkError, match="no scheduler answers"), cluster_workers("tcp://127.0.0.1:1"):
        pass


def test_a_worker_may_have_more_packages_than_the_command_but_no_other_versions_of_them(tmp_path) -> None:
    arguments, here = {"number": 1, "folder": str(tmp_path)}, versions_here()
    known = {name: found for name, found in here.items() if name != "scipy"}
    assert perform("small_tasks:double", arguments, known).problem == ""
    assert "scipy" in perform("small_tasks:double", arguments, {**here, "scipy": "0.1"}).problem
