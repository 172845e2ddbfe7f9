"""Every code that an import can report: how grave it is, what is wrong, and how to mend it.

    PROBLEMS: {code: Problem(severity, message, remedy)}      severity: info | warning | error
    describe(code, value="", column="") -> (severity, message, remedy)   with the value put into the words
"""
