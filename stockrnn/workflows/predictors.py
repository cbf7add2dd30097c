"""The networks of a run as functions: in NumPy where that can compute them, in Keras where it cannot."""

from __future__ import annotations

from functools import partial

from stockrnn.forecasts.forecasting import Predictor
from stockrnn.forecasts.keras_file import UnknownLayerError
from stockrnn.forecasts.numpy_network import load_numpy_network
from stockrnn.messages import Notify
from stockrnn.runs.folder import Run


def predictors_of(run: Run, notify: Notify) -> list[Predictor]:
    """Return one function a saved network, from scaled windows to scaled outputs.

    Args:
        run: The loaded run.
        notify: Hears what Keras has to say when it has to start.

    Raises:
        RunFolderError: A file that is no Keras network.
    """
    try:
        return [load_numpy_network(path) for path in run.model_files]
    except UnknownLayerError:
        from stockrnn.models.runtime import start_keras

        start_keras(notify)
        from stockrnn.models.saving import load_network, predict_windows

        return [partial(predict_windows, load_network(path)) for path in run.model_files]
