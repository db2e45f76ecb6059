"""How sure an account is: seeded draws of what it rests on, and what its spread comes from."""
