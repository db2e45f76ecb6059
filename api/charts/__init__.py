"""Charts as specifications, one noun a file: the same one draws the page and the report."""
