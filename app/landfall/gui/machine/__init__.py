"""What the Machine page is made of: facts with their origin, memory by use."""
