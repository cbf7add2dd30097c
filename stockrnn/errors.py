"""The errors a user can meet, each with the exit code of the process.

A message is one line and says where, what was expected, what was found and what to do.
"""

from __future__ import annotations

from typing import ClassVar


class StockrnnError(Exception):
    """An expected failure, shown to the user as one line without a traceback."""

    exit_code: ClassVar[int] = 1


class UnfinishedError(StockrnnError):
    """A failure that leaves work to go on with: what there is of it is kept."""


class StoppedError(UnfinishedError):
    """Ctrl-C, with work to go on with."""

    exit_code = 130


class ConfigError(StockrnnError):
    """A wrong option, config file, config key or run name."""

    exit_code = 2


class PriceDataError(StockrnnError):
    """Price data that are missing, unreadable or too few, or a split that does not fit them."""

    exit_code = 3


class NoPriceTableError(PriceDataError):
    """A text that holds no rows of prices at all."""


class RunFolderError(StockrnnError):
    """A run folder that is missing or damaged."""

    exit_code = 4


class NetworkError(StockrnnError):
    """A server that cannot be reached or does not answer in a usable way."""

    exit_code = 5


class RateLimitedError(StockrnnError):
    """A server that asks for fewer requests and kept asking."""

    exit_code = 6


class UnknownTickerError(StockrnnError):
    """A ticker that the source does not know."""

    exit_code = 7


class NoDataError(StockrnnError):
    """A known ticker without data in the range that was asked for."""

    exit_code = 8


class SkillNotMetError(StockrnnError):
    """A forecast that did not reach the skill that was required of it."""

    exit_code = 9
