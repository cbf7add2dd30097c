"""Measure what the recommended recipe is worth beside bands: `make bench-accuracy`, on the validation years.

    make bench-accuracy            # years on which recipes are chosen
    make bench-accuracy FINAL=1    # the test years too: look at them last
    make bench-accuracy WINDOWS=1  # and training on stretches beside training on one-step windows

    python benchmarks/bench_accuracy.py --unseen PRICES FROM TO FROM TO    # your own prices: training, then test sessions

Every training is a command of its own, as a user would type it. PANEL names a long file of many tickers with adjusted
closes; without one there, only the bundled prices are measured. CRPS is that of 100 x log price, one session ahead; t is
the Diebold-Mariano statistic by day (Harvey, Leybourne and Newbold's correction) of bands against the network: positive
where the network is better. Sessions on which a price steps by more than half stay in the forecasts and are left out here.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from results import conditions, write_section

from stockrnn.evaluation.quantile_metrics import pinball_losses
from stockrnn.evaluation.significance import compare_losses
from stockrnn.forecasts.table import QUANTILE_COLUMNS

ACCURACY = Path(__file__).parent / "ACCURACY.md"
PANEL = Path(os.environ.get("PANEL", "../shared/panels/acl18.csv.gz"))
SEEDS = int(os.environ.get("SEEDS", "3"))
_TITLE = "# Accuracy of the recommended recipe\n\nWritten by `make bench-accuracy`, `FINAL=1` and `WINDOWS=1`, and by `bench_accuracy.py --unseen`.\n"
_STEP = 0.5
_BANDS = ("ewma_bands", "har_bands")


@dataclass(frozen=True)
class Case:
    """A set of prices, trained on some years and looked at on others."""

    name: str
    prices: tuple[str, ...]
    train: tuple[str, str]
    test: tuple[str, str]
    is_final: bool = False


def cases(final: bool) -> list[Case]:
    """Return what is measured: the years to choose on, and with `final` the test years."""
    googl = [Case(f"GOOGL {year}", (), ("2009-05-22", f"{year - 1}-12-31"), (f"{year}-01-01", f"{year}-12-31"),
                  year == 2017) for year in (2014, 2015, 2016, 2017)]  # fmt: skip
    panel = [
        Case("panel 2015", (str(PANEL),), ("2012-09-04", "2014-12-31"), ("2015-01-01", "2015-12-31")),
        Case("panel 2016-17", (str(PANEL),), ("2012-09-04", "2015-12-31"), ("2016-01-01", "2017-12-31"), True),
    ]
    return [case for case in (*(panel if PANEL.is_file() else ()), *googl) if final or not case.is_final]


def train(case: Case, seeds: list[int], folder: Path, overrides: tuple[str, ...] = ()) -> tuple[Path, dict]:
    """Train the recommended recipe, and return the run folder and what `train --json` said."""
    settings = (
        f'data.train=["{case.train[0]}", "{case.train[1]}"]',
        f'data.test=["{case.test[0]}", "{case.test[1]}"]',
        f"train.seeds={seeds}",
        *overrides,
    )
    options = [word for setting in settings for word in ("--set", setting)]
    command = [sys.executable, "-m", "stockrnn", "train", *case.prices, "--config", "recommended", "--adjust", "all"]
    done = subprocess.run(
        [*command, *options, "--runs", str(folder), "--json"], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    document = json.loads(done.stdout)
    return Path(document["run"]), document


def losses_of(run: Path) -> pd.DataFrame:
    """Return the CRPS of each row by forecaster, with the day and whether the actual lay in the 90 % range."""
    table = pd.read_parquet(run / "forecasts.parquet")
    table = table[(table["horizon"] == 1) & table["forecaster"].isin(("network", *_BANDS)) & table["actual"].notna()]
    close = pd.read_parquet(run / "prices.parquet")["close"]
    last = close.reindex(pd.MultiIndex.from_frame(table[["ticker", "origin"]])).to_numpy()
    quantiles = 100 * np.log(np.maximum(table[list(QUANTILE_COLUMNS)].to_numpy(), 1e-8))
    actual = table["actual"].to_numpy()
    return pd.DataFrame(
        {
            "forecaster": table["forecaster"].to_numpy(),
            "day": table["session"].to_numpy(),
            "crps": 2 * pinball_losses(100 * np.log(actual), quantiles),
            "inside": (100 * np.log(actual) >= quantiles[:, 0]) & (100 * np.log(actual) <= quantiles[:, -1]),
            "steps": np.abs(actual / last - 1) > _STEP,
        }
    )


def measure(case: Case, folder: Path) -> str:
    """Return a row of the table for one case."""
    alone = [train(case, [seed], folder) for seed in range(1, SEEDS + 1)]
    own = [_crps(losses_of(run), "network") for run, _ in alone]
    run, _ = train(case, list(range(1, SEEDS + 1)), folder)
    losses = losses_of(run)
    t = {bands: _statistic(losses, bands) for bands in _BANDS}
    seconds = np.median([document["seconds"] for _, document in alone])
    used = losses[(losses["forecaster"] == "network") & ~losses["steps"]]
    left_out = int(losses[losses["forecaster"] == "network"]["steps"].sum())
    return (
        f"| {case.name} | {len(used)} | {left_out} | {_crps(losses, 'ewma_bands'):.4f} | {_crps(losses, 'har_bands'):.4f} | "
        f"{np.mean(own):.4f} ({min(own):.4f} to {max(own):.4f}) | {_crps(losses, 'network'):.4f} | {t['ewma_bands']:.1f} | "
        f"{t['har_bands']:.1f} | {used['inside'].mean():.3f} | {seconds:.1f} |"
    )


def _crps(losses: pd.DataFrame, forecaster: str) -> float:
    return float(losses[(losses["forecaster"] == forecaster) & ~losses["steps"]]["crps"].mean())


def _statistic(losses: pd.DataFrame, bands: str) -> float:
    used = losses[~losses["steps"]]
    by_name = {name: used[used["forecaster"] == name] for name in (bands, "network")}
    days = by_name["network"]["day"].to_numpy()
    found = compare_losses(days, by_name[bands]["crps"].to_numpy(), by_name["network"]["crps"].to_numpy(), 1)
    return found.t if found.t is not None else float("nan")


def windows_beside_stretches(folder: Path) -> list[str]:
    """Return lines that compare training on stretches with training on one-step windows, on the panel's validation year."""
    case = cases(final=False)[0]
    ways = {
        "stretches (many-to-many)": (),
        "one-step windows": ("model.shape=many_to_one", "train.warm_up=0", "train.stride=1"),
    }
    rows = []
    for name, overrides in ways.items():
        run, document = train(case, [1], folder, overrides)
        rows.append(f"| {name} | {_crps(losses_of(run), 'network'):.4f} | {document['seconds']:.0f} |")
    return [f"One seed on {case.name}:", "", "| training on | CRPS | seconds |", "|---|---|---|", *rows]


def unseen_cases(given: list[list[str]]) -> list[Case]:
    """Return the cases of prices that the user gives: a file, and the first and last session of training and of the test."""
    return [Case(f"{Path(file).stem}, {a[:4]}-{b[:4]}", (file,), (c, d), (a, b)) for file, c, d, a, b in given]


def table_of(measured: list[Case], folder: Path) -> list[str]:
    """Measure cases, print a table of them row by row, and return its lines."""
    lines = [
        conditions(),
        "",
        f"CRPS of 100 x log price, next close; {SEEDS} seeds alone (mean, lowest to highest) and together.",
        "",
        "| prices, years | forecasts | left out | EWMA bands | HAR bands | a network alone | together | t, EWMA | t, HAR | in 90 % range | s a seed |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    print("\n".join(lines), flush=True)
    for case in measured:
        lines.append(measure(case, folder))
        print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Measure, print, and write the file of results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--final", action="store_true", help="the test years too")
    parser.add_argument("--windows", action="store_true", help="also train on one-step windows: many minutes")
    names = ("PRICES", "FROM", "TO", "TEST_FROM", "TEST_TO")
    parser.add_argument("--unseen", nargs=5, metavar=names, action="append", help="measure these prices and no others")
    options = parser.parse_args()
    if not PANEL.is_file():
        print(f"There is no panel at {PANEL}: only the bundled prices are measured.", file=sys.stderr)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if options.unseen:
            _write("Prices on which nothing of the recipe was chosen", table_of(unseen_cases(options.unseen), folder))
            return
        years = "the years it was chosen on" + (", and its test years" if options.final else "")
        _write("The recipe on " + years, table_of(cases(options.final), folder))
        if options.windows and PANEL.is_file():
            found = windows_beside_stretches(folder)
            print("\n" + "\n".join(found), flush=True)
            _write("Training on stretches and on windows", [conditions(), "", *found])


def _write(heading: str, lines: list[str]) -> None:
    write_section(heading, lines, ACCURACY, _TITLE)


if __name__ == "__main__":
    main()
