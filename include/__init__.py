"""The core of Invoice Bridge: pure Python that knows no Airflow and none of the four systems' wire formats."""
