"""What makes and judges the embedded model. Not part of the installed package."""
