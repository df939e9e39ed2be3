"""The web service: granian, with the whole program read before its workers are branched off.

By itself each worker reads the program when it starts, and its first requests wait for what is only read then. Read
once and beforehand, a service that was killed serves again with half the processor time, and a worker that was
killed at once. Nothing may be connected meanwhile: the workers would share the line.

`python -m config.server` takes the words that granian takes.
"""

from __future__ import annotations

import gc


def read_program() -> None:
    """Load what requests want: views and serializers by way of the routes, and the steps of the tables."""
    # Only now, and not when this file is read, so that nobody looks through it for garbage a hundred times: a tenth
    # of the time that it takes.
    gc.disable()
    import config.wsgi  # noqa: F401
    from config import urls  # noqa: F401
    from config.health import last_steps

    last_steps()
    # What is there now stays. A worker that looked through it would copy it page by page.
    gc.collect()
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    read_program()
    from granian.cli import entrypoint

    entrypoint()
