"""Published deals and market figures: what of them can be recomputed, booked or only read."""
