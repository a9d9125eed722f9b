"""Keeps the customers of a route's two systems in step, in the direction that the route names."""
