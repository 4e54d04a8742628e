"""What the Cloud page is made of: providers, keys, prices, the check of a call."""
