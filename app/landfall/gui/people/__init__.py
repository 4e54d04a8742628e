"""How many people a model serves: fields, the answer in a sentence, p95 against people."""
