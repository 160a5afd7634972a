"""Comment moderation on your own machine: rules, a toxicity model, a review queue."""

__version__ = "0.1.0"
