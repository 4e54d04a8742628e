"""What a machine is made of and what it is called, at hand or described."""
