"""Markets: how a right and its price change hands, both or neither."""
