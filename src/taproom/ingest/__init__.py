"""Landing files to raw tables, checked against contracts, whole batches or nothing."""
