"""How many people a model serves."""
