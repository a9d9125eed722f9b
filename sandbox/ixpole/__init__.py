"""The sandbox's iXpole: two tenants with instalments, customers and products."""
