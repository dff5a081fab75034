"""How chance works here: keyed draws, the arrays they fill, identifiers."""
