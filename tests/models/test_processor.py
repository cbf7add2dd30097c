from __future__ import annotations

import subprocess
import sys

import pytest
import tensorflow as tf

from stockrnn.models.processor import configure_threads

# Real networks are trained here.
pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("asked", "found"),
    [("64", "64"), ("1", "1"), ("None", "cores")],
)
def test_operations_run_side_by_side_on_one_thread_each(asked, found):
    script = (
        "import os, tensorflow as tf; from stockrnn.models.processor import configure_threads, keep_freed_memory;"
        f"assert configure_threads({asked}); keep_freed_memory();"
        "threads = tf.config.threading;"
        "assert float(tf.reduce_sum(tf.ones((300, 300)) @ tf.ones((300, 300)))) == 300**3;"
        "cores = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count();"
        f"assert threads.get_inter_op_parallelism_threads() == {found};"
        "assert threads.get_intra_op_parallelism_threads() == 1"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


def test_asking_once_tensorflow_has_started_says_so_and_does_no_harm():
    tf.reduce_sum(tf.ones(3))
    running = tf.config.threading.get_inter_op_parallelism_threads()
    assert configure_threads(running + 3) is False
