"""Who does tasks: what is refused before anybody is asked, and what the pool need not tell."""

from __future__ import annotations

import warnings

import pytest

from stockrnn.errors import ConfigError
from stockrnn.workflows.workers import LocalProcesses, cluster_workers, local_processes


@pytest.mark.parametrize("address", ["foo", "tcp://foo", "8786", "tcp://:8786x", "http://host:80/path"])
def test_what_is_no_address_of_a_scheduler_is_refused_before_it_is_looked_for(address: str) -> None:
    with pytest.raises(ConfigError, match="expected one such as tcp://host:8786"), cluster_workers(address):
        pass


def test_a_pool_that_is_ended_while_it_is_resized_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def close(_: LocalProcesses) -> None:
        warnings.warn("Trying to resize an executor with running jobs: waiting", UserWarning, stacklevel=1)

    monkeypatch.setattr(LocalProcesses, "close", close)
    with pytest.raises(KeyboardInterrupt), local_processes(1):
        raise KeyboardInterrupt
