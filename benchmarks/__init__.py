"""What measures the speed. Not part of the installed package."""
