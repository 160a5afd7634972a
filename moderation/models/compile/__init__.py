"""Detoxify's checkpoints as models of `moderation.models.onnx`.

`encoder` finds the weights, `graph` writes them down as ONNX, `parity` holds the result
against Detoxify itself, `compiler` does one after the other. Needs the extra [detoxify];
torch and onnx are imported inside the functions.
"""
