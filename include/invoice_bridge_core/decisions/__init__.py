"""What people are asked in Airflow: kinds of questions, each with what is asked, and what an answer leads to."""
