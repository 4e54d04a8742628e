"""What this machine draws."""
