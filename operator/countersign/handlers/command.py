"""`countersign run`: the operator as a command."""

import asyncio
import os
from pathlib import Path

import click

from countersign.handlers.without import without

# kopf looks at `kubernetes` only to recognise objects of its classes, and structlog at `rich` for tracebacks in colours. Neither
# is ever asked to, and together they need more memory than a thousand plans.
with without("kubernetes", "rich"):
    import structlog

    from countersign.errors import ConfigurationError
    from countersign.handlers.operating import operate
    from countersign.settings import read
    from countersign.shell import journal
    from countersign.shell.connection import load

log = structlog.get_logger()


@click.command(epilog="\b\nExamples:\n  countersign run --kubeconfig .countersign/operator.kubeconfig")
@click.option(
    "--kubeconfig", type=click.Path(path_type=Path), help="Default: the pod's service account, or ~/.kube/config."
)
@click.option("--context", help="Context of the kubeconfig.")
@click.option(
    "--service-account",
    type=click.Path(path_type=Path),
    help="Folder with token, ca.crt and namespace, if it is not where pods have it.",
)
@click.option("--http-address", help="Where /metrics, /healthz and /readyz are served; port 0 takes any free one.")
def run(kubeconfig: Path | None, context: str | None, service_account: Path | None, http_address: str | None) -> None:
    """Run the operator until SIGTERM. Settings are COUNTERSIGN_* environment variables."""
    try:
        settings = read(
            os.environ if http_address is None else {**os.environ, "COUNTERSIGN_HTTP_ADDRESS": http_address}
        )
        connection = load(kubeconfig, context, account=service_account)
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    journal.configure(settings.log_level)
    try:
        asyncio.run(operate(connection, settings))
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from error
    except Exception as error:
        log.critical("operator failed", exc_info=error)
        raise SystemExit(1) from error
