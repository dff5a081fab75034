"""L0: the world around the company, known for any date in closed form."""
