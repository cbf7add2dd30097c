"""The tutorial as every tutorial writes it: plain Keras. Usage: plain_keras.py [EPOCHS] [--jit]; prints seconds an epoch."""

import sys
import time
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from sklearn.preprocessing import MinMaxScaler

EPOCHS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
JIT = "--jit" in sys.argv

prices = pd.read_csv(Path(__file__).parent.parent / "data" / "googl.csv", parse_dates=["date"]).set_index("date")
training, test = prices.loc["2012":"2016", ["open"]], prices.loc["2017":"2017", ["open"]]
scaler = MinMaxScaler()
scaled = scaler.fit_transform(training.to_numpy())
x_train = np.array([scaled[i - 60 : i] for i in range(60, len(scaled))])
y_train = scaled[60:]

model = keras.Sequential([keras.layers.Input((60, 1))])
for layer in range(4):
    model.add(keras.layers.LSTM(50, return_sequences=layer < 3))
    model.add(keras.layers.Dropout(0.2))
model.add(keras.layers.Dense(1))
model.compile(optimizer="adam", loss="mean_squared_error", jit_compile=JIT)
ends = [time.perf_counter()]
clock = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter()))
model.fit(x_train, y_train, epochs=EPOCHS, batch_size=32, callbacks=[clock], verbose=2)

known = scaler.transform(prices.loc["2012":"2017", ["open"]].to_numpy()[-len(test) - 60 :])
x_test = np.array([known[i - 60 : i] for i in range(60, len(known))])
forecast = scaler.inverse_transform(model.predict(x_test, verbose=0))
print("RMSE", float(np.sqrt(np.mean((forecast - test.to_numpy()) ** 2))))
print("seconds_an_epoch", (ends[-1] - ends[1]) / (EPOCHS - 1) if EPOCHS > 1 else ends[-1] - ends[0])
