"""Start Keras on TensorFlow: quietly, on the right backend, reproducibly.

The only place that chooses the backend, seeds it or touches its noise. Call `start_keras` before importing any other
module of this room, after all input has been checked: TensorFlow takes seconds to import.
"""

from __future__ import annotations

import contextlib
import gc
import os
import random
import sys
from collections.abc import Iterator

from stockrnn.messages import Notify

BACKEND = "tensorflow"


def start_keras(notify: Notify, threads: int | None = None) -> None:
    """Import Keras with the TensorFlow backend and without TensorFlow's noise; again does nothing.

    Args:
        notify: Hears one line when the environment asks for another backend.
        threads: Operations at a time; None is all cores.
    """
    if "keras" in sys.modules:
        return
    wanted = os.environ.get("KERAS_BACKEND", BACKEND)
    if wanted != BACKEND:
        notify(f"KERAS_BACKEND={wanted} is not supported: using {BACKEND}")
    os.environ["KERAS_BACKEND"] = BACKEND
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # TensorFlow's C++ side writes to file descriptor 2 while it is imported, whatever the log level says.
    with _silent_stderr(), _no_collection():
        import keras
        import tensorflow as tf

        from stockrnn.models.processor import configure_threads, keep_freed_memory

        configure_threads(threads)
        keep_freed_memory()
        tf.config.list_physical_devices()
        tf.constant(0.0)
    tf.get_logger().setLevel("ERROR")
    if keras.backend.backend() != BACKEND:
        raise RuntimeError(f"Keras runs on {keras.backend.backend()}, not on {BACKEND}")


def seed_keras(seed: int) -> None:
    """Seed every source of randomness and ask for deterministic kernels, so that a seed gives the same network again."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


@contextlib.contextmanager
def seeded_layers(seed: int) -> Iterator[None]:
    """Let layers that are built in the block draw the weights that they would draw after `seed_keras`.

    They draw from a generator of their own: another thread of the process, such as one of Dask's, may draw from Python's
    meanwhile. TensorFlow's seed is left as it is: setting it throws away all compiled functions.
    """
    from keras.src.random import seed_generator  # there is no public way

    kept = seed_generator.python_random
    seed_generator.python_random = random.Random(seed)
    try:
        yield
    finally:
        seed_generator.python_random = kept


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from what is imported: its looks at a million objects that stay take a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
