"""The core: what moves, when and how. It knows neither Airflow nor any one system."""
