"""The tutorial as a plain PyTorch loop. Usage: plain_torch.py [EPOCHS]; prints seconds an epoch."""

import csv
import sys
import time
from pathlib import Path

import numpy as np
import torch

EPOCHS = int(sys.argv[1]) if len(sys.argv) > 1 else 100

with (Path(__file__).parent.parent / "data" / "googl.csv").open(encoding="utf-8") as file:
    opened = [float(row["open"]) for row in csv.DictReader(file) if "2012" <= row["date"][:4] <= "2016"]
training = np.array(opened, dtype=np.float32)[:, None]
scaled = (training - training.min()) / (training.max() - training.min())
x_train = torch.from_numpy(np.array([scaled[i - 60 : i] for i in range(60, len(scaled))]))
y_train = torch.from_numpy(scaled[60:])


class Network(torch.nn.Module):
    """Four LSTM layers of 50 with dropout after each, and a dense one."""

    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(1, 50, num_layers=4, dropout=0.2, batch_first=True)
        self.dropout = torch.nn.Dropout(0.2)
        self.dense = torch.nn.Linear(50, 1)

    def forward(self, windows):
        """Return the forecast after each window."""
        return self.dense(self.dropout(self.lstm(windows)[0][:, -1]))


network = Network()
optimizer = torch.optim.Adam(network.parameters())
batches = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
ends = [time.perf_counter()]
for epoch in range(EPOCHS):
    total = 0.0
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(network(inputs), targets)
        loss.backward()
        optimizer.step()
        total += float(loss.detach()) * len(inputs)
    ends.append(time.perf_counter())
    print(f"epoch {epoch + 1} of {EPOCHS}: loss {total / len(x_train):.5f}")
print("seconds_an_epoch", (ends[-1] - ends[1]) / (EPOCHS - 1) if EPOCHS > 1 else ends[-1] - ends[0])
