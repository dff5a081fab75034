"""The simulated company: its clock, its people, its billing, and the files its sources deliver."""
