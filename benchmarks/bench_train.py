"""Measure `stockrnn train` beside what people would otherwise run, in turns: `make bench`, some ten minutes.

A round runs each command once, every other round in the opposite order, so that a machine that grows slower or faster
favours nobody; a ratio is taken within a round. An epoch is the mean of those after the first. Of stockrnn it is timed
by the lines of progress on stderr: what a user gets, with callbacks, progress and Ctrl-C. PyTorch takes part where it is
installed, or under the interpreter that TORCH_PYTHON names.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from results import conditions, write_section

HERE = Path(__file__).parent
ROUNDS = 4
EPOCHS = 20


@dataclass(frozen=True)
class Timing:
    """Seconds of a whole command, and of an epoch after the first."""

    command: float
    epoch: float


Round = dict[str, Timing]


@dataclass(frozen=True)
class Ratio:
    """What is divided by what, and what it should be at most; None where there is no aim."""

    name: str
    of: Callable[[Round], float]
    needs: tuple[str, ...]
    aim: float | None = None


RATIOS = (
    Ratio("whole command / plain Keras", lambda r: r["stockrnn"].command / r["keras"].command, ("keras",), 0.45),
    Ratio("epoch / plain Keras", lambda r: r["stockrnn"].epoch / r["keras"].epoch, ("keras",), 0.30),
    Ratio("whole command / Keras with jit_compile", lambda r: r["stockrnn"].command / r["jit"].command, ("jit",)),
    Ratio("epoch / Keras with jit_compile", lambda r: r["stockrnn"].epoch / r["jit"].epoch, ("jit",)),
    Ratio("whole command / PyTorch", lambda r: r["stockrnn"].command / r["torch"].command, ("torch",)),
    Ratio("epoch / PyTorch", lambda r: r["stockrnn"].epoch / r["torch"].epoch, ("torch",), 0.85),
    Ratio(
        "two seeds, a core each / one seed on one core",
        lambda r: r["seeds"].command / r["core"].command,
        ("seeds", "core"),
        1.25,
    ),
    Ratio(
        "two seeds, a core each / one seed on all cores",
        lambda r: r["seeds"].command / r["stockrnn"].command,
        ("seeds",),
    ),
)

_TITLES = {
    "keras": "plain Keras",
    "stockrnn": "stockrnn train",
    "jit": "plain Keras, jit_compile",
    "torch": "plain PyTorch",
    "seeds": "stockrnn train, two seeds",
    "core": "stockrnn train, on one core",
}

# One network uses all cores; two have a core each. To compare like with like, one is held to a core as well.
_ON_ONE_CORE = """
import os, sys
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from stockrnn.cli.main import cli
cli(sys.argv[1:])
"""


def main() -> int:
    """Run the rounds, print the ratios; answer 1 where an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=ROUNDS, help="rounds")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="at least 2")
    parser.add_argument(
        "--only", nargs="+", choices=["keras", "jit", "torch", "seeds", "core"], help="compare with these alone"
    )
    parser.add_argument("--write", action="store_true", help="write benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    if arguments.epochs < 2:
        parser.error("an epoch is timed after the first: --epochs must be at least 2")
    setting = conditions(_torch_version())
    with tempfile.TemporaryDirectory() as folder:
        commands = _commands(arguments.epochs, Path(folder), arguments.only)
        _warm_up(Path(folder), arguments.only)
        rounds = [_round(commands, number) for number in range(arguments.pairs)]
    lines = _report(rounds)
    print("\n".join(lines))
    if arguments.write:
        title = f"{arguments.epochs} epochs of the tutorial's recipe, {len(rounds)} rounds."
        write_section("Training", [setting, "", title, "", *lines])
    return int(any("| missed |" in line for line in lines))


def _commands(epochs: int, folder: Path, only: list[str] | None) -> dict[str, list[str]]:
    ours = [
        sys.executable,
        "-m",
        "stockrnn",
        "train",
        "--json",
        "--runs",
        str(folder),
        "--set",
        f"train.epochs={epochs}",
    ]
    commands = {
        "keras": [sys.executable, str(HERE / "plain_keras.py"), str(epochs)],
        "stockrnn": ours,
        "jit": [sys.executable, str(HERE / "plain_keras.py"), str(epochs), "--jit"],
        "torch": [_torch_python(), str(HERE / "plain_torch.py"), str(epochs)],
        "seeds": [*ours, "--set", "train.seeds=[1,2]"],
        "core": [sys.executable, "-c", _ON_ONE_CORE, *ours[3:]],
    }
    if not _torch_version():
        del commands["torch"]
    if not hasattr(os, "sched_setaffinity"):
        del commands["core"]
    return {name: command for name, command in commands.items() if name == "stockrnn" or not only or name in only}


def _warm_up(folder: Path, only: list[str] | None) -> None:
    """Run each program for an epoch, so that the first round finds the files in memory as the others do."""
    for name, command in _commands(1, folder, only).items():
        if name not in ("jit", "seeds", "core"):
            _time(command)


def _round(commands: dict[str, list[str]], number: int) -> Round:
    order = list(commands) if number % 2 == 0 else list(reversed(commands))
    found = {}
    for name in order:
        found[name] = _time(commands[name])
        print(
            f"round {number + 1}, {name}: {found[name].command:.1f} s, epoch {found[name].epoch:.2f} s", file=sys.stderr
        )
    return found


def _time(command: list[str]) -> Timing:
    """Run a command; its epochs are timed by its own last line, or by the lines of progress of stockrnn."""
    started = time.perf_counter()
    epochs: list[tuple[float, int]] = []
    output = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", cwd=HERE.parent
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            output.append(line)
            if progress := re.match(r"(?:seed .*, )?epoch (\d+) of \d+: loss", line):
                epochs.append((time.perf_counter(), int(progress[1])))
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{''.join(output)}")
    text = "".join(output)
    if own := re.search(r"^seconds_an_epoch (\S+)$", text, re.MULTILINE):
        return Timing(seconds, float(own[1]))
    return Timing(seconds, _seconds_an_epoch(epochs))


def _seconds_an_epoch(lines: list[tuple[float, int]]) -> float:
    """Return the mean of the epochs after the first of the first seed; NaN where there was one only."""
    first = lines[: next((place for place in range(1, len(lines)) if lines[place][1] <= lines[place - 1][1]), None)]
    epochs = first[-1][1] - first[0][1]
    return (first[-1][0] - first[0][0]) / epochs if epochs else float("nan")


def _report(rounds: list[Round]) -> list[str]:
    lines = ["| ratio | least | median | most | aim | |", "|---|---|---|---|---|---|"]
    for ratio in RATIOS:
        if not rounds[0].keys() >= set(ratio.needs):
            continue
        found = sorted(ratio.of(each) for each in rounds)
        median = statistics.median(found)
        aim, met = ("", "") if ratio.aim is None else (f"{ratio.aim:.2f}", "met" if median <= ratio.aim else "missed")
        lines.append(f"| {ratio.name} | {found[0]:.3f} | {median:.3f} | {found[-1]:.3f} | {aim} | {met} |")
    lines += ["", "| seconds, median | whole command | an epoch after the first |", "|---|---|---|"]
    for name in rounds[0]:
        command, epoch = (
            statistics.median(getattr(each[name], what) for each in rounds) for what in ("command", "epoch")
        )
        lines.append(f"| {_TITLES[name]} | {command:.1f} | {epoch:.2f} |".replace(" nan ", " "))
    return lines


def _torch_python() -> str:
    return os.environ.get("TORCH_PYTHON", sys.executable)


@functools.cache
def _torch_version() -> tuple[str, ...]:
    """Return PyTorch and its version; nothing where there is none."""
    code = "import importlib.metadata as m; print('torch', m.version('torch'))"
    found = subprocess.run([_torch_python(), "-c", code], capture_output=True, text=True, check=False)
    return (found.stdout.strip(),) if found.returncode == 0 else ()


if __name__ == "__main__":
    sys.exit(main())
