"""The child process: limits first, then read one file from standard input and write lines to standard output."""

import gc
import json
import os
import resource
import sys

from servicedesk.spreadsheets.formats import content, sending, wire
from servicedesk.spreadsheets.formats.workbook import NEEDS_MORE_MEMORY, Limits, Refused


def main() -> int:
    limits = Limits(**json.loads(sys.argv[1]))
    bind(limits)
    gc.disable()
    out = sys.stdout.buffer
    try:
        sending.send(out, content.read(sys.stdin.buffer.read(), limits, sys.argv[2]), limits)
    except Refused as refusal:
        out.write(wire.refusal_out(str(refusal)))
    except Exception as error:
        if _has_run_out_of_memory(error):
            return NEEDS_MORE_MEMORY
        raise
    out.flush()
    return 0


def _has_run_out_of_memory(error: BaseException | None) -> bool:
    """Whether that is what began it: tidying up afterwards may fail in another way."""
    return error is not None and (isinstance(error, MemoryError) or _has_run_out_of_memory(error.__context__))


def bind(limits: Limits, writing: int = 0) -> None:
    """Take the limits on ourselves; a file may grow to `writing` bytes."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu, limits.cpu + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (writing, writing))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


if __name__ == "__main__":
    os._exit(main())  # taking half a million cells down in good order would cost a tenth of the whole
