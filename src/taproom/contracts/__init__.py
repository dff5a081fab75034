"""The table contracts of every source, one YAML file each."""
