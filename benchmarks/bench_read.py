"""Measure how long and how much memory reading a long CSV of 100 MB takes, beside a bare `pandas.read_csv` of it.

Run it with `make bench-read`. Each reading runs in a process of its own; memory is the growth of the peak resident size
after the imports. The aim: under 4 times the time of pandas, and under 4 times the memory of its frame.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

TICKERS = 2_000
MEGABYTES = 100
AIM = 4.0
ROUNDS = 5

_PREPARE = """
import json, sys, time
try:
    import resource
except ImportError:  # Windows has no resource usage: only the time is measured there
    resource = None
def peak():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit if resource else 0
"""
_MEASURE = """
before, start = peak(), time.perf_counter()
answer = read(sys.argv[1])
seconds = time.perf_counter() - start
frame = int(answer.memory_usage(deep=True).sum())
print(json.dumps({"seconds": seconds, "peak": peak() - before, "frame": frame}))
"""
_READERS = {
    "pandas": "import pandas\ndef read(path): return pandas.read_csv(path)\n",
    "stockrnn": "from stockrnn.prices.reader import read_prices\ndef read(path): return read_prices(path)\n",
}


def write_prices(path: Path, megabytes: int = MEGABYTES, tickers: int = TICKERS) -> int:
    """Write a long CSV of random walks, as large as asked for, and return its rows."""
    generator = np.random.default_rng(0)
    sessions = int(megabytes * 1e6 / 58 / tickers)
    days = np.busday_offset("2015-01-01", np.arange(sessions), roll="forward").astype(str)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("date,ticker,open,high,low,close,volume\n")
        for number in range(tickers):
            close = 50 * np.exp(np.cumsum(generator.normal(0, 0.01, sessions)))
            opened = close * (1 + generator.normal(0, 0.003, sessions))
            high, low = np.maximum(opened, close) * 1.004, np.minimum(opened, close) * 0.996
            volume = generator.integers(1_000, 10_000_000, sessions)
            bars = zip(days, opened, high, low, close, volume, strict=True)
            file.writelines(
                f"{day},T{number:04d},{o:.4f},{h:.4f},{lo:.4f},{c:.4f},{v}\n" for day, o, h, lo, c, v in bars
            )
    return sessions * tickers


def measure(reader: str, path: Path) -> dict[str, float]:
    """Return seconds, peak growth in bytes and frame size in bytes of one reading in a process of its own."""
    code = _PREPARE + _READERS[reader] + _MEASURE
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> int:
    """Print both readings and their ratios; answer 1 where an aim is missed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.csv"
        rows = write_prices(path)
        print(
            f"{path.stat().st_size / 1e6:.0f} MB, {TICKERS:,} tickers, {rows:,} rows; the best of {ROUNDS} readings each, in turns"
        )
        rounds = [{name: measure(name, path) for name in _READERS} for _ in range(ROUNDS)]
    best = {name: min((found[name] for found in rounds), key=lambda one: one["seconds"]) for name in _READERS}
    for name, found in best.items():
        print(
            f"{name:10} {found['seconds']:6.2f} s   peak growth {found['peak'] / 1e6:6.0f} MB   frame {found['frame'] / 1e6:6.0f} MB"
        )
    time_ratio = best["stockrnn"]["seconds"] / best["pandas"]["seconds"]
    memory_ratio = best["stockrnn"]["peak"] / best["pandas"]["frame"]
    print(f"time {time_ratio:.2f} x pandas, memory {memory_ratio:.2f} x its frame; the aim is under {AIM:g} x both")
    return int(time_ratio >= AIM or memory_ratio >= AIM)


if __name__ == "__main__":
    sys.exit(main())
