"""Requirements lowered to samplers: recognised forms are drawn exactly, the rest is left to bounded rejection."""
