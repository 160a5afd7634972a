"""One comment against thousands of conditions: which are worth running, in which reading
of the text, and what they come to."""
