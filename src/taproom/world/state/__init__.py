"""L2: what state accounts, subscriptions, devices and people are in, day by day."""
