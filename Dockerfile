# The official image with exactly the packages of requirements.lock; used by docker-compose.yaml.
FROM apache/airflow:3.3.2-python3.11
COPY requirements.lock /requirements.lock
RUN uv pip install --no-cache --require-hashes --requirement /requirements.lock
COPY --chown=airflow:0 dags /opt/airflow/dags
COPY --chown=airflow:0 plugins /opt/airflow/plugins
COPY --chown=airflow:0 include /opt/airflow/include
# The plugins folder has to be on the path when Python starts, or Airflow's core does not see the connection types.
ENV PYTHONPATH=/opt/airflow/include:/opt/airflow/plugins
