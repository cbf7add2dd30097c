"""What several test modules share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stockrnn.cli.main import cli

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


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
def trained_smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder of the tiny recipe, trained once; do not write into it."""
    runs = tmp_path_factory.mktemp("smoke") / "runs"
    result = CliRunner().invoke(cli, ["train", "--config", "smoke", "--runs", str(runs)])
    assert result.exit_code == 0, result.output
    return runs / "smoke"


@pytest.fixture
def smoke_run(trained_smoke: Path, tmp_path: Path) -> Path:
    """A copy of the trained run folder that a test may damage."""
    return Path(shutil.copytree(trained_smoke, tmp_path / "copied" / "smoke"))
