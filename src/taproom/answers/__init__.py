"""Right answers and named misconceptions of every exercise."""
