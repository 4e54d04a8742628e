"""What the Run page is made of: a lane an answer, the prompt, the live panel, the meters."""
