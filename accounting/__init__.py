"""Gross ecosystem product: physical and monetary accounts by region, ecosystem type and service."""
