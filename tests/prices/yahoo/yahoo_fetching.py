"""What the tests of `stockrnn fetch` share: a server with one ticker, and the command in a folder of its own."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from stockrnn.cli.main import cli
from stockrnn.prices.yahoo.cache import stored_path
from tests.prices.yahoo.yahoo_server import Stock, YahooServer, ramp

FIRST, LAST = date(2017, 10, 2), date(2018, 1, 10)
RANGE = ["--start", "2017-11-01", "--end", "2017-11-30"]


@pytest.fixture
def server(yahoo_server: YahooServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> YahooServer:
    monkeypatch.chdir(tmp_path)
    yahoo_server.stocks["GOOG"] = Stock(ramp(FIRST, LAST))
    return yahoo_server


def fetch(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(cli, ["fetch", *words])
    assert result.exit_code == code, (result.stdout, result.stderr, result.exception)
    assert "Traceback" not in result.stderr
    return result


def one(*words: str) -> dict[str, Any]:
    document = json.loads(fetch(*words, "--json").stdout)
    assert document["failed"] == []
    return document["tickers"][0]


def prices(name: str = "GOOG") -> pd.DataFrame:
    return pd.read_csv(Path("prices") / f"{name}.csv", index_col="date")


def error_line(result: Result) -> str:
    lines = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1
    assert result.stdout == ""
    return lines[0]


def cache_bytes(ticker: str = "GOOG", interval: str = "1d") -> bytes:
    return stored_path(ticker, interval).read_bytes()
