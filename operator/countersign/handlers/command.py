"""`countersign run`: the operator as a command."""

import asyncio
import os
from pathlib import Path

import click

from countersign.handlers.importing import without, without_authorities

# kopf looks at `kubernetes` only to recognise objects of its classes, and structlog at `rich` for tracebacks in colours: neither is
# ever asked to. aiohttp reads all public authorities at once, and we name those of each connection. Together they need more memory
# than a thousand plans.
with without("kubernetes", "rich"), without_authorities():
    import structlog

    from countersign.errors import ConfigurationError
    from countersign.handlers.operating import operate
    from countersign.settings import read
    from countersign.shell import allocation, journal
    from countersign.shell.connection import load

log = structlog.get_logger()


@click.command(epilog="\b\nExamples:\n  countersign run --kubeconfig .countersign/operator.kubeconfig")
@click.option(
    "--kubeconfig", type=click.Path(path_type=Path), help="Default: the pod's service account, or ~/.kube/config."
)
@click.option("--context", help="Context of the kubeconfig.")
@click.option(
    "--account-folder",
    type=click.Path(path_type=Path),
    help="Where token, ca.crt and namespace of a service account are, if not where pods have them.",
)
@click.option("--http-address", help="Where /metrics, /healthz and /readyz are served; port 0 takes any free one.")
def run(kubeconfig: Path | None, context: str | None, account_folder: Path | None, http_address: str | None) -> None:
    """Run the operator until SIGTERM. Settings are COUNTERSIGN_* environment variables."""
    try:
        settings = read(
            os.environ if http_address is None else {**os.environ, "COUNTERSIGN_HTTP_ADDRESS": http_address}
        )
        connection = load(kubeconfig, context, account=account_folder)
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    journal.configure(settings.log_level)
    allocation.give_back()
    allocation.small_buffers()
    try:
        asyncio.run(operate(connection, settings))
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from error
    except Exception as error:
        log.critical("operator failed", exc_info=error)
        raise SystemExit(1) from error
