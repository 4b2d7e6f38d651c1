#!/usr/bin/env python3
"""scikit-learn's MLPClassifier on the article's network. Prints its time as JSON.

usage: sklearn_mlp.py DATA EPOCHS
"""

import json
import sys
import time
import warnings

import numpy as np
from sklearn.neural_network import MLPClassifier

from table import read_table

warnings.filterwarnings("ignore")  # that it has not converged after so few epochs
path, epochs = sys.argv[1], int(sys.argv[2])
table = read_table(path)
# pandas keeps its tables by column; the network reads rows
images, labels = np.ascontiguousarray(table[:, 1:].astype("float32") / 255), table[:, 0]
model = MLPClassifier((50, 20), solver="sgd", learning_rate_init=0.1, momentum=0, alpha=0,
                      batch_size=64, max_iter=epochs, tol=0, n_iter_no_change=epochs)
begin = time.perf_counter()
model.fit(images, labels)
print(json.dumps({"train_seconds": time.perf_counter() - begin,
                  "steps": -(-len(images) // 64) * epochs, "loss": model.loss_}))
