"""Claims to verdicts: the engine and its methods, strategies, the catalogue, the pytest plugin."""
