"""Measure the throughput of a backtest's tasks, and the memory of the process that hands them out: `make bench-tasks`.

Made-up prices; a network for each ticker (`--pool each`). Two questions:

    throughput   tasks a second with 1, 2, ... processes, 20 tickers: two should give 1.7 times those of one on two cores
    memory       the peak of the command's own process with 10 and with 200 tickers, whose processes read and judge; the
                 networks are as small as can be, because nothing of them is in that process

Each command is a process of its own. Its start, the reading and the judging are not part of the throughput: the clock runs
from the line of progress that tells that a quarter of the tasks is done to the last, so that each process has loaded
TensorFlow before it starts.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_scale import write_prices
from results import conditions, write_section

try:
    import resource
except ImportError:  # Windows has no resource usage: memory is not measured there
    resource = None

TICKERS = 20
MEMORY_TICKERS = (10, 200)
AIM = 1.7
# Growth of the peak that is still called none: what the lists of names and the scores take.
MEMORY_AIM_MB = 20.0

_OPTIONS = (
    "--config", "smoke", "--from", "2017-01-01", "--to", "2017-09-30", "--pool", "each",
    "--set", 'data.train=["2014-01-01","2016-12-31"]', "--set", "window.lookback=20", "--set", "model.units=16",
)  # fmt: skip
# For the memory: as many tickers and tasks, but one fold, and next to nothing to compute.
_SMALLEST = (
    "--set", "train.epochs=1", "--set", "train.batch_size=256", "--set", "window.lookback=2", "--set", "model.units=1",
    "--refit-every", "400", "--origins", "20",
)  # fmt: skip
_PROGRESS = re.compile(r"(\d+) of (\d+) tasks done")

# Linux hands the resource usage of the process that starts another on to it: only its own high-water mark is its own.
_WITH_PEAK = """
import json, re, resource, sys
from pathlib import Path
from stockrnn.cli.main import cli
code = cli.main(sys.argv[1:], standalone_mode=False)
own = Path("/proc/self/status")
if own.exists():
    peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", own.read_text())[1])
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"peak": peak}), file=sys.stderr)
sys.exit(code)
"""


def main() -> int:
    """Measure, print the tables; answer 1 where an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickers", type=int, default=TICKERS)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--memory-tickers", type=int, nargs=2, default=list(MEMORY_TICKERS))
    parser.add_argument("--write", action="store_true", help="write benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    setting = conditions()
    rates = measure_throughput(arguments.tickers, arguments.jobs, arguments.epochs)
    peaks = {tickers: measure_peak(tickers) for tickers in arguments.memory_tickers} if resource else {}
    lines, missed = report(rates, peaks, arguments.tickers)
    print("\n".join(lines))
    if arguments.write:
        write_section("Tasks", [setting, "", *lines])
    return int(missed)


def measure_throughput(tickers: int, jobs: list[int], epochs: int) -> dict[int, float]:
    """Return tasks a second by number of processes."""
    with tempfile.TemporaryDirectory() as name:
        write_prices(Path(name), tickers)
        found = {}
        for count in jobs:
            # Many folds: each process has loaded TensorFlow long before a quarter of the tasks is done.
            arguments = [*_OPTIONS, "--set", f"train.epochs={epochs}", "--refit-every", "21", "--jobs", str(count)]
            found[count] = rate_of(_times(Path(name), arguments))
            print(f"{count} processes: {found[count]:.2f} tasks a second", file=sys.stderr)
        return found


def _times(folder: Path, arguments: list[str]) -> list[tuple[float, int]]:
    """Run a backtest, and return when how many tasks were done."""
    command = [sys.executable, "-m", "stockrnn", "backtest", "prices.csv", *arguments]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr
        lines = ((time.perf_counter(), _PROGRESS.match(line)) for line in process.stderr)
        times = [(at, int(progress[1])) for at, progress in lines if progress]
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return times


def rate_of(times: list[tuple[float, int]]) -> float:
    """Return tasks a second from the first line that tells of a quarter of the tasks to the last."""
    worked = [(at, done) for at, done in times if done >= times[-1][1] / 4]
    (begin, before), (end, after) = worked[0], worked[-1]
    return (after - before) / (end - begin)


def measure_peak(tickers: int) -> float:
    """Return the peak resident size in MB of a command's own process."""
    with tempfile.TemporaryDirectory() as name:
        write_prices(Path(name), tickers)
        arguments = [*_OPTIONS, *_SMALLEST, "--jobs", "2"]
        done = subprocess.run(
            [sys.executable, "-c", _WITH_PEAK, "backtest", "prices.csv", *arguments],
            cwd=name,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            check=True,
        )
    unit = 1 if sys.platform == "darwin" else 1024
    peak = json.loads(done.stderr.splitlines()[-1])["peak"] * unit / 1e6
    print(f"{tickers} tickers: {peak:.0f} MB", file=sys.stderr)
    return float(peak)


def report(rates: dict[int, float], peaks: dict[int, float], tickers: int) -> tuple[list[str], bool]:
    """Return the tables, and whether an aim was missed."""
    fewest = min(rates)
    lines = [
        f"{tickers} tickers, a network each, refitted every 21 sessions; half of the tasks are fits, half naive forecasts.",
        "",
        "| processes | tasks a second | ratio | aim | |",
    ]
    lines.append("|---|---|---|---|---|")
    missed = False
    for count, rate in rates.items():
        ratio = rate / rates[fewest]
        aimed = count == 2 * fewest
        missed |= aimed and ratio < AIM
        verdict = ("met" if ratio >= AIM else "missed") if aimed else ""
        lines.append(f"| {count} | {rate:.2f} | {ratio:.2f} | {AIM if aimed else ''} | {verdict} |")
    if peaks:
        (few, least), (many, most) = peaks.items()
        grown = most - least
        missed |= grown > MEMORY_AIM_MB
        verdict = "met" if grown <= MEMORY_AIM_MB else "missed"
        lines += [
            "",
            f"Peak of the command's own process: {least:.0f} MB with {few:,} tickers, {most:.0f} MB with {many:,}: "
            f"{grown:+.0f} MB; the aim is {MEMORY_AIM_MB:.0f} MB at most: {verdict}.",
        ]
    return lines, missed


if __name__ == "__main__":
    sys.exit(main())
