"""Measure how time and memory of stockrnn grow with the tickers: `make bench-scale`, some three minutes.

Made-up prices of 1, 10, 100 and 1000 tickers, a thousand sessions each. Each stage runs in a process of its own:

    read      a long CSV to the prices table
    window    the prices table to scaled windows
    epoch     the second epoch of a small network: the first one also traces it
    train     all that `stockrnn train` does with the CSV and two such epochs, but for starting Python and TensorFlow
    predict   all that `stockrnn predict` does with that run, one day ahead

Memory is the growth of the peak resident size after the imports. The log-log slope is the least-squares one of log seconds
on log tickers over the sizes that take at least twice as long as one ticker does (there the fixed costs do not dominate),
the two largest at least. Beside it: the memory of training 500 tickers of 2,500 sessions and 8 features.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from results import conditions, write_section

try:
    import resource
except ImportError:  # Windows has no resource usage: only time is measured there
    resource = None

SIZES = (1, 10, 100, 1000)
SESSIONS = 1000
STAGES = ("read", "window", "epoch", "train", "predict")
SLOPE_AIM = 1.05
MEMORY_AIM = 1.5e9
MEMORY_CASE = {"tickers": 500, "sessions": 2500, "features": 8}

_FIRST_SESSION = "2014-01-01"
_OVERRIDES = (
    'data.train=["2014-01-01","2016-12-31"]',
    'data.test=["2017-01-01","2017-12-31"]',
    "window.lookback=10",
    "model.units=8",
    "train.batch_size=256",
    "train.epochs=2",
)

Measured = dict[str, float]


def main() -> int:
    """Measure all sizes, print the tables; answer 1 where an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of tickers")
    parser.add_argument("--memory-tickers", type=int, default=MEMORY_CASE["tickers"])
    parser.add_argument("--write", action="store_true", help="write benchmarks/RESULTS.md")
    parser.add_argument("--stage", choices=[*STAGES, "memory"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.stage:
        print(json.dumps(_RUN[arguments.stage](arguments.folder, arguments.memory_tickers)))
        return 0
    setting = conditions()
    found = {size: _measure_size(size) for size in sorted(arguments.sizes)}
    memory = _run_stage("memory", Path(), arguments.memory_tickers)
    lines, missed = _report(found, memory, arguments.memory_tickers)
    print("\n".join(lines))
    if arguments.write:
        write_section("Scale", [setting, "", *lines])
    return int(missed)


def _measure_size(tickers: int) -> dict[str, Measured]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_prices(folder, tickers)
        found = {}
        for stage in STAGES:
            found[stage] = _run_stage(stage, folder)
            seconds, peak = found[stage]["seconds"], found[stage]["peak"] / 1e6
            print(f"{tickers} tickers, {stage}: {seconds:.2f} s, {peak:.0f} MB", file=sys.stderr)
        return found


def _run_stage(stage: str, folder: Path, memory_tickers: int = 1) -> Measured:
    command = [sys.executable, __file__, "--stage", stage, "--folder", str(folder)]
    done = subprocess.run(
        [*command, "--memory-tickers", str(memory_tickers)], stdout=subprocess.PIPE, text=True, check=True
    )
    found: Measured = json.loads(done.stdout.splitlines()[-1])
    return found


def write_prices(folder: Path, tickers: int, sessions: int = SESSIONS) -> None:
    """Write random walks as a long CSV, and as the Parquet file that the stages after reading start from."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    generator = np.random.default_rng(0)
    opened = np.round(50 * np.exp(np.cumsum(generator.normal(0, 0.01, (tickers, sessions)), axis=1)), 4)
    close = np.round(opened * (1 + generator.normal(0, 0.003, opened.shape)), 4)
    days = pd.bdate_range(_FIRST_SESSION, periods=sessions)
    columns = {
        "date": pa.array(np.tile(days.to_numpy().astype("datetime64[D]"), tickers)),
        "ticker": np.repeat([f"T{number:04d}" for number in range(tickers)], sessions),
        "open": opened.ravel(),
        "high": np.round(np.maximum(opened, close) * 1.004, 4).ravel(),
        "low": np.round(np.minimum(opened, close) * 0.996, 4).ravel(),
        "close": close.ravel(),
        "volume": generator.integers(1_000, 10_000_000, opened.size),
    }
    table = pa.table(columns)
    pa.csv.write_csv(table, folder / "prices.csv")
    pa.parquet.write_table(table, folder / "prices.parquet")


@contextmanager
def _measuring(found: Measured) -> Iterator[None]:
    """Measure a block: its seconds, and how far the peak of the resident size grows in it, in bytes."""
    before, started = _peak(), time.perf_counter()
    yield
    found["seconds"] = time.perf_counter() - started
    found["peak"] = _peak() - before


def _peak() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit if resource else 0


def _read(folder: Path, _tickers: int) -> Measured:
    from stockrnn.prices.reader import read_prices

    found: Measured = {}
    with _measuring(found):
        read_prices(folder / "prices.csv")
    return found


def _window(folder: Path, _tickers: int) -> Measured:
    job = _prepared(folder)
    from stockrnn.workflows.fit import make_samples

    found: Measured = {}
    with _measuring(found):
        make_samples(job, job.split)
    return found


def _prepared(folder: Path):
    from stockrnn.prices.table import prices_table, sessions_of
    from stockrnn.recipes import load_recipe
    from stockrnn.samples.splits import split_sessions
    from stockrnn.workflows.job import TrainJob

    _start_keras()
    config = load_recipe("smoke", _OVERRIDES).config
    prices = prices_table(pd.read_parquet(folder / "prices.parquet").rename(columns={"date": "session"}), "made up")
    split, _ = split_sessions(sessions_of(prices), config.data, config.window.lookback + 1, True)
    return TrainJob(config, prices, (str(folder),), split, "none", None)


def _epoch(folder: Path, _tickers: int) -> Measured:
    job = _prepared(folder)
    from stockrnn.workflows.fit import make_samples

    samples = make_samples(job, job.split)
    found: Measured = {}
    with _measuring(found):
        ends = _train_network(samples, job.config)
    found["seconds"] = ends[1] - ends[0]
    return found


def _train_network(samples, config) -> list[float]:
    """Train, and return when each epoch ended."""
    from stockrnn.models.architectures import build_network
    from stockrnn.models.runtime import seed_keras
    from stockrnn.models.training import train_network

    seed_keras(1)
    network = build_network(config.model, config.window, samples.windows.features.shape[1], config.outputs)
    ends: list[float] = []
    train_network(network, samples, config.train, 1, lambda _: ends.append(time.perf_counter()))
    return ends


def _train(folder: Path, _tickers: int) -> Measured:
    _start_keras()
    from stockrnn.recipes import load_recipe
    from stockrnn.runs.places import RunPlace
    from stockrnn.workflows.preparation import TrainRequest
    from stockrnn.workflows.train import TrainHooks, train
    from stockrnn.workflows.trained_seed import unheard

    place = RunPlace(folder / "runs", "scale", "scale")
    request = TrainRequest(load_recipe("smoke", _OVERRIDES), place, (str(folder / "prices.csv"),))
    found: Measured = {}
    with _measuring(found):
        train(request, TrainHooks(_ignore, lambda _: unheard))
    return found


def _predict(folder: Path, _tickers: int) -> Measured:
    from stockrnn.workflows.predict import PredictRequest, predict

    found: Measured = {}
    with _measuring(found):
        predict(PredictRequest(folder / "runs" / "scale"), _ignore)
    return found


def _memory(_folder: Path, tickers: int) -> Measured:
    """Train an epoch of tickers laid one after the other, with the tutorial's lookback and made-up scaled features."""
    from stockrnn.recipes import load_recipe
    from stockrnn.samples.encoding import Encoding
    from stockrnn.samples.outputs import OutputLayout
    from stockrnn.samples.samples import TrainingSamples
    from stockrnn.samples.windows import Windows, origins_within, targets_ahead

    _start_keras()
    config = load_recipe("smoke", [*_OVERRIDES, "window.lookback=60", "train.epochs=1"]).config
    sessions, features, lookback = MEMORY_CASE["sessions"], MEMORY_CASE["features"], config.window.lookback
    found: Measured = {}
    with _measuring(found):
        values = np.random.default_rng(0).random((tickers * sessions, features), dtype=np.float32)
        starts = range(0, len(values), sessions)
        origins = [origins_within(start, start + sessions - 1, lookback, 1, start) for start in starts]
        windows = Windows(values, targets_ahead(values[:, 0].copy(), 1), np.concatenate(origins), lookback)
        points = Encoding((), (), OutputLayout((config.target.column,), 1), {})
        _train_network(TrainingSamples(windows, None, points), config)
    return found


def _start_keras() -> None:
    from stockrnn.models.runtime import start_keras

    start_keras(_ignore)  # before anything that imports TensorFlow with all its noise
    import stockrnn.workflows.train  # noqa: F401 (what is imported is not measured)


def _ignore(_message: str) -> None:
    """Hear and forget."""


_RUN: dict[str, Callable[[Path, int], Measured]] = {
    "read": _read,
    "window": _window,
    "epoch": _epoch,
    "train": _train,
    "predict": _predict,
    "memory": _memory,
}


def slope_of(seconds: dict[int, float]) -> tuple[float, list[int]]:
    """Return the log-log slope of seconds by tickers, and the sizes that it was computed from."""
    sizes = sorted(seconds)
    used = [size for size in sizes if seconds[size] >= 2 * seconds[sizes[0]]]
    used = used if len(used) >= 2 else sizes[-2:]
    slope = np.polyfit(np.log(used), np.log([seconds[size] for size in used]), 1)[0]
    return float(slope), used


def _report(found: dict[int, dict[str, Measured]], memory: Measured, tickers: int) -> tuple[list[str], bool]:
    sizes = list(found)
    heads = " | ".join(f"{size:,} tickers" for size in sizes)
    lines = [f"| seconds (MB) | {heads} | slope | from | |", "|---" * (len(sizes) + 4) + "|"]
    missed = False
    for stage in STAGES:
        cells = [f"{found[size][stage]['seconds']:.3g} ({found[size][stage]['peak'] / 1e6:.0f})" for size in sizes]
        slope, used = slope_of({size: found[size][stage]["seconds"] for size in sizes})
        missed |= slope > SLOPE_AIM
        verdict = "met" if slope <= SLOPE_AIM else "missed"
        lines.append(f"| {stage} | {' | '.join(cells)} | {slope:.2f} | {used[0]:,} to {used[-1]:,} | {verdict} |")
    enough = memory["peak"] <= MEMORY_AIM
    lines += [
        "",
        f"{SESSIONS:,} sessions a ticker; the slope should be at most {SLOPE_AIM}, over the sizes where fixed costs do not dominate.",
        "",
        f"Training {tickers:,} tickers x {MEMORY_CASE['sessions']:,} sessions x {MEMORY_CASE['features']} features, lookback 60: "
        f"{memory['peak'] / 1e6:,.0f} MB beyond TensorFlow's own; the aim is {MEMORY_AIM / 1e6:,.0f} MB: {'met' if enough else 'missed'}.",
        f"An epoch of them took {memory['seconds']:.0f} s, tracing included.",
    ]
    return lines, missed or not enough


if __name__ == "__main__":
    sys.exit(main())
