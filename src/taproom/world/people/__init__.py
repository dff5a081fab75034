"""L1: who exists and what they are called; closed form by index."""
