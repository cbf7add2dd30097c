"""A network beside what trains it, compiled once and used for one training after the other.

Building a network and compiling its steps takes longer than training a small one for some epochs.
"""

from __future__ import annotations

import keras
import numpy as np
import numpy.typing as npt

from stockrnn.config_sections import TrainConfig
from stockrnn.models.engines import training_model
from stockrnn.models.objectives import as_arrays, make_objective
from stockrnn.models.optimizers import make_optimizer
from stockrnn.models.steps import StepLayout, training_steps, validation_steps
from stockrnn.samples.samples import TrainingSamples
from stockrnn.samples.windows import Windows


class TrainableNetwork:
    """A network beside its objective, its optimiser and its steps: for samples of one layout, however many.

    Args:
        network: The plain network, whose weights are trained.
        samples: Samples of the layout.
        train: Optimiser, loss, clipping and schedule; epochs and batches may change from one training to the next.
    """

    def __init__(self, network: keras.Model, samples: TrainingSamples, train: TrainConfig) -> None:
        fast = training_model(network, train.truncate_steps)
        self.network = network
        self.engine = fast.engine
        self.objective = make_objective(samples.encoding.layout, train.loss)
        # A variable, because the number of windows is another in the next training.
        self._steps = keras.Variable(1, dtype="int32", trainable=False)
        self.optimizer = make_optimizer(train, self._steps, self.objective)
        self.optimizer.build([*network.trainable_variables, *self.objective.variables])
        self.learn = training_steps(fast.model, StepLayout.of(samples.windows), self.objective, self.optimizer)
        watched = samples.validation
        self.look = validation_steps(fast.model, StepLayout.of(watched), self.objective) if watched else None
        self._variables = [*self.optimizer.variables, *self.objective.variables]
        self._at_first = as_arrays(self._variables)

    def begin(self, windows: Windows, train: TrainConfig) -> None:
        """Begin a training from the network's weights, as if there had been none before.

        Args:
            windows: The windows that it sees.
            train: Epochs and batches.
        """
        for variable, value in zip(self._variables, self._at_first, strict=True):
            variable.assign(value)
        self.objective.start(_known_targets(windows))
        self._steps.assign(train.epochs * -(-len(windows) // train.batch_size))


def _known_targets(windows: Windows) -> npt.NDArray[np.float64]:
    """Return the targets of the rows that training sees, of shape (rows, outputs)."""
    seen = np.unique(np.add.outer(windows.origins, windows.target_steps()))
    known: npt.NDArray[np.float64] = windows.row_targets[seen].astype(np.float64)
    return known
