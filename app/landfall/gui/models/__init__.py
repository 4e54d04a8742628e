"""What the Models page is made of: recommended, installed, in memory, on their way."""
