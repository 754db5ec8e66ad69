"""Two sides compared: the documents we believe in, and those that the authority says it holds.

Pure Python, no Django: the same records in any order give the same findings, and equal sides give
none. Their side waits in a scratch database on disk, ours comes by in chunks, so that memory does
not grow with either.
"""
