"""Reference data from files: ends of support, footprints, device types and bank holidays, each with its source.

`files` reads a file and decides by its content what it is; a module to each shape makes rows of it; `matching` finds
which of our models a row is about; `enriching`, `releasing` and `closing` plan what becomes of the register, and
`loading` does all of it or nothing. A value that the source does not say is not guessed.
"""
