"""L0 and L3: features and experiments, and who uses what when."""
