"""Pictures as SVG, made of plain values: plots, bars, and graphs laid out in layers."""
