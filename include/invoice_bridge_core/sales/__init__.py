"""Sales: what finance has really sent, shown in the source's projects."""
