"""The options that say what price files cannot say themselves."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner

from stockrnn.cli.options import read_options_from, reading_options


@click.command()
@reading_options
def show(**options: Any) -> None:
    """Print what the options say."""
    click.echo(repr(read_options_from(options)))


def run(*arguments: str) -> str:
    result = CliRunner().invoke(show, arguments)
    assert result.exit_code == 0, result.output
    return result.output.strip()


def test_without_options_the_files_decide() -> None:
    assert run().endswith("date_order=None, decimal=None, columns={})")


def test_every_option_reaches_the_reader() -> None:
    said = run("--date-order", "dmy", "--decimal", ",", "--adjust", "all", "--columns", "close=Last")
    assert said == "ReadOptions(adjust='all', date_order='dmy', decimal=',', columns={'close': 'Last'})"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--columns", "close=Last,volume=Vol."),
        ("--columns", "close=Last", "--columns", "volume=Vol."),
        ("--columns", "Close = Last , VOLUME = Vol."),
    ],
)
def test_columns_are_said_once_or_several_times(arguments: tuple[str, ...]) -> None:
    assert "columns={'close': 'Last', 'volume': 'Vol.'}" in run(*arguments)


def test_a_comma_in_a_name_belongs_to_the_name() -> None:
    assert "{'close': 'Price, USD', 'date': 'Day'}" in run("--columns", "close=Price, USD,date=Day")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--date-order", "ydm"),
        ("--decimal", ";"),
        ("--adjust", "splits"),
        ("--columns", "Last"),
        ("--columns", "clos=Last"),
        ("--columns", "close="),
        ("--columns", "close=Last,close=Close"),
    ],
)
def test_a_wrong_value_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(show, arguments).exit_code == 2
