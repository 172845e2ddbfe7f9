"""Deeds of several people that begin at one moment, on real connections."""

from threading import Barrier, Thread

from django.db import close_old_connections, connection


def at_once(*deeds, refusals: type[Exception] | tuple[type[Exception], ...]):
    """What came of each, or by which of the `refusals` it was told no; each on a connection of its own."""
    start, outcomes = Barrier(len(deeds)), [None] * len(deeds)

    def run(number, deed):
        try:
            start.wait(10)
            outcomes[number] = deed()
        except refusals as refused:
            outcomes[number] = refused
        finally:
            connection.close()

    threads = [Thread(target=run, args=numbered) for numbered in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    close_old_connections()
    return outcomes
