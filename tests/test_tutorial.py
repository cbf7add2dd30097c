"""The tutorial's recipe against a plain Keras script that shares no line with this package."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from stockrnn.bundled import bundled_prices

PLAIN_SCRIPT = """
import sys
import keras
import numpy as np
import pandas as pd
from sklearn.preprocessing import MinMaxScaler

prices_csv, model_file, lookback, first_train, last_train, first_test, last_test = sys.argv[1:]
lookback = int(lookback)
prices = pd.read_csv(prices_csv, index_col="date")
training = prices.loc[first_train:last_train, ["open"]].values
testing = prices.loc[first_test:last_test, ["open"]].values
scaler = MinMaxScaler(feature_range=(0, 1)).fit(training)
total = np.concatenate([training, testing])
inputs = scaler.transform(total[len(total) - len(testing) - lookback:])
windows = np.array([inputs[i - lookback:i, 0] for i in range(lookback, len(inputs))])[:, :, None]
network = keras.saving.load_model(model_file)
predicted = scaler.inverse_transform(network.predict(windows, verbose=0))
assert not any(name.startswith("stockrnn") for name in sys.modules)
np.savetxt(sys.stdout, predicted, fmt="%.9f")
"""


def plain_forecasts(run, *, lookback, train, test, cwd):
    command = [
        sys.executable,
        "-c",
        PLAIN_SCRIPT,
        bundled_prices("googl"),
        run / "model.keras",
        str(lookback),
        *train,
        *test,
    ]
    # In a folder of its own, so that the script cannot import this package by accident.
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, timeout=300)
    assert result.returncode == 0, result.stderr
    return np.array(result.stdout.split(), dtype=float)


def network_forecasts(run):
    table = pd.read_parquet(run / "forecasts.parquet")
    return table[table["forecaster"] == "network"].set_index("session")["forecast"]


@pytest.mark.slow
def test_a_saved_network_opens_in_plain_keras_and_forecasts_the_same(trained_smoke, tmp_path):
    plain = plain_forecasts(
        trained_smoke, lookback=10, train=("2016-01-01", "2016-12-31"), test=("2017-01-01", "2017-03-31"), cwd=tmp_path
    )
    np.testing.assert_allclose(network_forecasts(trained_smoke), plain, atol=1e-4)


@pytest.mark.slow
def test_the_tutorials_recipe_forecasts_2017_as_a_plain_keras_script_does(run_cli, tmp_path):
    run_cli("train", "--runs", tmp_path, "--set", "train.epochs=2")
    ours = network_forecasts(tmp_path / "google")
    plain = plain_forecasts(
        tmp_path / "google",
        lookback=60,
        train=("2012-01-01", "2016-12-31"),
        test=("2017-01-01", "2017-12-31"),
        cwd=tmp_path,
    )
    assert len(ours) == 251
    np.testing.assert_allclose(ours, plain, atol=1e-4)
    history = pd.read_csv(tmp_path / "google/history.csv")
    assert history["loss"].iloc[1] < history["loss"].iloc[0]
