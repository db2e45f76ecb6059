"""The web console: pages drawn here, whole, without a script."""
