"""Sentence templates and the words that fill them: see `training.templates` for the grammar."""
