"""Fixtures that tests in several rooms use."""

from tests.prices.yahoo_fetching import server
from tests.prices.yahoo_server import yahoo_server

__all__ = ["server", "yahoo_server"]
