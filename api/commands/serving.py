"""`gep serve`: REST and console in one process."""

from typing import Annotated

import typer
import uvicorn

from api.app import create_app
from api.commands.speech import DATABASE, Database, refusals
from ledger.store import open_store

HOST, PORT = "127.0.0.1", 8000


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
        uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False)
