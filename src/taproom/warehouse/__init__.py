"""Building the warehouse: dbt runs, database templates, reset."""
