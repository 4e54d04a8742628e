"""What a model is made of and what it is called: headers, catalogue, names."""
