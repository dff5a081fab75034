"""L1 and L3: campaigns, prospects, their touches, and what they would have done without."""
