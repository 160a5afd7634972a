"""Transformers without torch: a folder of three files, run by onnxruntime.

`folder` reads and writes its description, `windows` turns texts into tokens, `engine`
scores them. onnxruntime and tokenizers are imported when a model is loaded.
"""
