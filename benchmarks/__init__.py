"""What is measured: each command runs every figure beside its reference, in turns, in one run."""
