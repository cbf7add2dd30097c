"""Set TensorFlow up for the processor: how many operations at once, and what happens to freed memory."""

from __future__ import annotations

import ctypes

import tensorflow as tf

from stockrnn.cores import usable_cores

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h


def configure_threads(count: int | None = None) -> bool:
    """Let TensorFlow run `count` operations at once, each on one thread.

    One thread an operation, so that no sum depends on the number of cores. Only before TensorFlow's first operation.

    Args:
        count: Cores to use; all that this process may use when None.

    Returns:
        Whether it took effect: False once TensorFlow has started with another number.
    """
    try:
        tf.config.threading.set_inter_op_parallelism_threads(count or usable_cores())
        tf.config.threading.set_intra_op_parallelism_threads(1)
    except RuntimeError:
        return False
    return True


def keep_freed_memory() -> bool:
    """Let the C library keep what TensorFlow frees, for its next operation.

    A fused operation returns tensors above the 128 KiB at which glibc asks the system for fresh pages, and faulting in
    thousands of them an epoch costs time in the system.

    Returns:
        Whether it took effect: False where the C library has no such setting (macOS, Windows, musl).
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(set_option(_M_TRIM_THRESHOLD, 1 << 28)) and bool(set_option(_M_MMAP_THRESHOLD, 1 << 25))
