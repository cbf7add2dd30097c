from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from stockrnn.cli.inspect import REPAIRS
from stockrnn.cli.main import cli
from stockrnn.prices.doctor.findings import RepairKind


def inspect(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["inspect", *map(str, arguments)])


@pytest.fixture
def mismatched(tmp_path: Path) -> Path:
    """Write two years of prices whose close is split-adjusted only from its row 250 on."""
    random = np.random.default_rng(1)
    close = 300 * np.exp(np.cumsum(random.normal(0, 0.01, 500)))
    frame = pd.DataFrame({"date": pd.bdate_range("2012-01-02", periods=500), "open": close * 1.001})
    frame = frame.assign(high=close * 1.01, low=close * 0.99, close=close, volume=1000)
    frame.loc[:249, "close"] *= 2
    path = tmp_path / "goog.csv"
    frame.to_csv(path, index=False, float_format="%.2f")
    return path


def test_the_finding_says_rows_dates_ratio_and_what_to_do(mismatched):
    result = inspect(mismatched, "--calendar", "24/5")
    assert result.exit_code == 0
    for part in ("250 rows", "2012-01-02 to 2012-12-14", "2x", "inspect --repair split", "[adjustment_mismatch]"):
        assert part in result.stdout


def test_the_calendar_that_was_supposed_is_named_and_one_that_was_named_is_not(mismatched, tmp_path):
    told = "Checked against the sessions of XNYS, as supposed; --calendar names another exchange."
    assert told in inspect(mismatched).stdout.splitlines()
    assert "as supposed" not in inspect(mismatched, "--calendar", "24/5").stdout
    frame = pd.read_csv(mismatched)
    frame.to_csv(tmp_path / "SHEL.L.csv", index=False)
    both = "Checked against the sessions of XLON, XNYS, as supposed; --calendar names another exchange."
    assert both in inspect(mismatched, tmp_path / "SHEL.L.csv").stdout.splitlines()
    weekly = tmp_path / "weekly.csv"
    frame.iloc[::5].to_csv(weekly, index=False)
    assert "as supposed" not in inspect(weekly).stdout


def test_json_is_one_document(mismatched):
    document = json.loads(inspect(mismatched, "--calendar", "24/5", "--json").stdout)
    assert list(document) == ["tickers"]
    (ticker,) = document["tickers"]
    assert (ticker["ticker"], ticker["interval"], ticker["sessions"]) == ("goog", "1d", 500)
    assert [(warning["code"], warning["rows"]) for warning in ticker["warnings"]] == [("adjustment_mismatch", 250)]


def test_the_repaired_copy_has_no_warning_and_the_input_is_what_it_was(mismatched, tmp_path):
    before = hashlib.sha256(mismatched.read_bytes()).hexdigest()
    fixed = tmp_path / "new" / "fixed.csv"
    result = inspect(mismatched, "--calendar", "24/5", "--repair", "split", "--out", fixed)
    assert result.exit_code == 0
    assert "250 rows changed" in result.stderr
    assert "nothing was to be repaired" not in result.stderr
    assert hashlib.sha256(mismatched.read_bytes()).hexdigest() == before
    assert "No warnings." in inspect(fixed, "--calendar", "24/5").stdout
    log = pd.read_csv(tmp_path / "new" / "fixed.csv.log.csv")
    assert (len(log), set(log["column"])) == (250, {"close"})
    assert log["after"].to_numpy() == pytest.approx(pd.read_csv(fixed)["close"][:250].to_numpy())


def test_where_nothing_is_to_be_repaired_the_copy_holds_the_same_prices_and_that_is_said(mismatched, tmp_path):
    fixed = tmp_path / "fixed.csv"
    result = inspect(mismatched, "--calendar", "24/5", "--repair", "duplicates", "--out", fixed)
    assert f"nothing was to be repaired: wrote {fixed} with the prices as they were" in result.stderr
    pd.testing.assert_frame_equal(pd.read_csv(fixed), pd.read_csv(mismatched), check_dtype=False)
    assert len(pd.read_csv(tmp_path / "fixed.csv.log.csv")) == 0


def test_the_repaired_copy_lies_beside_the_input_by_default(mismatched):
    inspect(mismatched, "--repair", "split", "--repair", "units")
    assert mismatched.with_name("goog-repaired.csv").exists()


def test_an_input_is_never_overwritten_not_even_by_force(mismatched):
    for target in (mismatched, mismatched.parent / "." / "goog.csv"):
        result = inspect(mismatched, "--repair", "split", "--out", target, "--force")
        assert (result.exit_code, "an input" in result.stderr) == (2, True)


def test_a_file_that_exists_is_replaced_only_by_force(mismatched, tmp_path):
    out = tmp_path / "fixed.csv"
    out.write_text("mine")
    result = inspect(mismatched, "--repair", "split", "--out", out)
    assert (result.exit_code, out.read_text(), result.stdout) == (2, "mine", "")
    assert inspect(mismatched, "--repair", "split", "--out", out, "--force").exit_code == 0
    assert out.read_text() != "mine"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--out", "x.csv"], 2, "--repair"),
        (["--repair", "split", "--out", "x.parquet"], 2, "CSV"),
        (["--repair", "everything"], 2, "everything"),
        (["--calendar", "XNYC"], 2, "XNYS"),
        (["--plot", "x.bmp"], 2, ".png"),
    ],
)
def test_what_cannot_be_done_is_one_line(mismatched, monkeypatch, tmp_path, arguments, code, words):
    monkeypatch.chdir(tmp_path)
    result = inspect(mismatched, *arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""
    assert not list(tmp_path.glob("x.*"))


def test_a_missing_file_is_exit_code_3(tmp_path):
    assert inspect(tmp_path / "none.csv").exit_code == 3


def test_a_picture_is_drawn(mismatched, tmp_path):
    assert inspect(mismatched, "--plot", tmp_path / "a.svg").exit_code == 0
    assert "adjustment_mismatch" in (tmp_path / "a.svg").read_text()


def test_the_bundled_prices_have_no_warnings():
    document = json.loads(inspect("bundled:googl", "--json").stdout)
    assert document["tickers"][0]["warnings"] == []


def test_the_choices_of_repair_are_the_repairs_that_there_are():
    assert get_args(RepairKind) == REPAIRS


def test_help_loads_no_stage():
    code = (
        "import sys; from click.testing import CliRunner; from stockrnn.cli.main import cli;"
        "CliRunner().invoke(cli, ['inspect', '--help']);"
        "print([name for name in ('pandas', 'matplotlib', 'tensorflow') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_conflicting_rows_are_found_and_repaired(mismatched, tmp_path):
    lines = mismatched.read_text().splitlines()
    wrong = lines[300].rsplit(",", 2)[0] + ",9.99,1000"
    mismatched.write_text("\n".join([*lines[:301], wrong, lines[400], *lines[301:]]))
    document = json.loads(inspect(mismatched, "--calendar", "24/5", "--json").stdout)
    found = {warning["code"]: warning["rows"] for warning in document["tickers"][0]["warnings"]}
    assert (found["conflicting_rows"], found["duplicate_rows"]) == (2, 1)
    fixed = tmp_path / "fixed.csv"
    inspect(mismatched, "--calendar", "24/5", "--repair", "duplicates", "--out", fixed)
    pd.testing.assert_frame_equal(pd.read_csv(fixed), pd.read_csv(StringIO("\n".join(lines))))
