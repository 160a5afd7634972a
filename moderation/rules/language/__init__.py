"""What a rule file may say, and reading one: every mistake at its place, in one pass."""
