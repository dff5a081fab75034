"""From a command to files that count: batches, workers, checkpoints, the clock."""
