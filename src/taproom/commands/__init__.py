"""What a subcommand of ./taproom does beyond calling one function of another room."""
