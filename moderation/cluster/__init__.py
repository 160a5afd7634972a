"""The same scan on many machines, with Ray Data: files in, Parquet out.

`plan` says what is to be done, `files` where things are (any address that fsspec knows),
`work` is what the machines do, `driver` has them do it.
"""
