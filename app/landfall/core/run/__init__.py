"""What one answer was worth: its times, rates, phases and curves."""
