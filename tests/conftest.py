"""What several test modules share: the command line, a trained run, builders of prices."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import curl_cffi.requests  # noqa: F401 (loaded before TensorFlow, whose own curl would take its place)
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from stockrnn.bundled import bundled_prices
from stockrnn.cli.main import cli
from stockrnn.prices.reader import read_prices
from stockrnn.prices.table import Prices, prices_table
from tests.prices.yahoo.redirected_client import yahoo_server
from tests.prices.yahoo.yahoo_fetching import server

__all__ = ["server", "yahoo_server"]

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

PricesBuilder = Callable[..., Prices]

# As `start_keras` does: what is imported stays, and looking through it for garbage takes a tenth of the fast tests' time.
gc.disable()


def pytest_collection_finish() -> None:
    """Let the garbage collector begin behind everything that is imported."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def make_prices() -> PricesBuilder:
    """Return a builder of prices: a random walk a ticker on weekdays, all four prices and the volume."""

    def build(
        sessions: int = 30, tickers: Sequence[str] = ("AAA",), first: str = "2020-01-01", seed: int = 0
    ) -> Prices:
        random = np.random.default_rng(seed)
        days = pd.bdate_range(first, periods=sessions)
        frames = []
        for ticker in tickers:
            close = 100 * np.exp(np.cumsum(0.01 * random.standard_normal(sessions)))
            open_ = close * np.exp(0.003 * random.standard_normal(sessions))
            frame = pd.DataFrame({"ticker": ticker, "session": days, "open": open_, "close": close, "volume": 1000.0})
            frames.append(
                frame.assign(high=1.01 * np.maximum(open_, close), low=0.99 * np.minimum(open_, close)),
            )
        return prices_table(pd.concat(frames), "a random walk")

    return build


@pytest.fixture(scope="session")
def make_swinging() -> PricesBuilder:
    """Return a builder of prices that go back half of each move on the next session, on the average; all columns."""

    def build(
        sessions: int = 500, tickers: Sequence[str] = ("AAA",), first: str = "2020-01-01", seed: int = 0
    ) -> Prices:
        random, days = np.random.default_rng(seed), pd.bdate_range(first, periods=sessions)
        frames = []
        for ticker in tickers:
            moves = 0.01 * random.standard_normal(sessions)
            for row in range(1, sessions):
                moves[row] -= 0.5 * moves[row - 1]
            close = 100 * np.exp(np.cumsum(moves))
            open_ = close * np.exp(-moves / 2)
            volume = np.round(1e6 * np.exp(0.3 * random.standard_normal(sessions)))
            frame = pd.DataFrame({"ticker": ticker, "session": days, "open": open_, "close": close, "volume": volume})
            frames.append(frame.assign(high=1.002 * np.maximum(open_, close), low=0.998 * np.minimum(open_, close)))
        return prices_table(pd.concat(frames), "a swing")

    return build


@pytest.fixture(scope="session")
def make_ramp() -> PricesBuilder:
    """Return a builder of prices that tell where they stand: row t of ticker k opens at 1000 k + t, and closes 0.5 higher."""

    def build(sessions: int = 30, tickers: Sequence[str] = ("AAA",), first: str = "2020-01-01") -> Prices:
        days = pd.bdate_range(first, periods=sessions)
        frames = [
            pd.DataFrame({"ticker": name, "session": days, "open": 1000.0 * number + np.arange(sessions)})
            for number, name in enumerate(tickers, start=1)
        ]
        return prices_table(pd.concat(frames).assign(close=lambda frame: frame["open"] + 0.5), "a ramp")

    return build


@pytest.fixture(scope="session")
def bundled() -> Prices:
    """Return the bundled prices of the tutorial."""
    return read_prices(bundled_prices("googl")).rename(index=str.upper, level="ticker")


@pytest.fixture
def run_cli():
    """Run the command line in this process."""

    def run(*args: object, code: int | None = 0) -> Result:
        result = CliRunner().invoke(cli, [str(arg) for arg in args])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert code is None or result.exit_code == code, result.output
        return result

    return run


@pytest.fixture(scope="session")
def smoke_training(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Train the tiny recipe once; its run folder and what was printed."""
    runs = tmp_path_factory.mktemp("smoke") / "runs"
    result = CliRunner().invoke(cli, ["train", "--config", "smoke", "--runs", str(runs)])
    assert result.exit_code == 0, result.output
    return runs / "smoke", result.stdout


@pytest.fixture(scope="session")
def trained_smoke(smoke_training: tuple[Path, str]) -> Path:
    """A run folder of the tiny recipe; do not write into it."""
    return smoke_training[0]


@pytest.fixture(scope="session")
def smoke_output(smoke_training: tuple[Path, str]) -> str:
    """What the training of the tiny recipe printed."""
    return smoke_training[1]


@pytest.fixture
def smoke_run(trained_smoke: Path, tmp_path: Path) -> Path:
    """A copy of the trained run folder that a test may damage."""
    return Path(shutil.copytree(trained_smoke, tmp_path / "copied" / "smoke"))
