"""The streams of the tap, one module a family; ``table.py`` names them all."""
