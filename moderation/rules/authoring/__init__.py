"""For people who write rules: warnings, mending, tests, and why a rule matched or did not."""
