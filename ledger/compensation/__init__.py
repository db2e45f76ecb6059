"""Ecological compensation (生态保护补偿): agreement, assessment by a formula, transfer."""
