"""What the Settings page is made of: the thresholds of the verdict."""
