"""What runs in the child process: a file's bytes into rows and notes. One module for each format, chosen in `content`.

It may import the standard library and python-calamine, never Django, so that a fresh interpreter is ready in 50 ms. A
new format is a module with `read(data, limits) -> Reading` and a line in `content`.
"""
