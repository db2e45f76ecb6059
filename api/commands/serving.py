"""`gep serve`: REST and console in one process."""

import gc
import sys
from typing import Annotated

import typer
import uvicorn

from api.app import create_app
from api.commands.speech import DATABASE, Database, refusals
from ledger.store import open_store

HOST, PORT = "127.0.0.1", 8000
SWITCH_S = 0.0002
"""The thread that commits and the one that answers wait for each other no longer than this."""

GARBAGE = 50_000
"""So many objects more than were freed before the collector of cycles looks: requests make none."""


def serve(
    database: Database = DATABASE,
    host: Annotated[str, typer.Option(help="Where to listen.")] = HOST,
    port: Annotated[int, typer.Option(help="On which port.")] = PORT,
) -> None:
    """Serve REST under /v1 and the console at /."""
    with refusals(as_json=False), open_store(database) as store:
        with store.reading():
            pass
        app = create_app(store, local=host in {"127.0.0.1", "localhost", "::1"})
        typer.echo(f"console: http://{host}:{port}/   (Ctrl-C to stop)")
        sys.setswitchinterval(SWITCH_S)
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE)
        uvicorn.run(
            app, host=host, port=port, log_level="warning", access_log=False, server_header=False
        )
