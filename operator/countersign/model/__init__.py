"""The words everything else is written in: frozen values that import nothing of ours."""
