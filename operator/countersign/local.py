"""`countersign up` and `countersign down`, told what to install: everything that is generated, and the operator."""

from countersign.dev.commands import down_command, up_command
from countersign.dev.ready import operator_works, policies_bite
from countersign.dev.up import Product
from countersign.generate import install_manifests

PRODUCT = Product(
    manifests=install_manifests,
    in_force=lambda plane: policies_bite(plane.rest()),
    working=operator_works,
)

up = up_command(PRODUCT)
down = down_command
