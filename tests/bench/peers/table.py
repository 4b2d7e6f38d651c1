"""The training data as an array of a row per sample, the label first."""

import numpy as np


def read_table(path):
    """From a CSV by pandas, or from what np.save wrote."""
    if path.endswith(".npy"):
        return np.load(path)
    import pandas as pd
    return pd.read_csv(path, header=None, dtype="uint8").to_numpy()
