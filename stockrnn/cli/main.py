"""The `stockrnn` command group and the one place where errors become messages and exit codes."""

from __future__ import annotations

import errno
import os
import sys
from typing import Any

import click

from stockrnn import __version__
from stockrnn.cli.audit import audit
from stockrnn.cli.backtest import backtest
from stockrnn.cli.compare import compare
from stockrnn.cli.diagram import diagram
from stockrnn.cli.evaluate import evaluate
from stockrnn.cli.explain import explain
from stockrnn.cli.fetch import fetch
from stockrnn.cli.inspect import inspect_command
from stockrnn.cli.judge import judge
from stockrnn.cli.options import INTERRUPTED
from stockrnn.cli.plot import plot
from stockrnn.cli.predict import predict
from stockrnn.cli.train import train
from stockrnn.errors import StockrnnError


class CommandGroup(click.Group):
    """A Click group whose errors, usage errors too, are one line on stderr with the contract's exit code."""

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run the command line; a bug keeps its traceback."""
        try:
            result = super().main(*args, standalone_mode=False, **extra)  # type: ignore[call-overload]
        except StockrnnError as error:
            code = _report(str(error), error.exit_code)
        except click.ClickException as error:
            code = _report(_one_line(error), error.exit_code)
        except click.Abort:
            code = _report("interrupted", INTERRUPTED)
        except BrokenPipeError:
            _silence_stdout()
            code = 1
        except OSError as error:
            if error.errno not in _USER_FAULTS:
                raise
            code = _report(f"{error.filename or 'file'}: {error.strerror}", 1)
        else:
            code = result if isinstance(result, int) else 0
        if standalone_mode:
            sys.exit(code)
        return code


# What a user can cause and mend: permissions, a full disk, a read-only or missing place, a file where a folder is needed.
_USER_FAULTS = {
    errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EROFS, errno.ENOENT,
    errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG,
}  # fmt: skip


def _report(message: str, code: int) -> int:
    click.echo(f"Error: {message}", err=True)
    return code


def _one_line(error: click.ClickException) -> str:
    message = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    if message[-1:].isalnum() or message.endswith((")", "'")):
        message = f"{message}."
    return f"{message} See {context.command_path} --help." if context is not None else message


def _silence_stdout() -> None:
    # The reader of our pipe has gone; the interpreter must not complain about it while shutting down.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=CommandGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="stockrnn")
@click.pass_context
def cli(context: click.Context) -> None:
    """Forecast stock prices with recurrent networks, and learn honestly what the forecast is worth.

    \b
    Start with:   stockrnn train
    Then:         stockrnn predict runs/google --days 5
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


COMMANDS: tuple[click.Command, ...] = (
    train,
    predict,
    evaluate,
    backtest,
    compare,
    audit,
    judge,
    plot,
    explain,
    inspect_command,
    fetch,
    diagram,
)

for _command in COMMANDS:
    cli.add_command(_command)
