"""The custom resources as models, and what is generated from them."""
