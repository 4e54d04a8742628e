"""The Cloud page, card by card."""
