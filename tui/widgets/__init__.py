"""The parts of the review screen. They show what they are given and decide nothing."""
