"""What a user states of one kind of work: values, files, keys, words, privacy rules."""
