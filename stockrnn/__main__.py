"""Run the command line as `python -m stockrnn`."""

from stockrnn.cli.main import cli

if __name__ == "__main__":
    cli(prog_name="stockrnn")
