"""How `deploy.execute` gets from its params to real objects; the type itself stands in `actions/deploy_execute.py`.

`params` are read and checked (`rules`), joined with draft and artifact to one `wanted` agent, examined in the world
(`findings`), and compiled (`objects`, with `environment` and `pod`); `risk` weighs what comes out.
"""
