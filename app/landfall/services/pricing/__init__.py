"""What a call costs: tables, what was typed over them, refreshing, subscriptions."""
