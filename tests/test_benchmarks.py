from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    """Import a module of the benchmarks, which lie beside the package and not in it."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))

    def load_module(name: str) -> ModuleType:
        return importlib.import_module(name)

    yield load_module
    for name in ("results", "bench_train", "bench_scale", "bench_tasks"):
        sys.modules.pop(name, None)


def test_the_slope_of_time_that_grows_as_the_tickers_is_one(load) -> None:
    slope, used = load("bench_scale").slope_of({1: 1.0, 10: 1.5, 100: 8.0, 1000: 80.0})
    assert slope == pytest.approx(1)
    assert used == [100, 1000]


def test_the_slope_of_time_that_fixed_costs_rule_is_taken_from_the_two_largest_sizes(load) -> None:
    slope, used = load("bench_scale").slope_of({1: 1.0, 10: 1.0, 100: 1.0})
    assert slope == pytest.approx(0)
    assert used == [10, 100]


def test_epochs_are_timed_after_the_first_and_of_the_first_seed_alone(load) -> None:
    lines = [(10.0, 1), (28.0, 10), (48.0, 20), (60.0, 1), (99.0, 20)]
    assert load("bench_train")._seconds_an_epoch(lines) == pytest.approx(38 / 19)


def test_a_section_of_the_results_takes_the_place_of_the_one_before(load, tmp_path: Path, monkeypatch) -> None:
    results = load("results")
    monkeypatch.setattr(results, "RESULTS", tmp_path / "RESULTS.md")
    for name, line in (("Training", "old"), ("Scale", "kept"), ("Training", "new")):
        results.write_section(name, [line])
    text = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert "old" not in text
    assert text.endswith("\n## Scale\n\nkept\n\n## Training\n\nnew\n")
    assert text.startswith("# Results")


def test_the_conditions_name_no_host_and_no_path(load) -> None:
    import platform

    line = load("results").conditions(("torch 1.0",))
    assert "torch 1.0" in line
    assert "cores" in line
    assert not platform.node() or platform.node() not in line
    assert str(Path.home()) not in line


def test_the_rate_of_tasks_is_counted_from_when_a_quarter_of_them_is_done(load) -> None:
    assert load("bench_tasks").rate_of([(0.0, 0), (10.0, 1), (11.0, 3), (14.0, 9)]) == pytest.approx(2)
    assert load("bench_tasks").rate_of([(0.0, 0), (1.0, 1), (9.0, 4), (11.0, 16)]) == pytest.approx(6)


def test_the_peak_of_a_process_is_not_that_of_the_one_that_started_it(load, monkeypatch) -> None:
    bench = load("bench_tasks")
    held = b"x" * 300_000_000
    monkeypatch.setattr(bench, "write_prices", lambda folder, tickers: None)
    monkeypatch.setattr(bench, "_OPTIONS", ("--help",))
    peak = bench.measure_peak(len(held[:1]))
    assert 10 < peak < 250


def test_two_processes_are_held_against_the_aim_and_the_memory_of_many_tickers_too(load) -> None:
    lines, missed = load("bench_tasks").report({1: 2.0, 2: 3.5}, {10: 100.0, 200: 130.0}, 20)
    assert "| 2 | 3.50 | 1.75 | 1.7 | met |" in lines
    assert missed
    assert lines[-1].endswith("+30 MB; the aim is 20 MB at most: missed.")


_FAKE = """
import sys, time
for epoch in (1, 3):
    print(f"epoch {epoch} of 3: loss 0.1", file=sys.stderr, flush=True)
    time.sleep(0.2)
print('{"run": "x", "seconds": 12.5, "epochs": 3}')
"""


def test_a_command_is_timed_by_its_lines_of_progress_and_its_document(load) -> None:
    timing = load("bench_train")._time([sys.executable, "-c", _FAKE])
    assert 0.05 <= timing.epoch < timing.command


def test_a_command_that_times_its_own_epochs_is_believed(load) -> None:
    assert load("bench_train")._time([sys.executable, "-c", "print('seconds_an_epoch 0.75')"]).epoch == 0.75


def test_ratios_are_taken_within_a_round_and_their_median_is_held_against_the_aim(load) -> None:
    bench = load("bench_train")
    rounds = [
        {"keras": bench.Timing(100.0, 2.0), "stockrnn": bench.Timing(share * 100, 1.0)} for share in (0.3, 0.4, 0.9)
    ]
    lines = bench._report(rounds)
    assert "| whole command / plain Keras | 0.300 | 0.400 | 0.900 | 0.45 | met |" in lines
    assert "| epoch / plain Keras | 0.500 | 0.500 | 0.500 | 0.30 | missed |" in lines
    assert not any("PyTorch" in line or "seeds" in line for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("bench_train.py", "--pairs", 1, "--epochs", 2, "--only", "keras", "seeds", "core"),
            "| epoch / plain Keras |",
        ),
        (("bench_scale.py", "--sizes", 1, 2, "--memory-tickers", 1), "| predict |"),
        (("bench_tasks.py", "--tickers", 1, "--jobs", 1, "--epochs", 1, "--memory-tickers", 1, 2), "| 1 | "),
    ],
)
def test_a_benchmark_runs_small_and_writes_nothing_unasked(arguments: tuple[object, ...], expected: str) -> None:
    before = {path: path.stat().st_mtime_ns for path in BENCHMARKS.iterdir() if path.is_file()}
    script, *options = map(str, arguments)
    # Aims may be missed in so small a run: that is answered by 1.
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / script), *options],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(BENCHMARKS.parent)},
    )
    assert done.returncode in (0, 1), done.stderr
    assert expected in done.stdout, done.stderr
    assert {path: path.stat().st_mtime_ns for path in BENCHMARKS.iterdir() if path.is_file()} == before
