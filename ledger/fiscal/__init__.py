"""Public money: the treasuries' charts as data, and budgets of energy."""
