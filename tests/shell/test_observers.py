"""What the observers find out: whose eyes see a Secret, when a tool is asked, and who is observed at all."""

from datetime import timedelta
from typing import ClassVar

import pytest
from tests.support.agent_policies import a_policy, a_rule
from tests.support.fake_api import FakeApi
from tests.support.providers import API_KEY, a_provider
from tests.support.snapshots import NOW

from countersign.api.agents_domain import ToolStatus
from countersign.core.observing.tool import Answered
from countersign.errors import Forbidden, Unavailable
from countersign.model.effect import MODEL_PROVIDER, POLICY, SECRET, TOOL
from countersign.settings import Settings
from countersign.shell.cache import Cache
from countersign.shell.key import Key
from countersign.shell.observers import ProviderLook, ToolLook, observers


class Executors(FakeApi):
    """Says who asks for Secrets, and to whom it answers."""

    def __init__(self, *allowed):
        super().__init__()
        self.allowed, self.asked = allowed, []

    async def get(self, kind, *, namespace, name, metadata_only=False, acting_as=None, **rest):
        self.asked.append((acting_as.user, metadata_only))
        if acting_as.user.rpartition(":")[2] not in self.allowed:
            raise Forbidden("no", code=403)
        return await super().get(kind, namespace=namespace, name=name)


class TestProvider:
    """Whose eyes see the Secret."""

    CONTENT: ClassVar = {"metadata": {"namespace": "shop", "generation": 1}, "spec": a_provider(auth=API_KEY)["spec"]}

    @pytest.mark.parametrize(
        ("allowed", "there", "phase"),
        [
            (("ex",), True, "Available"),
            (("ex",), False, "Unavailable"),
            (("two",), True, "Available"),
            ((), True, "Pending"),
        ],
    )
    async def test_phase(self, allowed, there, phase):
        """Those of the first executor that may look, in the namespace of the provider; the operator itself never looks."""
        api = Executors(*allowed)
        if there:
            api.put(SECRET, "openai-key")
        status = await ProviderLook(client=api, accounts=("ex", "two"))(self.CONTENT)
        assert status.phase == phase
        assert {user.rpartition(":")[0] for user, _ in api.asked} == {"system:serviceaccount:shop"}
        assert all(metadata_only for _, metadata_only in api.asked)

    async def test_trouble(self):
        """An API server that does not answer is no verdict."""
        api = Executors("ex")
        api.fail("get", SECRET, Unavailable("down"))
        with pytest.raises(Unavailable):
            await ProviderLook(client=api, accounts=("ex",))(self.CONTENT)


class TestTool:
    """When a tool is asked."""

    def _look(self, calls):
        class Asking:
            async def probe(self, asked):
                calls.append(asked.host)
                return Answered(200, 5)

        return ToolLook(prober=Asking(), every=timedelta(minutes=5), now=lambda: NOW)

    def _content(self, base_url="https://api.example.com", **rest):
        return {"metadata": {"generation": 1}, "spec": {"connection": {"baseUrl": base_url}}, **rest}

    async def test_asked(self):
        """A tool outside is asked, and the status says what it answered."""
        calls = []
        assert (await self._look(calls)(self._content())).phase == "Available"
        assert calls == ["api.example.com"]

    async def test_not_asked(self):
        """What may not be asked, or was asked lately, is not."""
        calls = []
        assert (await self._look(calls)(self._content("https://10.0.0.1"))).phase == "Pending"
        lately = ToolStatus(observed_generation=1, last_probe_time="2030-01-01T11:59:00Z").wire()
        assert await self._look(calls)(self._content(status=lately)) is None
        assert calls == []


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [(Settings(), [POLICY, MODEL_PROVIDER]), (Settings(probe_tools=True), [POLICY, MODEL_PROVIDER, TOOL])],
)
async def test_who_is_observed(settings, kinds):
    """Tools only where the installation wants the operator to call them."""
    cache, api = Cache((TOOL, MODEL_PROVIDER, POLICY)), FakeApi()
    found = observers(
        client=api,
        cache=cache,
        settings=settings,
        now=lambda: NOW,
        rng=lambda: 0.5,
        leads=lambda: True,
    )
    assert [observer.kind for observer in found.each] == kinds
    cache[POLICY].upsert(api.put(POLICY, "p", spec=a_policy(a_rule())["spec"]))
    await found.each[0].observe(Key("shop", "p"))
    assert api.now(POLICY, "p")["status"]["ready"] is True
