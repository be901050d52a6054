"""The operator as a process: what it talks through, and how it begins and ends. Its parts are put together in `operator`."""

from countersign.handlers.operator import Operator
from countersign.handlers.signals import until_signalled
from countersign.settings import Settings
from countersign.shell.buckets import elected
from countersign.shell.calls import NOBODY, Callers
from countersign.shell.client import ApiClient, Clients
from countersign.shell.connection import Connection
from countersign.shell.metrics import Metrics
from countersign.shell.transport import Transport


async def operate(connection: Connection, settings: Settings, *, callers: Callers = NOBODY) -> None:
    """Until SIGTERM or SIGINT; then no new key is taken and the running turns are given some time to finish.

    Raises when any part of the operator fails: it must not go on without a guard, for one, and a new process is cheap.
    """
    metrics = Metrics(host=connection.server, workers=settings.workers)
    async with connection.session(user_agent="countersign") as session:
        unfenced = Transport(
            connection=connection,
            session=session,
            seconds=settings.renew_deadline.total_seconds() / 2,
            observe=metrics.request,
        )
        buckets = elected(ApiClient(unfenced), settings)
        transport = Transport(
            connection=connection,
            session=session,
            max_in_flight=settings.max_in_flight,
            fence=buckets.fence,
            observe=metrics.request,
        )
        clients = Clients(ApiClient(transport), unfenced=ApiClient(unfenced))
        operator = Operator(connection, clients, settings, metrics, buckets=buckets, callers=callers)
        async with operator.serving():
            try:
                await until_signalled(operator.live(), before_the_end=operator.drain)
            finally:
                await buckets.release()
