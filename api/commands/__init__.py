"""The commands of `gep`: one file for each group of them."""
