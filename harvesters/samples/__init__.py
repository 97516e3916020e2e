"""The demo's sources, and the small server that speaks their protocols."""
