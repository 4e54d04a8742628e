"""What a model needs on a machine, whether it fits there, and which one to recommend."""
