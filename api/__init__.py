"""The faces of the system: REST, web console, command line, file formats."""
