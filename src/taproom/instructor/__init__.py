"""Run the course, validate it, measure it."""
