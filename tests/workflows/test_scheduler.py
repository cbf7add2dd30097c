from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from stockrnn.errors import ConfigError, NetworkError
from stockrnn.workflows import scheduler
from stockrnn.workflows.scheduler import check_scheduler


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "SECONDS_TO_CONNECT", 1)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port of this machine that connects, and says nothing by itself."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def address_of(server: socket.socket, scheme: str = "tcp://") -> str:
    return f"{scheme}127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("scheme", ["tcp://", ""])
def test_a_port_where_nobody_listens_is_a_network_error_that_says_how_to_start_a_scheduler(listener, scheme) -> None:
    address = address_of(listener, scheme)
    listener.close()
    with pytest.raises(
        NetworkError, match=rf"--cluster {address}: no scheduler answers there in 1 s; .* dask scheduler"
    ):
        check_scheduler(address)


def test_who_connects_and_says_nothing_is_waited_for_no_longer(listener) -> None:
    started = time.monotonic()
    with pytest.raises(NetworkError, match="no scheduler answers there in 1 s"):
        check_scheduler(address_of(listener))
    assert time.monotonic() - started < 5


def test_who_answers_in_another_language_is_no_scheduler(listener) -> None:
    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" * 10)
            connection.recv(4096)

    thread = threading.Thread(target=answer)
    thread.start()
    with pytest.raises(NetworkError, match="--cluster") as caught:
        check_scheduler(address_of(listener))
    thread.join()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("address", ["nowhere://x", "foo://host:1", "inproc://1:2", "host", "a b:9", "tcp://host"])
def test_what_is_no_address_of_a_scheduler_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="expected one such as tcp://host:8786"):
        check_scheduler(address)


def test_an_encrypted_connection_without_its_certificates_is_a_config_error(listener) -> None:
    with pytest.raises(ConfigError, match="TLS"):
        check_scheduler(address_of(listener, "tls://"))
