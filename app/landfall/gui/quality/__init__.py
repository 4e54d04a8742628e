"""The panel of a workload in which another model is held against today's on the user's prompts."""
