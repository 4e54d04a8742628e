"""The quality gate on the user's own prompts: asked of candidates and of today's model, paired."""
