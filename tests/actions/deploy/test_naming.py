"""What belongs to an agent is found by its name, in both directions."""

from countersign.actions.deploy.naming import account, agent_of


def test_agent_of():
    """The account of an agent leads back to it; every other name to nobody."""
    assert agent_of(account("support")) == "support"
    assert agent_of("web") == ""
    assert agent_of("my-agent-support") == ""
