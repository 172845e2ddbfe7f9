"""The child process: limits first, then read one file from standard input and write the answer to standard output."""

import gc
import json
import resource
import sys

from servicedesk.spreadsheets.reading import content, wire
from servicedesk.spreadsheets.reading.workbook import NEEDS_MORE_MEMORY, Limits, Refused


def main() -> int:
    limits = Limits(**json.loads(sys.argv[1]))
    _bind(limits)
    gc.disable()
    try:
        answer = wire.pack(content.read(sys.stdin.buffer.read(), limits))
    except Refused as refusal:
        answer = wire.pack_refusal(str(refusal))
    except MemoryError:
        return NEEDS_MORE_MEMORY
    sys.stdout.buffer.write(answer)
    return 0


def _bind(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu, limits.cpu + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


if __name__ == "__main__":
    sys.exit(main())
