"""The services of the platform, one module each, all with the same four verbs."""
