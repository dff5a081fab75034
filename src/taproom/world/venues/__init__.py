"""L3: what venues pour."""
