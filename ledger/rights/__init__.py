"""Rights to use the environment: their rules as dated data, and their life in the registry."""
