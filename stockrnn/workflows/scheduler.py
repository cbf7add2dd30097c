"""Whether a Dask scheduler answers at an address, found out before a client is made, which would wait and leave its own traces."""

from __future__ import annotations

import asyncio
import re

from stockrnn.errors import ConfigError, NetworkError

SECONDS_TO_CONNECT = 10
_ADDRESS = re.compile(r"(?:(?:tcp|tls|ws|wss)://)?[^/\s]+:\d+")


def check_scheduler(address: str) -> None:
    """Ask who is at an address.

    Args:
        address: Of the scheduler, such as `tcp://host:8786`.

    Raises:
        ConfigError: This is no address, or Dask is not set up for it.
        NetworkError: Nobody answers in time, or somebody else does.
    """
    if not _ADDRESS.fullmatch(address):
        raise ConfigError(f"--cluster {address}: no address of a scheduler; expected one such as tcp://host:8786")
    try:
        found = asyncio.run(asyncio.wait_for(_identity(address), SECONDS_TO_CONNECT))
    except TypeError as error:  # TLS without its files
        raise ConfigError(f"--cluster {address}: {_line(error)}") from None
    except OSError:  # refused, unknown or silent
        raise NetworkError(
            f"--cluster {address}: no scheduler answers there in {SECONDS_TO_CONNECT} s; start one by: dask scheduler"
        ) from None
    except Exception as error:  # what is read of an answer in another protocol may go wrong in any way
        raise NetworkError(f"--cluster {address}: what answers there is no Dask scheduler ({_line(error)})") from None
    if found != "Scheduler":
        raise NetworkError(
            f"--cluster {address}: a Dask {found.lower()} answers there; give the address of its scheduler"
        )


async def _identity(address: str) -> str:
    from dask.distributed import Security
    from distributed.comm.core import connect

    comm = await connect(  # type: ignore[no-untyped-call]
        address, timeout=SECONDS_TO_CONNECT, **Security().get_connection_args("client")
    )
    try:
        await comm.write({"op": "identity", "reply": True})
        return str((await comm.read())["type"])
    finally:
        comm.abort()


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
